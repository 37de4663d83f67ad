package app

import (
	"context"
	"fmt"
	"os"
	ossignal "os/signal"
	"os/user"
	"sync"
	"syscall"
	"time"

	"parley/call"
	"parley/call/signal"
)

// runHeadless takes part in a call without a window, until it is interrupted, has stayed as long as it was to, or was refused. It
// prints a line for what a window would show, for whoever watches or reads it.
func runHeadless(d *dialer, r request, leaveAfter time.Duration) error {
	ctx, stop := ossignal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if leaveAfter > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, leaveAfter)
		defer cancel()
	}
	lines := &printer{}
	failed := make(chan error, 1)
	c, err := d.dial(r.room, nameOr(r.name, d.settings), func(e call.Event) {
		lines.event(e)
		if s, ok := e.(call.StateChanged); ok && s.State == call.Failed {
			select {
			case failed <- s.Err:
			default:
			}
		}
	})
	if err != nil {
		return err
	}
	defer c.Call.Leave()
	told := newTeller(d.media, lines.print)
	defer d.media.Watch(told.tell)()
	told.tell()
	lines.print("others join by " + signal.Link(c.server, c.Room()))
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// printer writes lines from several goroutines.
type printer struct {
	mu     sync.Mutex
	people map[string]string // what was said last of each, by id; only the call's goroutine touches it
}

// event prints what happened, unless that line was the last of the same person.
func (p *printer) event(e call.Event) {
	line := sentence(e)
	if u, ok := e.(call.PersonUpdated); ok {
		if p.people[u.Person.ID] == line {
			return
		}
		if p.people == nil {
			p.people = map[string]string{}
		}
		p.people[u.Person.ID] = line
	}
	if l, ok := e.(call.PersonLeft); ok {
		delete(p.people, l.Person.ID)
	}
	p.print(line)
}

func (p *printer) print(line string) {
	if line == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Println("parley:", line)
}

// sentence says what an event means, or "" for one that a line of text need not tell.
func sentence(e call.Event) string {
	switch e := e.(type) {
	case call.StateChanged:
		if e.Err != nil {
			return fmt.Sprintf("%s: %v", e.State, e.Err)
		}
		return string(e.State)
	case call.PersonJoined:
		return e.Person.Name + " is in the room"
	case call.PersonUpdated:
		if e.Person.Problem != nil {
			return fmt.Sprintf("%s: %s: %v", e.Person.Name, e.Person.State, e.Person.Problem)
		}
		if e.Person.Screen {
			return fmt.Sprintf("%s: %s, shares a screen", e.Person.Name, e.Person.State)
		}
		return fmt.Sprintf("%s: %s", e.Person.Name, e.Person.State)
	case call.PersonLeft:
		return fmt.Sprintf("%s is gone: %s", e.Person.Name, e.Reason)
	}
	return ""
}

// nameOr returns the name given, or the one of the last time, or that of the user's account.
func nameOr(name string, s *settings) string {
	if name != "" {
		return name
	}
	if _, last := s.Last(); last != "" {
		return last
	}
	return accountName()
}

// accountName returns what the system calls the user.
func accountName() string {
	u, err := user.Current()
	switch {
	case err != nil:
		return "Guest"
	case u.Name != "":
		return u.Name
	default:
		return u.Username
	}
}
