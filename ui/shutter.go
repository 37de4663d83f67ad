package ui

import (
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

func (s *shutter) onPainted() {
	s.armed = false
	for _, e := range s.taking {
		e.slot.Presented(time.Since(e.captured))
	}
	clear(s.taking)
	s.taking = s.taking[:0]
}
