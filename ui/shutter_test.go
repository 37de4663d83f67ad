package ui_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/canvas"

	"parley/devices/frame"
	"parley/ui"
)

// gray is a picture of one colour.
func gray(level byte) *frame.Frame {
	f := frame.New(64, 36)
	for i := range f.Y {
		f.Y[i] = level
	}
	for i := range f.Cb {
		f.Cb[i], f.Cr[i] = 128, 128
	}
	return f
}

// own is how light the own picture is, which is the last of all; 0 while there is none.
func (d *desk) own() byte {
	pictures := d.pictures()
	if len(pictures) == 0 {
		return 0
	}
	r, _, _, _ := pictures[len(pictures)-1].Image.At(1, 1).RGBA()
	return byte(r >> 8)
}

func TestTheOwnPictureIsPaintedAlongWithThoseOfOthers(t *testing.T) {
	d, c := inCall(t, ben)
	d.media.self.Put(gray(60))
	d.until("the own picture", func() bool { return d.own() != 0 })

	slot := c.Picture(ben.ID)
	slot.Put(gray(30))
	d.until("Ben's picture", func() bool { return len(d.pictures()) == 2 })
	before := d.own()
	d.media.self.Put(gray(200))
	d.until("the own picture with the next of Ben's", func() bool {
		slot.Put(gray(90)) // he goes on
		return d.own() > before+80
	})
}

func TestTheOwnPictureGoesOnWhenThoseOfOthersStop(t *testing.T) {
	d, c := inCall(t, ben)
	c.Picture(ben.ID).Put(gray(30))
	d.until("Ben's picture", func() bool { return len(d.pictures()) == 1 })
	for _, level := range []byte{60, 120, 200} {
		d.until("own pictures alone", func() bool {
			d.media.self.Put(gray(level))
			time.Sleep(time.Millisecond)
			return len(d.pictures()) == 2 && max(d.own(), level)-min(d.own(), level) < 25
		})
	}
}

func TestTheOwnPictureStandsStillForAMomentWhenSomebodyComes(t *testing.T) {
	d, c := inCall(t)
	own := func(level byte) bool { return max(d.own(), level)-min(d.own(), level) < 25 }
	goesOn := func(level byte) {
		t.Helper()
		for wait := time.Now().Add(time.Minute); !own(level); d.settle() {
			if time.Now().After(wait) {
				t.Fatal("the own picture never goes on")
			}
			d.media.self.Put(gray(level))
			select {
			case f := <-d.driver.functions:
				f()
			case <-time.After(10 * time.Millisecond): // it stands still
			}
		}
	}
	goesOn(30)
	goesOn(60) // so that the moment after joining is over
	began := time.Now()
	c.join(ben)
	d.expect("2 people")
	goesOn(120) // at once, where one was on its way when he came
	goesOn(200)
	if stood := time.Since(began); stood < 300*time.Millisecond {
		t.Errorf("it stands still for %v", stood)
	}
}

// handOver puts a picture of one colour that was taken so long ago, and waits until Fyne has it.
func (d *desk) handOver(slot *frame.Slot, level byte, age time.Duration) {
	d.t.Helper()
	f := gray(level)
	f.Captured = time.Now().Add(-age)
	slot.Put(f)
	d.until("the picture", func() bool { return max(d.own(), level)-min(d.own(), level) < 25 })
}

func TestHowOldAPictureWasWhenPaintedIsTold(t *testing.T) {
	d, c := inCall(t, ben)
	slot := c.Picture(ben.ID)
	d.handOver(slot, 60, time.Hour)
	if ages := slot.PresentedAges(); len(ages) > 0 {
		t.Errorf("a picture has the age %v, and was not painted yet", ages)
	}
	d.handOver(slot, 120, time.Second)
	d.win.Canvas().Capture()
	d.settle()
	if ages := slot.PresentedAges(); len(ages) != 1 || ages[0] < time.Second || ages[0] >= time.Hour {
		t.Errorf("of a picture that is gone and one that is a second old, the ages are told that were painted: %v", ages)
	}
}

func TestTheFirstPaintIsTold(t *testing.T) {
	paints := 0
	d := newDesk(t, ui.Options{OnPaint: func() { paints++ }}, nil)
	if paints != 0 {
		t.Fatal("it is told before it is painted")
	}
	for range 2 {
		d.win.Canvas().Capture()
	}
	if paints != 1 {
		t.Errorf("told %d times, want once", paints)
	}
}

func TestNothingIsPaintedThatCannotBeSeen(t *testing.T) {
	d, c := inCall(t, ben)
	d.handOver(c.Picture(ben.ID), 60, 0)
	picture := d.pictures()[0]
	for _, o := range d.objects() {
		r, ok := o.(*canvas.Rectangle)
		if !ok {
			continue
		}
		_, _, _, fill := r.FillColor.RGBA()
		switch {
		case fill == 0 && r.StrokeWidth == 0:
			t.Errorf("a rectangle of %v has no colour", r.Size())
		case fill != 0 && r.Size() == picture.Size():
			t.Error("there is a ground under a picture, or it is covered")
		}
	}
}
