package ui

import (
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"parley/devices"
)

// env is what the screens of one window share.
type env struct {
	app       fyne.App
	window    fyne.Window
	media     Media
	dialer    Dialer
	settings  Settings
	host      host
	menu      *deviceMenu           // the one that was opened last; nil before
	tried     map[devices.Kind]bool // the user asked to try again, and was not told yet what came of it
	shutter   *shutter
	shareRate float64 // of what is shared next, in pictures a second
	clock     atomic.Pointer[func() time.Time]
	work      sync.WaitGroup // goroutines that end by themselves; the window waits for them at its end
}

// now is the time by the window's clock, which screens read from goroutines of their own too.
func (e *env) now() time.Time { return (*e.clock.Load())() }

// copyText puts words on the clipboard.
func (e *env) copyText(words string) { e.app.Clipboard().SetContent(words) }

// tryAgain opens the chosen device of a kind once more.
func (e *env) tryAgain(kind devices.Kind) {
	e.tried[kind] = true
	e.media.Use(kind, e.media.Choice(kind).Label)
}

// openURL has the system open an address, such as one of its own settings.
func (e *env) openURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	return e.app.OpenURL(u)
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
