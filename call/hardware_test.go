package call_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/call"
	"parley/call/audio"
	"parley/devices"
	"parley/devices/frame"
)

// hardware is a machine whose devices a test plugs in and pulls out. Its cameras give 25 pictures a second.
type hardware struct {
	t       *testing.T
	loudest atomic.Int32 // sample that a speaker played

	mu      sync.Mutex
	sockets []*socket
	changed func() // told after each change
	opening int    // cameras that were asked for, in vain or not
	open    map[string]int
	most    map[string]int // handles of a camera at once
}

// socket is where a device is plugged in.
type socket struct {
	devices.Device
	opens  time.Duration // how long it takes to open
	first  time.Duration // and until its first picture
	pulled chan struct{} // closed when it is pulled out
}

const fakeFrame = 40 * time.Millisecond

func newHardware(t *testing.T) *hardware {
	return &hardware{t: t, changed: func() {}, open: map[string]int{}, most: map[string]int{}}
}

// media returns a local side with that hardware.
func (h *hardware) media() *call.Media {
	return call.NewMedia(call.MediaConfig{
		OpenCamera: h.openCamera, OpenMicrophone: h.openMicrophone, OpenSpeaker: h.openSpeaker, OpenScreen: h.openScreen,
		List: h.list, WatchDevices: h.watch,
	})
}

func (h *hardware) plug(kind devices.Kind, label string, change ...func(*socket)) {
	s := &socket{Device: devices.Device{Kind: kind, Label: label}, pulled: make(chan struct{})}
	for _, c := range change {
		c(s)
	}
	h.mu.Lock()
	h.sockets = append(h.sockets, s)
	h.mu.Unlock()
	h.changed()
}

func (h *hardware) pull(kind devices.Kind, label string) {
	h.mu.Lock()
	s := h.find(kind, label)
	h.sockets = slices.DeleteFunc(h.sockets, func(other *socket) bool { return other == s })
	h.mu.Unlock()
	if s != nil {
		close(s.pulled)
		h.changed()
	}
}

// alter changes what the list says of a device.
func (h *hardware) alter(kind devices.Kind, label string, change func(*socket)) {
	h.mu.Lock()
	if s := h.find(kind, label); s != nil {
		change(s)
	}
	h.mu.Unlock()
	h.changed()
}

func failing(err error) func(*socket) { return func(s *socket) { s.Err = err } }

func preferred(is bool) func(*socket) { return func(s *socket) { s.Default = is } }

// find is called with mu held.
func (h *hardware) find(kind devices.Kind, label string) *socket {
	for _, s := range h.sockets {
		if s.Kind == kind && s.Label == label {
			return s
		}
	}
	return nil
}

func (h *hardware) list(kind devices.Kind) []devices.Device {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []devices.Device
	for _, s := range h.sockets {
		if s.Kind == kind {
			list = append(list, s.Device)
		}
	}
	if kind == devices.KindCamera {
		list = append(list, devices.Device{Kind: kind, Label: devices.Pattern, Test: true})
	}
	return list
}

func (h *hardware) watch(ctx context.Context, changed func()) {
	h.mu.Lock()
	h.changed = changed
	h.mu.Unlock()
	changed()
	<-ctx.Done()
}

// take opens a device, or says why not.
func (h *hardware) take(kind devices.Kind, label string) (*socket, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if kind == devices.KindCamera {
		h.opening++
	}
	if label == devices.Default {
		for _, s := range h.sockets {
			if s.Kind == kind && s.Err == nil {
				return s, nil
			}
		}
	}
	s := h.find(kind, label)
	if s == nil {
		return nil, fmt.Errorf("%s %q: %w", kind, label, devices.ErrNotFound)
	}
	return s, s.Err
}

// cameraHandle is a handle on a camera, or a screen.
type cameraHandle struct {
	h      *hardware
	socket *socket
	next   time.Time
	closed chan struct{}
}

func (h *hardware) openCamera(label string, _ devices.Format) (call.Camera, error) {
	return h.handle(devices.KindCamera, label)
}

func (h *hardware) openScreen(s call.Share, _ string) (call.Screen, error) {
	c, err := h.handle(s.Kind, s.Label)
	if err != nil {
		return nil, err
	}
	return screenHandle{c}, nil
}

type screenHandle struct{ *cameraHandle }

func (screenHandle) Restore() string { return "" }

