package devices

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"parley/devices/frame"
)

// Format is what a camera is asked for. It gives the nearest that it can do. A zero field means the usual: 1280x720
// at 30 frames a second.
type Format struct {
	Width, Height int     // pixels
	FrameRate     float64 // a second
}

func (f Format) orUsual() Format {
	if f.Width <= 0 || f.Height <= 0 {
		f.Width, f.Height = 1280, 720
	}
	if f.FrameRate <= 0 {
		f.FrameRate = 30
	}
	return f
}

// Camera is one user's handle on a camera that is open. A camera may have several, in a preview and a call for example; they
// share one running driver. Its methods may be called from any goroutine.
type Camera struct {
	label string
	table *cameraTable
	feed  *feed
	slot  frame.Slot
	close sync.Once
}

// OpenCamera opens a camera by its label; [Default] is the first that may be opened, and [Pattern] the test camera, which draws
// with the source os.Getpid() % 4096 of package devices/pattern. It may take seconds. The first handle's want counts: later ones
// get what is running.
//
// It returns when the first picture is there. Where the system asks the user for permission, it waits for the answer.
//
// The caller closes the camera. Errors wrap [ErrNotFound], [ErrNotAllowed], [ErrNotReadable], as an [*InUseError] where the program that
// has the camera is known, or [ErrOverconstrained].
func OpenCamera(label string, want Format) (*Camera, error) {
	c, err := openCamera(label, want.orUsual())
	if err != nil {
		return nil, fmt.Errorf("camera %q: %w", label, err)
	}
	return c, nil
}

func openCamera(label string, want Format) (*Camera, error) {
	switch label {
	case None:
		return nil, ErrNotFound
	case Pattern:
		return cameras.attach(label, want)
	}
	if err := cameraPermission(); err != nil {
		return nil, err
	}
	if label == Default || label == anyCamera {
		preferred, err := defaultCamera()
		if err != nil {
			return nil, err
		}
		label = preferred
	}
	return cameras.attach(label, want)
}

// anyCamera is listed for all cameras, where the system tells their names only when the user has agreed. It opens as [Default] does.
const anyCamera = "Camera"

// defaultCamera returns the camera that the list marks, or why it may not be opened.
func defaultCamera() (string, error) {
	for _, d := range preferFirst(listCameras()) {
		if d.Default {
			return d.Label, d.Err
		}
	}
	return "", ErrNotFound
}

// Label returns the camera's label: of the one that was chosen, when the label asked for was [Default].
func (c *Camera) Label() string { return c.label }

// Next waits for the newest picture that this handle has not had yet; older ones are dropped. The caller releases it.
// It returns ctx's error when that ends first, an error that wraps [ErrGone] when the camera was unplugged or gave no
// picture for four seconds, and [frame.ErrClosed] after Close. One goroutine at a time may wait.
func (c *Camera) Next(ctx context.Context) (*frame.Frame, error) {
	f, err := c.slot.Next(ctx)
	if errors.Is(err, frame.ErrClosed) {
		if lost := c.feed.lost.Load(); lost != nil {
			return nil, fmt.Errorf("camera %q: %w", c.label, *lost)
		}
	}
	return f, err
}

// Close gives the handle back; the last one stops the camera and puts its lamp out. It does not wait long for a driver
// that hangs. A second call does nothing. The error is always nil.
func (c *Camera) Close() error {
	c.close.Do(func() {
		c.slot.Close()
		c.table.detach(c)
	})
	return nil
}
