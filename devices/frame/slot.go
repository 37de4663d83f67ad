package frame

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Slot hands the newest frame from one stage to the next: a mailbox for one letter. [Slot.Put] replaces what
// was not fetched. The zero value is ready, and any goroutine may use it.
type Slot struct {
	mu        sync.Mutex
	newest    *Frame
	closed    bool
	ready     chan struct{} // made on demand; has room for one token
	watch     func()
	presented []time.Duration
}

// Put takes over the caller's reference to f and drops the frame that nobody fetched. A closed slot
// drops f. Put(nil) empties the slot, for a picture that has ended.
func (s *Slot) Put(f *Frame) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		f.Release()
		return
	}
	old := s.newest
	s.newest = f
	s.signal()
	watch := s.watch
	s.mu.Unlock()
	old.Release()
	if watch != nil {
		watch()
	}
}

// Take removes and returns the newest frame, which the caller then releases; nil when nothing came since
// the last Take.
func (s *Slot) Take() *Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.newest
	s.newest = nil
	return f
}

// Next waits for a frame and takes it. It returns ctx's error when that ends first, and [ErrClosed] once the slot
// is closed. One goroutine at a time may wait.
func (s *Slot) Next(ctx context.Context) (*Frame, error) {
	for {
		s.mu.Lock()
		if f := s.newest; f != nil {
			s.newest = nil
			s.mu.Unlock()
			return f, nil
		}
		if s.closed {
			s.mu.Unlock()
			return nil, ErrClosed
		}
		ready := s.channel()
		s.mu.Unlock()
		select {
		case <-ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Watch sets the function that every Put calls, on the goroutine that puts: it must return at once. Nil ends it;
// a call that was under way may still be running when Watch returns.
func (s *Slot) Watch(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = f
}

// Close drops the frame that is there, ends a [Slot.Next] that waits, and makes later puts drop theirs.
func (s *Slot) Close() {
	s.mu.Lock()
	old := s.newest
	s.newest, s.closed, s.watch = nil, true, nil
	s.signal()
	s.mu.Unlock()
	old.Release()
}

// mostPresented is how many ages are kept: of two seconds at the most that a screen can show.
const mostPresented = 128

// Presented notes the age that a frame had when it was shown; whoever draws frames of a known
// capture time calls it.
func (s *Slot) Presented(age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.presented) == mostPresented {
		s.presented = slices.Delete(s.presented, 0, 1)
	}
	s.presented = append(s.presented, age)
}

// PresentedAges returns what [Slot.Presented] was told since this was last asked, the oldest first: no more than the last 128.
func (s *Slot) PresentedAges() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	ages := s.presented
	s.presented = nil
	return ages
}

// channel and signal are called with mu held.
func (s *Slot) channel() chan struct{} {
	if s.ready == nil {
		s.ready = make(chan struct{}, 1)
	}
	return s.ready
}

func (s *Slot) signal() {
	select {
	case s.channel() <- struct{}{}:
	default:
	}
}
