package devices

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

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
// The caller closes the camera. Errors wrap [ErrNotFound], [ErrNotAllowed], [ErrNotReadable] or [ErrOverconstrained].
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
	case Default:
		preferred, err := defaultCamera()
		if err != nil {
			return nil, err
		}
		label = preferred
	}
	return cameras.attach(label, want)
}

// defaultCamera returns the first camera that may be opened, or why the first of all may not.
func defaultCamera() (string, error) {
	list := listCameras()
	for _, d := range list {
		if d.Err == nil {
			return d.Label, nil
		}
	}
	if len(list) > 0 {
		return "", list[0].Err
	}
	return "", ErrNotFound
}

// Label returns the camera's label: of the one that was chosen, when the label asked for was [Default].
func (c *Camera) Label() string { return c.label }

// Next waits for the newest picture that this handle has not had yet; older ones are dropped. The caller releases it.
// It returns ctx's error when that ends first, an error that wraps [ErrGone] when the camera was unplugged or its driver
// gave up, and [frame.ErrClosed] after Close. One goroutine at a time may wait.
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

// grabber is a running camera.
type grabber interface {
	// grab waits for the next picture. An error is the end.
	grab() (*frame.Frame, error)
	// close stops the camera and gives it back; a grab that waits returns, with an error. Called once.
	close()
}

// feed is one running camera and those who watch it.
type feed struct {
	ready chan struct{} // closed when opening has come to an end
	err   error         // of opening; set before ready is closed
	stop  chan struct{} // closed to stop
	ended chan struct{} // closed when the camera was given back

	stopping bool                      // stop is closed; guarded by the table's mu
	watchers atomic.Pointer[[]*Camera] // replaced under the table's mu, so that pictures are handed out without it
	lost     atomic.Pointer[error]     // why it ended by itself
}

// cameraTable holds the feeds of this program, one a label.
type cameraTable struct {
	open  func(label string, want Format) (grabber, error)
	mu    sync.Mutex
	feeds map[string]*feed
}

var cameras = cameraTable{open: openGrabber, feeds: map[string]*feed{}}

// attach returns a new handle on the feed of that label, which it starts if need be.
func (t *cameraTable) attach(label string, want Format) (*Camera, error) {
	c := &Camera{label: label, table: t}
	for {
		ending := t.join(c, want)
		if ending == nil {
			break
		}
		if !endsInTime(ending) {
			return nil, fmt.Errorf("%w: its driver does not let go", ErrNotReadable)
		}
	}
	<-c.feed.ready
	if c.feed.err != nil {
		return nil, c.feed.err
	}
	return c, nil
}

// join adds c to its feed. Where an earlier feed is about to end, it returns what to wait for instead.
func (t *cameraTable) join(c *Camera, want Format) (ending <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.feeds[c.label]
	if f != nil && f.stopping {
		return f.ended
	}
	if f == nil {
		f = &feed{ready: make(chan struct{}), stop: make(chan struct{}), ended: make(chan struct{})}
		f.watchers.Store(&[]*Camera{})
		t.feeds[c.label] = f
		go t.run(c.label, f, want)
	}
	watchers := append(slices.Clone(*f.watchers.Load()), c)
	f.watchers.Store(&watchers)
	c.feed = f
	return nil
}

// detach takes c from its feed, and stops that if c was the last.
func (t *cameraTable) detach(c *Camera) {
	f := c.feed
	t.mu.Lock()
	watchers := slices.DeleteFunc(slices.Clone(*f.watchers.Load()), func(w *Camera) bool { return w == c })
	f.watchers.Store(&watchers)
	last := len(watchers) == 0
	if last {
		t.stop(f)
	}
	t.mu.Unlock()
	if last {
		endsInTime(f.ended)
	}
}

// stop tells a feed to end. The caller holds mu.
func (t *cameraTable) stop(f *feed) {
	if !f.stopping {
		f.stopping = true
		close(f.stop)
	}
}

// run opens the camera, hands its pictures out, and gives it back.
func (t *cameraTable) run(label string, f *feed, want Format) {
	g, err := t.open(label, want)
	if f.err = err; err != nil {
		t.mu.Lock()
		t.stop(f) // so that nobody joins it any more
		t.mu.Unlock()
	}
	close(f.ready)
	if err == nil {
		read := make(chan struct{})
		go func() {
			defer close(read)
			t.lose(f, f.handOut(g))
		}()
		<-f.stop
		g.close()
		<-read
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.feeds, label)
	close(f.ended)
}

// handOut gives every picture to every watcher, until the camera ends.
func (f *feed) handOut(g grabber) error {
	for {
		picture, err := g.grab()
		if err != nil {
			return err
		}
		for _, c := range *f.watchers.Load() {
			c.slot.Put(picture.Retain())
		}
		picture.Release()
	}
}

// lose ends a feed whose camera has ended, and tells those who still watch it.
func (t *cameraTable) lose(f *feed, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.stopping {
		return // it was told to end
	}
	t.stop(f)
	err = fmt.Errorf("%w (%w)", ErrGone, err)
	f.lost.Store(&err)
	for _, c := range *f.watchers.Load() {
		c.slot.Close()
	}
}

func openGrabber(label string, want Format) (grabber, error) {
	if label == Pattern {
		return newPatternCamera(want)
	}
	return openCameraHardware(label, want)
}
