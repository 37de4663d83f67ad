package ui

import (
	"os/user"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
)

// env is what the screens of one window share.
type env struct {
	app      fyne.App
	window   fyne.Window
	media    Media
	dialer   Dialer
	settings Settings
	host     host
	shutter  *shutter
	clock    atomic.Pointer[func() time.Time]
	work     sync.WaitGroup // goroutines that end by themselves; the window waits for them at its end
}

// now is the time by the window's clock, which screens read from goroutines of their own too.
func (e *env) now() time.Time { return (*e.clock.Load())() }

// copyText puts words on the clipboard.
func (e *env) copyText(words string) { e.app.Clipboard().SetContent(words) }

// thisHost is the machine that the program runs on.
func thisHost() host {
	h := host{os: runtime.GOOS, user: "$USER"} // which a shell fills in
	if u, err := user.Current(); err == nil && u.Username != "" {
		h.user = u.Username
	}
	return h
}

// pulse looks at something that changes all the time, like a level, and shows it when a change is visible. Its
// goroutine belongs to whoever started it, until close.
type pulse struct {
	show poke
	stop chan struct{}
	done chan struct{}
}

// perSecond is how often a pulse looks: enough for a level that moves, and few repaints, each of which is the whole
// window.
const perSecond = 15

// newPulse calls look in its own goroutine, and show on the UI goroutine after look returned true.
func newPulse(look func() bool, show func()) *pulse {
	p := &pulse{stop: make(chan struct{}), done: make(chan struct{})}
	p.show.run = show
	go func() {
		defer close(p.done)
		tick := time.NewTicker(time.Second / perSecond)
		defer tick.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-tick.C:
				if look() {
					p.show.now()
				}
			}
		}
	}()
	return p
}

// close ends the goroutine and waits for it. A show may still come.
func (p *pulse) close() {
	close(p.stop)
	<-p.done
}
