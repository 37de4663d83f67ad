package devices

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices/frame"
)

const (
	// openPatience is for a driver that opens; webcams have been seen to take five seconds.
	openPatience = 10 * time.Second
	// tolerance is the time in which a picture must come, though single ones are broken or late.
	tolerance = 4 * time.Second
	// settling is how long blank pictures are held back at the start: a sensor's first ones come before its exposure is set.
	settling = time.Second
	// brokenPause is between attempts to read, since a driver may fail at once.
	brokenPause = 10 * time.Millisecond
)

// grabber is a running camera.
type grabber interface {
	// grab waits for the next picture. An error is the end, unless it wraps errBroken.
	grab() (*frame.Frame, error)
	// close stops the camera and gives it back; a grab that waits returns, with an error. Called once.
	close()
}

// errBroken: there is a picture, but it cannot be used; the next one may be whole.
var errBroken = errors.New("broken picture")

// feed is one running camera and those who watch it. It has two goroutines, one that reads and one that closes, and a driver that
// hangs keeps them; nobody else waits for it.
type feed struct {
	ready chan struct{} // closed when the first picture is there, or opening has failed
	err   error         // of opening; set before ready is closed
	stop  chan struct{} // closed to stop
	ended chan struct{} // closed when the camera was given back

	started  bool                      // ready is closed; guarded by the table's mu
	stopping bool                      // stop is closed; guarded by the table's mu
	watchers atomic.Pointer[[]*Camera] // replaced under the table's mu, so that pictures are handed out without it
	lost     atomic.Pointer[error]     // why it ended by itself
	broken   atomic.Pointer[error]     // the last picture that could not be used
	steps    atomic.Int32              // of the guard, since the last picture
}

// cameraTable holds the feeds of this program, one a label.
type cameraTable struct {
	open  func(label string, want Format) (grabber, error)
	mu    sync.Mutex
	feeds map[string]*feed
}

var cameras = cameraTable{open: openGrabber, feeds: map[string]*feed{}}

func openGrabber(label string, want Format) (grabber, error) {
	if label == Pattern {
		return newPatternCamera(want)
	}
	return openCameraHardware(label, want)
}

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
	c.feed = f
	if f == nil {
		c.feed = &feed{ready: make(chan struct{}), stop: make(chan struct{}), ended: make(chan struct{})}
		c.feed.watchers.Store(&[]*Camera{c})
		t.feeds[c.label] = c.feed
		go t.run(c.label, c.feed, want)
		return nil
	}
	watchers := append(slices.Clone(*f.watchers.Load()), c)
	f.watchers.Store(&watchers)
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
		f.halt()
	}
	t.mu.Unlock()
	if last {
		endsInTime(f.ended)
	}
}

// halt tells a feed to end. The caller holds the table's mu.
func (f *feed) halt() {
	if !f.stopping {
		f.stopping = true
		close(f.stop)
	}
}

// run opens the camera, has its pictures handed out, and gives it back.
func (t *cameraTable) run(label string, f *feed, want Format) {
	slow := time.AfterFunc(openPatience, func() {
		t.fail(f, fmt.Errorf("%w: its driver does not answer", ErrNotReadable))
	})
	g, err := t.open(label, want)
	slow.Stop()
	if err == nil {
		read := make(chan struct{})
		go func() {
			defer close(read)
			t.fail(f, t.handOut(f, g))
		}()
		if _, drawn := g.(*patternCamera); !drawn { // which is late on a slow machine, but never hangs
			t.guard(f)
		}
		<-f.stop
		g.close()
		<-read
	} else {
		t.fail(f, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.feeds, label)
	close(f.ended)
}

// handOut gives every picture to every watcher, until the camera ends.
func (t *cameraTable) handOut(f *feed, g grabber) error {
	opened, started := time.Now(), false
	for {
		picture, err := g.grab()
		switch {
		case errors.Is(err, errBroken):
			f.broken.Store(&err)
			if f.stopsWithin(brokenPause) {
				return err
			}
			continue
		case err != nil:
			return err
		case !started && time.Since(opened) < settling && isBlank(picture.YCbCr):
			picture.Release()
			continue
		}
		f.steps.Store(0)
		for _, c := range *f.watchers.Load() {
			c.slot.Put(picture.Retain())
		}
		picture.Release()
		if !started {
			started = true
			t.start(f)
		}
	}
}

// guard waits until the feed is told to stop, and tells it to once no picture has come for the tolerance. It counts steps, of which one that
// comes late counts as one, so that the time in which the machine slept or the program did not get to run is not the camera's fault.
func (t *cameraTable) guard(f *feed) {
	const steps = 8
	tick := time.NewTicker(tolerance / steps)
	defer tick.Stop()
	for {
		select {
		case <-f.stop:
			return
		case <-tick.C:
			if f.steps.Add(1) > steps {
				t.fail(f, noPicture(f.broken.Load()))
			}
		}
	}
}

func noPicture(broken *error) error {
	if broken != nil {
		return fmt.Errorf("no picture for %v, the last was none: %w", tolerance, *broken)
	}
	return fmt.Errorf("no picture for %v", tolerance)
}

func (f *feed) stopsWithin(d time.Duration) bool {
	select {
	case <-f.stop:
		return true
	case <-time.After(d):
		return false
	}
}

// start tells those who wait for the camera that it runs.
func (t *cameraTable) start(f *feed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !f.started {
		f.started = true
		close(f.ready)
	}
}

// fail ends a feed whose camera has ended or does not start, and tells those who watch it or wait for it.
func (t *cameraTable) fail(f *feed, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.stopping {
		return // it was told to end
	}
	f.halt()
	if !f.started {
		f.started, f.err = true, asCameraError(err)
		close(f.ready)
		return
	}
	err = fmt.Errorf("%w (%w)", ErrGone, err)
	f.lost.Store(&err)
	for _, c := range *f.watchers.Load() {
		c.slot.Close()
	}
}
