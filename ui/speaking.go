package ui

import (
	"maps"
	"sync"
	"time"
)

const (
	loud      = 0.3                    // a level, -42 dBFS, from which on somebody counts as speaking; a quiet room is below
	afterglow = 600 * time.Millisecond // how long they do after that, so that the ring does not flicker
)

// speakers keeps who is speaking, for the pulse that finds out and the UI goroutine that shows it.
type speakers struct {
	mu    sync.Mutex
	loud  map[string]time.Time
	now   map[string]bool
	clock int // whole seconds of the call
}

// listen takes the levels of this moment, and says whether anything looks different now.
func (s *speakers) listen(levels map[string]float64, now time.Time, seconds int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loud == nil {
		s.loud = make(map[string]time.Time)
	}
	speaking := make(map[string]bool)
	for id, level := range levels {
		if level >= loud {
			s.loud[id] = now
		}
		if at, ok := s.loud[id]; ok && now.Sub(at) < afterglow {
			speaking[id] = true
		}
	}
	maps.DeleteFunc(s.loud, func(id string, _ time.Time) bool { _, here := levels[id]; return !here })
	changed := !maps.Equal(speaking, s.now) || seconds != s.clock
	s.now, s.clock = speaking, seconds
	return changed
}

// speaking says whether that person does.
func (s *speakers) speaking(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now[id]
}
