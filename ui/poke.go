package ui

import (
	"sync/atomic"

	"fyne.io/fyne/v2"
)

// poke runs a function on the UI goroutine when something changed elsewhere. However often it is poked meanwhile, one
// message is under way at the most: Fyne's own queue has no bound.
type poke struct {
	under atomic.Bool
	run   func()
}

// now asks for a run, from any goroutine, and does not wait for it. A poke during the run leads to another run.
func (p *poke) now() {
	if p.under.CompareAndSwap(false, true) {
		fyne.Do(p.do)
	}
}

func (p *poke) do() {
	p.under.Store(false)
	p.run()
}
