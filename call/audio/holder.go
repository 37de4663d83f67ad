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
	// stalled is the age of the last block after which a device is taken to be gone: some sound systems say nothing when
	// a device is unplugged or their server dies.
	stalled      = 3 * time.Second
	stalledCheck = 500 * time.Millisecond
)

// errStalled is why a device was given up that still claims to run.
var errStalled = errors.New("no sound for 3 s")

// Device is an open microphone or speaker, as package devices makes them.
type Device interface {
	Label() string         // of the device that was opened
	Close() error          // no call of the device's function begins after it returned
	Done() <-chan struct{} // closed when the device ended by itself
	Err() error            // why it ended by itself
}

// session is one opening of a device.
type session struct {
	device Device
	beat   atomic.Int64 // when its function was last called, in ns after start
	start  time.Time
	stop   chan struct{} // tells the watch to end
	ended  chan struct{} // closed when the watch ended
}

// alive is called with every block.
func (s *session) alive() { s.beat.Store(int64(time.Since(s.start))) }

func (s *session) age() time.Duration {
	return time.Since(s.start) - time.Duration(s.beat.Load())
}

// holder holds the one microphone, or the one speaker, that is in use: it opens, replaces, watches and closes it.
type holder struct {
	kind     devices.Kind
	onChange func() // told of everything that state tells; not called with a lock held

	changing sync.Mutex // held while a device is opened or closed, which may take a second; guards closed and last
	closed   bool
	last     *session // the one opened last; it may have ended

	current atomic.Pointer[session] // whose calls count; nil when none does

	mu    sync.Mutex // held for a moment
	label string
	err   error
}

// state returns the label that was asked for last, and why that device does not run, if so.
func (h *holder) state() (label string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.label, h.err
}

// set opens a device, lets it take over from the one before, and closes that. With open nil there is no device from then on.
// If the device cannot be opened, there is none either: a user who turned away from a microphone is not heard through it.
func (h *holder) set(label string, open func(*session) (Device, error)) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	if h.closed {
		return ErrClosed
	}
	if open == nil {
		h.replace(nil, label, nil)
		return nil
	}
	if was, _ := h.state(); h.current.Load() == nil {
		h.endLast() // a device that ended by itself may still be closing, and then could not be opened again
	} else if was == label {
		return nil
	}
	s := &session{start: time.Now(), stop: make(chan struct{}), ended: make(chan struct{})}
	device, err := open(s)
	if err != nil {
		err = fmt.Errorf("open the %s: %w", h.kind, err)
		h.replace(nil, label, err)
		return err
	}
	s.device = device
	s.alive()
	h.replace(s, label, nil)
	return nil
}

// replace makes next the session that counts, and ends the one before.
func (h *holder) replace(next *session, label string, err error) {
	h.mu.Lock()
	h.label, h.err = label, err
	h.current.Store(next)
	h.mu.Unlock()
	h.endLast()
	if next != nil {
		h.last = next
		go h.watch(next)
	}
	h.onChange()
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
	for {
		select {
		case <-s.stop:
			_ = s.device.Close() // it is not needed any more, whatever it says
			return
		case <-s.device.Done():
			h.fail(s, fmt.Errorf("%s %q: %w", h.kind, s.device.Label(), ended(s.device.Err())))
			return
		case <-check.C:
			if s.age() > stalled {
				h.fail(s, fmt.Errorf("%s %q: %w: %w", h.kind, s.device.Label(), devices.ErrGone, errStalled))
				return
			}
		}
	}
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
	counts := h.current.CompareAndSwap(s, nil)
	if counts {
		h.err = err
	}
	h.mu.Unlock()
	_ = s.device.Close() // it is gone already
	if counts {
		h.onChange()
	}
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
	h.current.Store(nil)
	h.mu.Unlock()
	h.endLast()
}
