// Package giveback lets the C library give back to the system what code in C has let go of. By itself glibc does so with what is at the end of its
// memory only, and with large blocks; codecs let go of many smaller ones between others, each time that pictures become smaller, and when a person
// leaves. Go's own memory has no need of this.
package giveback

import (
	"sync"
	"time"
)

// Soon gives memory back within a second. Call it when something large may have been let go of, however often: it does not wait, and the work, a millisecond
// or less, is done once a second at the most. Any goroutine may call it.
func Soon() { memory.soon() }

var memory = later{do: trim}

// later does something once, some time after it was asked for.
type later struct {
	do func()

	mu    sync.Mutex
	asked bool
}

// patience is for what is let go of together, as when all people's pictures become smaller since one more has come.
const patience = time.Second

func (l *later) soon() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked {
		return
	}
	l.asked = true
	time.AfterFunc(patience, func() {
		l.mu.Lock()
		l.asked = false
		l.mu.Unlock()
		l.do()
	})
}
