package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"parley/ui"
)

// apart is the time between two pictures.
const apart = 33 * time.Millisecond

func TestAPaintIsPutOffForAPictureThatIsAboutToCome(t *testing.T) {
	const never = 0
	for name, c := range map[string]struct{ before, comes, put time.Duration }{
		"that comes when foretold":         {before: 5 * time.Millisecond, comes: 5 * time.Millisecond, put: 5 * time.Millisecond},
		"that comes early":                 {before: 8 * time.Millisecond, comes: time.Millisecond, put: time.Millisecond},
		"that comes a little late":         {before: -time.Millisecond, comes: time.Millisecond, put: time.Millisecond},
		"that comes late":                  {before: 2 * time.Millisecond, comes: 9 * time.Millisecond, put: 5 * time.Millisecond},
		"that never comes":                 {before: 7 * time.Millisecond, comes: never, put: 8 * time.Millisecond},
		"and not for one that is far":      {before: 9 * time.Millisecond, comes: 2 * time.Millisecond, put: 0},
		"and not for one that is given up": {before: -3 * time.Millisecond, comes: 2 * time.Millisecond, put: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := ui.NewShutter()
				for range 10 {
					time.Sleep(apart)
					s.Arrive()
				}
				time.Sleep(apart - c.before)
				if c.comes != never {
					go func() { time.Sleep(c.comes); s.Arrive() }()
				}
				began := time.Now()
				s.Tick()
				if put := time.Since(began); put != c.put {
					t.Errorf("it was put off by %v, want %v", put, c.put)
				}
				time.Sleep(time.Second)
			})
		})
	}
}

func TestNoPaintIsPutOffOncePicturesHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := ui.NewShutter()
		for _, pause := range []time.Duration{apart, apart, 100 * time.Millisecond} {
			time.Sleep(pause)
			s.Arrive()
		}
		time.Sleep(apart)
		began := time.Now()
		s.Tick()
		if put := time.Since(began); put != 0 {
			t.Errorf("it was put off by %v for a picture that nothing foretells", put)
		}
	})
}

// tick lets Fyne run the animations that there are, as it does before it paints.
func (d *desk) tick() {
	for _, a := range append([]*fyne.Animation(nil), d.driver.animations...) {
		a.Tick(0.5)
	}
}

func TestTheNextPaintHasAPictureThoughOtherThingsWaitBeforeIt(t *testing.T) {
	d, c := inCall(t, ben)
	slot := c.Picture(ben.ID)
	d.handOver(slot, 30, 0)
	stuck := time.After(60 * time.Second)
	for level := byte(200); d.own() < 150; d.tick() { // and nothing from the queue is run
		select {
		case <-stuck:
			t.Fatal("the picture is not shown before the queue is run")
		case <-time.After(time.Millisecond):
			slot.Put(gray(level))
		}
	}
}

func TestNothingTicksOncePicturesHaveEnded(t *testing.T) {
	d, c := inCall(t, ben)
	d.handOver(c.Picture(ben.ID), 30, 0)
	if len(d.driver.animations) != 1 {
		t.Fatalf("%d animations run while pictures come, want 1", len(d.driver.animations))
	}
	time.Sleep(100 * time.Millisecond)
	d.tick()
	if n := len(d.driver.animations); n != 0 {
		t.Errorf("%d animations run after the pictures have ended", n)
	}
}