func (h *hardware) handle(kind devices.Kind, label string) (*cameraHandle, error) {
	s, err := h.take(kind, label)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.open[s.Label]++
	h.most[s.Label] = max(h.most[s.Label], h.open[s.Label])
	first := h.open[s.Label] == 1
	h.mu.Unlock()
	if first {
		time.Sleep(s.opens)
	}
	return &cameraHandle{h: h, socket: s, next: time.Now().Add(s.first), closed: make(chan struct{})}, nil
}

func (c *cameraHandle) Label() string { return c.socket.Label }

func (c *cameraHandle) Next(ctx context.Context) (*frame.Frame, error) {
	timer := time.NewTimer(time.Until(c.next))
	defer timer.Stop()
	select {
	case <-c.socket.pulled:
		return nil, fmt.Errorf("%q: %w", c.socket.Label, devices.ErrGone)
	case <-c.closed:
		return nil, frame.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
	}
	c.next = time.Now().Add(fakeFrame)
	f := frame.New(32, 32)
	f.Captured = time.Now()
	f.Y[0] = c.socket.Label[len(c.socket.Label)-1] // says which camera drew it
	return f, nil
}

func (c *cameraHandle) Close() error {
	select {
	case <-c.closed:
		c.h.t.Errorf("a handle of %q was closed twice", c.socket.Label)
		return nil
	default:
	}
	close(c.closed)
	c.h.mu.Lock()
	c.h.open[c.socket.Label]--
	c.h.mu.Unlock()
	return nil
}

// soundDevice is a microphone or a speaker that runs.
type soundDevice struct {
	h      *hardware
	socket *socket
	done   chan struct{} // closed when it ended by itself
	quit   chan struct{}
	work   sync.WaitGroup
	once   sync.Once
}

func (h *hardware) openMicrophone(label string, channels int, block func([]int16, time.Time)) (audio.Device, error) {
	samples := make([]int16, channels*devices.BlockSamples)
	return h.sound(devices.KindMicrophone, label, func() { block(samples, time.Now()) })
}

func (h *hardware) openSpeaker(label string, channels int, fill func([]int16)) (audio.Device, error) {
	samples := make([]int16, channels*devices.BlockSamples)
	return h.sound(devices.KindSpeaker, label, func() {
		fill(samples)
		h.loudest.Store(max(h.loudest.Load(), int32(slices.Max(samples))))
	})
}

func (h *hardware) sound(kind devices.Kind, label string, step func()) (audio.Device, error) {
	s := &socket{Device: devices.Device{Kind: kind, Label: label}, pulled: make(chan struct{})}
	if label != devices.None {
		var err error
		if s, err = h.take(kind, label); err != nil {
			return nil, err
		}
	}
	d := &soundDevice{h: h, socket: s, done: make(chan struct{}), quit: make(chan struct{})}
	h.mu.Lock()
	h.open[s.Label]++
	h.mu.Unlock()
	d.work.Go(func() {
		tick := time.NewTicker(devices.BlockDuration)
		defer tick.Stop()
		for {
			select {
			case <-d.quit:
				return
			case <-s.pulled:
				close(d.done)
				return
			case <-tick.C:
				step()
			}
		}
	})
	return d, nil
}

func (d *soundDevice) Label() string         { return d.socket.Label }
func (d *soundDevice) Done() <-chan struct{} { return d.done }
func (d *soundDevice) Err() error            { return fmt.Errorf("%q: %w", d.socket.Label, devices.ErrGone) }

func (d *soundDevice) Close() error {
	again := true
	d.once.Do(func() {
		again = false
		close(d.quit)
		d.work.Wait()
		d.h.mu.Lock()
		d.h.open[d.socket.Label]--
		d.h.mu.Unlock()
	})
	if again {
		d.h.t.Errorf("the %s %q was closed twice", d.socket.Kind, d.socket.Label)
	}
	return nil
}

// opened returns how often cameras were asked for so far.
func (h *hardware) opened() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.opening
}

// expectClosed fails for every handle that is open, but for those of a label.
func (h *hardware) expectClosed(but ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for label, n := range h.open {
		if n != 0 && !slices.Contains(but, label) {
			h.t.Errorf("%d handles of %q are open", n, label)
		}
	}
	for label, n := range h.most {
		if n > 2 {
			h.t.Errorf("%q had %d handles at once", label, n)
		}
	}
}

// expect checks what is in use of a kind: the label of what runs, "" for nothing, and the sentinel of what is told.
func expect(t *testing.T, m *call.Media, kind devices.Kind, using string, err error) {
	t.Helper()
	c := m.Choice(kind)
	if c.Using != using || c.Open != (using != "") || !errors.Is(c.Err, err) || c.Opening {
		t.Errorf("the %s: %+v; want %q and %v", kind, c, using, err)
	}
}
