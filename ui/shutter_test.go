package ui_test

import (
	"testing"
	"time"

	"parley/devices/frame"
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
