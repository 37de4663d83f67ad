package ui

import (
	"slices"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"parley/devices/frame"
)

// shutter notes how old pictures are when they appear on the screen, and tells their slots.
//
// Fyne says nothing when it has painted, so this goes by the order of its loop: on a tick of 60 a second it runs
// animations, then paints the window and swaps buffers, and only then takes the next function from fyne.Do. An
// animation of no length that starts when a picture was handed over therefore runs right before the paint that shows it, and
// what it posts by fyne.Do runs right after the swap. That is when the age is taken. While other animations run (a
// blinking cursor), it is taken one tick later: the age is then up to 17 ms too high, never too low.
//
// A window has one shutter, used on the UI goroutine.
type shutter struct {
	carried []*video     // which appear along with others
	last    atomic.Int64 // when a picture of others appeared, in ns since 1970

	tick    *fyne.Animation
	taking  []exposure // shown by the next paint
	armed   bool
	develop func()
}

type exposure struct {
	slot     *frame.Slot
	captured time.Time
}

func newShutter() *shutter {
	s := &shutter{}
	s.develop = s.onPainted
	s.tick = fyne.NewAnimation(time.Nanosecond, func(float32) { fyne.Do(s.develop) })
	return s
}

// watch takes note of a frame that was just handed to Fyne. A frame without a capture time is of no interest.
func (s *shutter) watch(slot *frame.Slot, captured time.Time) {
	if captured.IsZero() {
		return
	}
	s.taking = append(s.taking, exposure{slot, captured})
	if !s.armed {
		s.armed = true
		s.tick.Start()
	}
}

// lively is how soon after a picture of others the next is to be expected.
const lively = 80 * time.Millisecond

// pictures says whether pictures of others appear now and then. Any goroutine may ask.
func (s *shutter) pictures() bool { return time.Since(time.Unix(0, s.last.Load())) < lively }

// carry is called when a picture of somebody else is about to be painted, and lets the own one be painted with it. Each paint is the whole
// window, so that on its own the own picture would cost as much as all others together.
func (s *shutter) carry() {
	s.last.Store(time.Now().UnixNano())
	for _, v := range s.carried {
		v.onReady()
	}
}

// join lets a video appear along with others from now on, until leave.
func (s *shutter) join(v *video) {
	s.carried = append(s.carried, v)
}

func (s *shutter) leave(v *video) {
	s.carried = slices.DeleteFunc(s.carried, func(other *video) bool { return other == v })
}

func (s *shutter) onPainted() {
	s.armed = false
	for _, e := range s.taking {
		e.slot.Presented(time.Since(e.captured))
	}
	clear(s.taking)
	s.taking = s.taking[:0]
}
