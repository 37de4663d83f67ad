package audio

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices"
)

const (
	// A device that gave no block between so many checks is taken to be gone: some sound systems say nothing when a device is unplugged or
	// their server dies. That is told within 3 s. Checks are counted, not time: a program that was stopped for a while, device
	// and all, has missed them too.
	stalledChecks = 4
	stalledCheck  = 500 * time.Millisecond
	// handoverLimit is how long a device that is replaced may take to fade out.
	handoverLimit = 250 * time.Millisecond
)

// errStalled is why a device was given up that still claims to run.
var errStalled = errors.New("no sound for 2 s")

// Device is an open microphone or speaker, as package devices makes them. If it has a method Hardware() bool that returns true, the
// engine processes its sound; see [Engine.SetProcessing].
type Device interface {
	Label() string         // of the device that was opened
	Close() error          // no call of the device's function begins after it returned
	Done() <-chan struct{} // closed when the device ended by itself
	Err() error            // why it ended by itself
}

// session is one opening of a device.
type session struct {
	asked    string // the label that it was opened by
	device   Device
	hardware bool
	beats    atomic.Int64  // how often its function was called
	clock    clock         // of the device's thread
	fast     share         // what the clock says
	stop     chan struct{} // tells the watch to end
	ended    chan struct{} // closed when the watch ended
}

// alive is called with every block, on the device's thread.
func (s *session) alive() {
	now := time.Now()
	s.beats.Add(1)
	s.clock.add(BlockSize, now)
	s.fast.store(s.clock.fast)
}

// junction lets the sound of one session go over into that of the next; nil is none. The channel that it returns is closed when the one
// before is no longer needed.
type junction interface {
	swap(next *session) (over <-chan struct{})
}

// holder holds the one microphone, or the one speaker, that is in use: it opens, replaces, watches and closes it.
type holder struct {
	kind     devices.Kind
	open     func(s *session) (Device, error) // opens s.asked, and lets its blocks go to the junction
	junction junction
	onChange func() // told of everything that state tells; not called with a lock held

	changing sync.Mutex // held while a device is opened or closed, which may take a second; guards closed and last
	closed   bool
	last     *session // the one opened last; it may have ended

	mu      sync.Mutex // held for a moment
	label   string
	err     error
	current *session // the one that runs; nil when none does
}

// state returns the label that was asked for last, that of the device which runs, and why that is not the one asked for.
func (h *holder) state() (label, using string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current != nil {
		using = h.current.device.Label()
	}
	return h.label, using, h.err
}

// missing returns why no device runs; nil when one does.
func (h *holder) missing() error {
	_, using, err := h.state()
	switch {
	case using != "":
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("no %s: %w", h.kind, devices.ErrNotFound)
}

func (h *holder) running() *session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.current
}

// note records what became of a wish.
func (h *holder) note(label string, err error) {
	h.mu.Lock()
	h.label, h.err = label, err
	h.mu.Unlock()
	h.onChange()
}

// set opens a device, lets it take over from the one before, and closes that. If it cannot be opened, the one before goes on.
func (h *holder) set(label string) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	if h.closed {
		return ErrClosed
	}
	running := h.running()
	if running == nil {
		h.endLast() // a device that ended by itself may still be closing, and then could not be opened again
	} else if running.asked == label {
		if wish, _, err := h.state(); wish != label || err != nil {
			h.note(label, nil)
		}
		return nil
	}
	s, err := h.start(label)
	if running != nil && errors.Is(err, devices.ErrNotReadable) && (label == devices.Default || label == running.device.Label()) {
		s, err = h.reopen(running, label)
	}
	if s != nil {
		h.replace(s)
	}
	h.note(label, err)
	return err
}

// clear closes the device. There is none from then on, and that is label's wish.
func (h *holder) clear(label string) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	if h.closed {
		return ErrClosed
	}
	h.replace(nil)
	h.note(label, nil)
	return nil
}

// start opens a device.
func (h *holder) start(label string) (*session, error) {
	s := &session{asked: label, stop: make(chan struct{}), ended: make(chan struct{})}
	device, err := h.open(s)
	if err != nil {
		return nil, fmt.Errorf("open the %s: %w", h.kind, err)
	}
	s.device = device
	if h, ok := device.(interface{ Hardware() bool }); ok {
		s.hardware = h.Hardware()
	}
	return s, nil
}

// reopen opens a device by another label after it closed the one that runs, since both may be the same hardware, which
// some systems open once only. If that was not it, the one before comes back, and why the other does not run is told.
func (h *holder) reopen(running *session, label string) (*session, error) {
	h.endLast()
	s, err := h.start(label)
	if err != nil {
		s, _ = h.start(running.asked) // it ran a moment ago; if not any more, the first error is the one that was asked about
	}
	if s == nil {
		h.replace(nil)
	}
	return s, err
}

// replace makes next the session that counts, and ends the one before once the sound has gone over.
func (h *holder) replace(next *session) {
	before := h.last
	h.mu.Lock()
	h.current = next
	over := h.junction.swap(next)
	h.mu.Unlock()
	if next != nil {
		go h.watch(next)
	}
	if before != nil && next != nil {
		limit := time.NewTimer(handoverLimit)
		select {
		case <-over:
		case <-before.ended: // it will not fade any more
		case <-limit.C:
		}
		limit.Stop()
	}
	h.endLast()
	h.last = next
}

// endLast closes the device opened last, or waits for it if it is closing.
func (h *holder) endLast() {
	if h.last != nil {
		close(h.last.stop)
		<-h.last.ended
		h.last = nil
	}
}

// watch closes the device of a session when it is replaced, ends by itself, or has gone silent.
func (h *holder) watch(s *session) {
	defer close(s.ended)
	check := time.NewTicker(stalledCheck)
	defer check.Stop()
	var p pulse
	for {
		select {
		case <-s.stop:
			_ = s.device.Close() // it is not needed any more, whatever it says
			return
		case <-s.device.Done():
			h.fail(s, fmt.Errorf("%s %q: %w", h.kind, s.device.Label(), ended(s.device.Err())))
			return
		case <-check.C:
			if p.stopped(s.beats.Load()) {
				h.fail(s, fmt.Errorf("%s %q: %w: %w", h.kind, s.device.Label(), devices.ErrGone, errStalled))
				return
			}
		}
	}
}

// pulse tells whether a device is alive.
type pulse struct {
	beats  int64
	silent int // checks since the last beat
}

// stopped is asked at each check, with the beats so far.
func (p *pulse) stopped(beats int64) bool {
	p.silent++
	if beats != p.beats {
		p.beats, p.silent = beats, 0
	}
	return p.silent >= stalledChecks
}

// ended is the reason of a device that ended by itself.
func ended(err error) error {
	if err == nil {
		return devices.ErrGone
	}
	return err
}

// fail records that a session ended by itself. It stays closed until a device is set again.
func (h *holder) fail(s *session, err error) {
	h.mu.Lock()
	counts := h.current == s
	if counts {
		h.current, h.err = nil, err
		h.junction.swap(nil)
	}
	h.mu.Unlock()
	if counts {
		h.onChange()
	}
	_ = s.device.Close() // it is gone already; this may take a while
}

// close ends the session that runs, and lets no other begin.
func (h *holder) close() {
	h.changing.Lock()
	defer h.changing.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	h.mu.Lock()
	h.current, h.err = nil, ErrClosed
	h.junction.swap(nil)
	h.mu.Unlock()
	h.endLast()
}
