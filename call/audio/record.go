package audio

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxRecording bounds what a recording takes of memory: 6 MB.
const maxRecording = time.Minute

// Record returns what the microphone hears from now on, on one channel, for that long, a minute at the most, muted or not. progress, if not nil, is
// called now and then, on the caller's goroutine, with how much is done, 0 to 1. An error is that of ctx, or says, wrapping a
// sentinel of package devices or as [ErrClosed], why there is no microphone, or none any more.
func (e *Engine) Record(ctx context.Context, length time.Duration, progress func(done float64)) ([]int16, error) {
	t := e.sender.taps.open(int(toSamples(min(max(length, 0), maxRecording))))
	defer e.sender.taps.close(t)
	if err := e.microphone.missing(); err != nil {
		return nil, err
	}
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-t.done:
			if t.err != nil {
				return nil, t.err
			}
			return t.samples, nil
		case <-t.more:
			if progress != nil {
				progress(e.sender.taps.progress(t))
			}
		}
	}
}

// tap gathers a length of sound.
type tap struct {
	samples []int16       // as many as there is room for
	more    chan struct{} // holds a token when samples have come
	done    chan struct{} // closed when all have, or none will come; samples and err stay as they are then
	err     error
	ended   bool
}

func (t *tap) end(err error) {
	if !t.ended {
		t.ended, t.err = true, err
		close(t.done)
	}
}

// taps are those that gather now. Any goroutine may use them; adding sound does not allocate.
type taps struct {
	mu  sync.Mutex // held for the copy of a block
	all []*tap
}

// open returns a tap for that many samples, to be closed.
func (s *taps) open(samples int) *tap {
	t := &tap{samples: make([]int16, 0, samples), more: make(chan struct{}, 1), done: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, t)
	return t
}

func (s *taps) close(t *tap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(other *tap) bool { return other == t })
}

func (s *taps) add(samples []int16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.all {
		if t.ended {
			continue
		}
		n := min(len(samples), cap(t.samples)-len(t.samples))
		t.samples = append(t.samples, samples[:n]...)
		select {
		case t.more <- struct{}{}:
		default:
		}
		if len(t.samples) == cap(t.samples) {
			t.end(nil)
		}
	}
}

// fail ends all with an error.
func (s *taps) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.all {
		t.end(err)
	}
}

func (s *taps) progress(t *tap) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(len(t.samples)) / float64(max(1, cap(t.samples)))
}
