package ui

import (
	"sync"

	"parley/call"
)

// inboxSize bounds how many events wait for the UI goroutine. Others in the room cause them, so there can be any
// number; the oldest go, since what they led to can be read from the call.
const inboxSize = 32

// inbox brings the events of a call to the UI goroutine.
type inbox struct {
	mu     sync.Mutex
	events []call.Event
	closed bool
	poke   poke
}

// put takes an event from any goroutine.
func (i *inbox) put(e call.Event) {
	i.mu.Lock()
	if i.closed {
		i.mu.Unlock()
		return
	}
	if len(i.events) == inboxSize {
		i.events = append(i.events[:0], i.events[1:]...)
	}
	i.events = append(i.events, e)
	i.mu.Unlock()
	i.poke.now()
}

// take returns the events that came since the last time, the oldest first.
func (i *inbox) take() []call.Event {
	i.mu.Lock()
	defer i.mu.Unlock()
	events := i.events
	i.events = nil
	return events
}

// close makes the inbox drop what still comes.
func (i *inbox) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed, i.events = true, nil
}
