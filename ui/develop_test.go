package ui_test

import (
	"fmt"
	"image"
	"testing"

	"parley/devices/frame"
	"parley/ui"
)

// slope is a picture in which each second pixel is as much brighter than a slope to the right and down as the one before is darker.
func slope(w, h int) *frame.Frame {
	f := frame.New(w, h)
	for y := range h {
		for x := range w {
			f.Y[y*f.YStride+x] = uint8(60 + 60*x/w + 60*y/h + 20*(1-2*((x+y)%2)))
		}
	}
	for i := range f.Cb {
		f.Cb[i] = 128
	}
	for i := range f.Cr {
		f.Cr[i] = 128
	}
	return f
}

// grey is what a Y of video range is as red, green and blue.
func grey(y float64) float64 { return (y - 16) * 255 / 219 }

func TestAPictureInASmallPlaceIsTheMeanOfWhatItShows(t *testing.T) {
	const w, h = 1280, 720
	f := slope(w, h)
	for _, whole := range []bool{false, true} {
		develop := ui.NewDeveloper(whole)
		for _, size := range []image.Point{{640, 360}, {614, 345}, {400, 225}, {320, 180}, {240, 135}, {208, 117}, {160, 90}, {80, 45}} {
			t.Run(fmt.Sprint(whole, size), func(t *testing.T) {
				p, err := develop(f, size.X, size.Y)
				if err != nil {
					t.Fatal(err)
				}
				got := p.Rect.Size()
				if got.X < size.X || got.Y < size.Y || 10*got.X > 13*size.X || 10*got.Y > 13*size.Y {
					t.Fatalf("it has %v", got)
				}
				for y := range got.Y {
					for x := range got.X {
						want := grey(60 + 60*(float64(x)+0.5)/float64(got.X) + 60*(float64(y)+0.5)/float64(got.Y))
						if is := float64(p.RGBAAt(x, y).G); is < want-5 || is > want+5 {
							t.Fatalf("at %d, %d: %v, want %.1f", x, y, is, want)
						}
					}
				}
			})
		}
	}
}

func TestOfAPictureThatIsSeenWholeNoEdgeIsLost(t *testing.T) {
	const w, h = 1366, 767 // divided by nothing
	f := slope(w, h)
	for y := range h {
		f.Y[y*f.YStride+w-1], f.Y[y*f.YStride+w-2], f.Y[y*f.YStride+w-3] = 235, 235, 235
	}
	p, err := ui.NewDeveloper(true)(f, 320, 180)
	if err != nil {
		t.Fatal(err)
	}
	right := p.Rect.Dx() - 1
	if edge, inside := p.RGBAAt(right, 90).G, p.RGBAAt(right-3, 90).G; edge < inside+20 {
		t.Errorf("a bright edge at the right is %d beside %d", edge, inside)
	}
}

func TestAPictureOfAFewPixelsIsShownInASmallerPlace(t *testing.T) {
	for side := 1; side <= 16; side++ {
		for _, whole := range []bool{false, true} {
			if _, err := ui.NewDeveloper(whole)(slope(side, side), 1, 1); err != nil {
				t.Errorf("of %d pixels, whole %v: %v", side, whole, err)
			}
		}
	}
}
