package ui

import (
	"image"
	"slices"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"parley/devices/frame"
)

// shutter notes how old pictures of others are when they appear on the screen, and tells their slots.
//
// Fyne says nothing when it has painted, so this goes by the order of its loop, which paints the window, swaps buffers, and only then
// takes the next function from fyne.Do. A raster asks for its picture in the paint after it was refreshed. One that is refreshed along
// with a picture therefore knows when that is being painted, and what it posts by fyne.Do runs right after the swap. That is when the
// age is taken.
//
// Fyne paints on its tick alone, at a time that has nothing to do with when pictures come, and one that comes right after waits for the
// next, 17 ms. Where there is nothing new to paint on a tick, but is about to be, the shutter therefore puts the paint off until it is there.
// It is an animation that does so, as Fyne runs these right before it paints.
//
// A window has one shutter, used on the UI goroutine.
type shutter struct {
	object  fyne.CanvasObject // a transparent pixel that belongs into the window
	others  []*video
	carried []*video     // which appear along with others
	last    atomic.Int64 // when a picture of others appeared, in ns since 1970
	until   atomic.Int64 // then somebody's first picture should be there, likewise

	tick    *fyne.Animation // runs as long as pictures of others appear
	ticking bool
	fresh   bool          // a picture of others waits for the next paint
	arrived chan struct{} // holds a token when one came
	patient *time.Timer

	pixel    *canvas.Raster
	blank    image.Image
	begin    func()     // in the first paint; nil afterwards
	waiting  []exposure // for the next paint
	painting []exposure // until the swap
	develop  func()
}

type exposure struct {
	slot     *frame.Slot
	captured time.Time
}

// newShutter returns a shutter that calls first in the first paint, while the window's graphics context is current; nil for nobody.
func newShutter(first func()) *shutter {
	s := &shutter{
		blank: image.NewNRGBA(image.Rect(0, 0, 1, 1)), begin: first,
		tick:    fyne.NewAnimation(time.Second, nil),
		arrived: make(chan struct{}, 1), patient: time.NewTimer(time.Hour),
	}
	s.tick.Tick, s.tick.RepeatCount = s.onTick, fyne.AnimationRepeatForever
	s.patient.Stop()
	s.develop = s.onPainted
	s.pixel = canvas.NewRaster(s.onPaint)
	s.pixel.Resize(fyne.NewSize(1, 1))
	s.object = container.NewWithoutLayout(s.pixel)
	return s
}

// watch takes note of a frame that was just handed to Fyne. A frame without a capture time is of no interest.
func (s *shutter) watch(slot *frame.Slot, captured time.Time) {
	if captured.IsZero() {
		return
	}
	s.forget(slot) // what it had before is not seen any more
	s.waiting = append(s.waiting, exposure{slot, captured})
	s.pixel.Refresh()
}

func (s *shutter) forget(slot *frame.Slot) {
	s.waiting = slices.DeleteFunc(s.waiting, func(e exposure) bool { return e.slot == slot })
}

// onPaint draws the pixel.
func (s *shutter) onPaint(int, int) image.Image {
	if s.begin != nil {
		s.begin()
		s.begin = nil
	}
	if len(s.painting) == 0 && len(s.waiting) > 0 {
		fyne.Do(s.develop)
	}
	s.painting = append(s.painting, s.waiting...)
	clear(s.waiting)
	s.waiting = s.waiting[:0]
	return s.blank
}

// lively is how soon after a picture of others the next is to be expected.
const lively = 80 * time.Millisecond

// pictures says whether pictures of others appear now and then. Any goroutine may ask.
func (s *shutter) pictures() bool { return time.Since(time.Unix(0, s.last.Load())) < lively }

// expected is how long the own picture waits for somebody's first.
const expected = 300 * time.Millisecond

// expect is called when somebody is being connected, whose first picture comes soon. Until then the own picture stands still: where there is no GPU, to paint it would
// take two thirds of a core from what brings the other.
func (s *shutter) expect() { s.until.Store(time.Now().Add(expected).UnixNano()) }

// carries says whether own pictures appear with those of others now, and not by themselves. Any goroutine may ask.
func (s *shutter) carries() bool { return s.pictures() || time.Now().UnixNano() < s.until.Load() }

// carry is called when a picture of somebody else is about to be painted, and lets the own one be painted with it. Each paint is the whole
// window, so that on its own the own picture would cost as much as all others together.
func (s *shutter) carry() {
	s.last.Store(time.Now().UnixNano())
	s.until.Store(0)
	for _, v := range s.carried {
		v.onReady()
	}
	s.fresh = true
	if !s.ticking {
		s.ticking = true
		s.tick.Start()
	}
}

// arrive is told that there is another picture of somebody else, by any goroutine.
func (s *shutter) arrive() {
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

// onTick runs right before Fyne paints, if there is anything to paint.
func (s *shutter) onTick(float32) {
	if !s.pictures() {
		s.tick.Stop()
		s.ticking = false
		return
	}
	select {
	case <-s.arrived: // seen below
	default:
	}
	if wait := s.wait(time.Now()); wait > 0 {
		s.patient.Reset(wait)
		select {
		case <-s.arrived:
		case <-s.patient.C:
		}
		s.patient.Stop()
	}
	for _, v := range s.others {
		v.onReady()
	}
	s.fresh = false
}

// wait returns for how long to put off the paint: not at all where there is a picture for it.
func (s *shutter) wait(now time.Time) (longest time.Duration) {
	if s.fresh {
		return 0
	}
	for _, v := range s.others {
		if v.ready.Load() != nil {
			return 0
		}
		longest = max(longest, v.rhythm.wait(now))
	}
	return longest
}

// join takes in a new video, until leave. The own ones appear along with those of others.
func (s *shutter) join(v *video) {
	if v.joins {
		s.carried = append(s.carried, v)
	} else {
		s.others = append(s.others, v)
	}
}

// leave is called when a video ends.
func (s *shutter) leave(v *video) {
	s.forget(v.slot)
	is := func(other *video) bool { return other == v }
	s.carried, s.others = slices.DeleteFunc(s.carried, is), slices.DeleteFunc(s.others, is)
}

// onPainted runs when what onPaint saw is on the screen.
func (s *shutter) onPainted() {
	for _, e := range s.painting {
		e.slot.Presented(time.Since(e.captured))
	}
	clear(s.painting)
	s.painting = s.painting[:0]
}
