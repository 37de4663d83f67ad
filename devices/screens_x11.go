//go:build linux

package devices

import (
	"errors"
	"fmt"
	"image"
	"strings"
	"sync"

	"parley/devices/frame"
	"parley/devices/x11"
)

// listX11 returns the monitors or windows of the X server; nothing where there is none.
func listX11(kind Kind) []Device {
	var list []Device
	if kind == KindScreen {
		monitors, _ := x11.Monitors() // without an X server there is nothing to list
		for _, m := range monitors {
			list = append(list, Device{Kind: kind, Label: monitorLabel(m), Default: m.Primary})
		}
		return list
	}
	windows, _ := x11.Windows() // as above
	for _, w := range theWindows.update(windows) {
		list = append(list, Device{Kind: kind, Label: w.label})
	}
	return list
}

func openX11(kind Kind, label string, want ScreenFormat) (*Screen, error) {
	found, err := findX11(kind, label)
	if err != nil {
		return nil, err
	}
	capture, err := found.open(want.FrameRate)
	if err != nil {
		return nil, classifyX11(err)
	}
	return startScreen(found.label, "", x11Source{capture}), nil
}

func thumbnailX11(kind Kind, label string, width, height int) (image.Image, error) {
	found, err := findX11(kind, label)
	if err != nil {
		return nil, err
	}
	img, err := found.picture(width, height)
	if err != nil {
		return nil, classifyX11(err)
	}
	return img, nil
}

// inX11 is a monitor, or a window where monitor is empty.
type inX11 struct {
	label   string
	monitor string
	window  uint32
}

func (i inX11) open(rate float64) (*x11.Capture, error) {
	if i.monitor != "" {
		return x11.OpenMonitor(i.monitor, rate)
	}
	return x11.OpenWindow(i.window, rate)
}

func (i inX11) picture(width, height int) (*image.RGBA, error) {
	if i.monitor != "" {
		return x11.MonitorPicture(i.monitor, width, height)
	}
	return x11.WindowPicture(i.window, width, height)
}

func findX11(kind Kind, label string) (inX11, error) {
	if kind == KindScreen {
		monitors, err := x11.Monitors()
		if err != nil {
			return inX11{}, classifyX11(err)
		}
		return findMonitor(monitors, label)
	}
	windows, err := x11.Windows()
	if err != nil {
		return inX11{}, classifyX11(err)
	}
	if w, ok := find(theWindows.update(windows), label); ok {
		return inX11{label: w.label, window: w.id}, nil
	}
	return inX11{}, ErrNotFound
}

// monitorLabel tells people which monitor it is.
func monitorLabel(m x11.Monitor) string {
	return fmt.Sprintf("%s, %d × %d", m.Name, m.Bounds.Dx(), m.Bounds.Dy())
}

// findMonitor knows a monitor by its output, though it has another size than when it was listed.
func findMonitor(monitors []x11.Monitor, label string) (inX11, error) {
	name := label
	if comma := strings.LastIndex(label, ", "); comma >= 0 {
		name = label[:comma]
	}
	for _, m := range monitors {
		if m.Name == name || label == Default && m.Primary {
			return inX11{label: monitorLabel(m), monitor: m.Name}, nil
		}
	}
	return inX11{}, ErrNotFound
}

// namedWindow is a window and its label.
type namedWindow struct {
	id     uint32
	title  string
	label  string
	before string // the label it had until its title changed
}

// windowTable keeps what windows are called from one listing to the next: the second of two with the same title stays the
// second when it comes to the front, and one whose title has changed is still found by what the user has seen.
type windowTable struct {
	mu   sync.Mutex
	byID map[uint32]namedWindow // the windows of the latest listing
}

var theWindows windowTable

// update gives every window of a new listing its label.
func (t *windowTable) update(windows []x11.Window) []namedWindow {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := newLabels()
	names[Ask] = true
	list := make([]namedWindow, len(windows))
	for i, w := range windows {
		list[i] = namedWindow{id: w.ID, title: w.Title}
		if earlier, ok := t.byID[w.ID]; ok {
			list[i].before = earlier.label
			if earlier.title == w.Title && !names[earlier.label] {
				list[i] = earlier
				names[earlier.label] = true
			}
		}
	}
	t.byID = make(map[uint32]namedWindow, len(list))
	for i, w := range list {
		if w.label == "" {
			list[i].label = names.unique(w.title)
		}
		t.byID[w.id] = list[i]
	}
	return list
}

// find looks for a label, first among those of now.
func find(list []namedWindow, label string) (namedWindow, bool) {
	for _, w := range list {
		if w.label == label {
			return w, true
		}
	}
	for _, w := range list {
		if w.before == label {
			return w, true
		}
	}
	return namedWindow{}, false
}

// x11Source is a capture as a Screen wants it.
type x11Source struct{ capture *x11.Capture }

func (g x11Source) grab() (*frame.Frame, error) {
	f, err := g.capture.Grab()
	if err != nil {
		return nil, classifyX11(err)
	}
	return f, nil
}

func (g x11Source) close() { g.capture.Close() }

// classifyX11 says in this package's words what went wrong.
func classifyX11(err error) error {
	kind := ErrNotReadable
	switch {
	case errors.Is(err, x11.ErrClosed):
		return frame.ErrClosed
	case errors.Is(err, x11.ErrGone):
		kind = ErrGone
	case errors.Is(err, x11.ErrNotFound), errors.Is(err, x11.ErrNoDisplay):
		kind = ErrNotFound
	case errors.Is(err, x11.ErrUnsupported):
		kind = ErrOverconstrained
	}
	return fmt.Errorf("%w (%v)", kind, err)
}
