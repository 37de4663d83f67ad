package devices

import (
	"image"
	"testing"
	"time"

	"parley/devices/frame"
)

func TestHalvingTakesTheMean(t *testing.T) {
	for _, size := range []image.Point{{8, 6}, {10, 2}, {2, 10}} {
		src := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
		for i := range src.Y {
			src.Y[i] = uint8(10 * (i%size.X + i/size.X))
		}
		for i := range src.Cb {
			src.Cb[i], src.Cr[i] = 90, 200
		}
		dst := image.NewYCbCr(halfOf(src), image.YCbCrSubsampleRatio420)
		halve(dst, src)
		for y := range dst.Rect.Dy() {
			for x := range dst.Rect.Dx() {
				sum := 0
				for i := range 4 {
					sx, sy := min(2*x+i%2, size.X-1), min(2*y+i/2, size.Y-1)
					sum += int(src.Y[sy*src.YStride+sx])
				}
				if got := dst.Y[y*dst.YStride+x]; int(got) != (sum+2)/4 {
					t.Errorf("%v: (%d,%d) is %d, want %d", size, x, y, got, (sum+2)/4)
				}
			}
		}
		for i := range dst.Cb {
			if dst.Cb[i] != 90 || dst.Cr[i] != 200 {
				t.Errorf("%v: chroma %d is %d, %d", size, i, dst.Cb[i], dst.Cr[i])
			}
		}
	}
}

func TestPicturesAreMadeToFit(t *testing.T) {
	var fitter fitter
	for from, want := range map[image.Point]image.Point{
		{640, 360}: {640, 360}, {641, 361}: {640, 360}, {4096, 2}: {4096, 2}, {4097, 10}: {4096, 10}, {4098, 10}: {2048, 4},
		{2, 8192}: {2, 4096}, {12001, 3001}: {3000, 750},
	} {
		f := frame.New(from.X, from.Y)
		f.Captured = time.Now()
		captured := f.Captured
		for i := range f.Y {
			f.Y[i] = 77
		}
		for i := range f.Cb {
			f.Cb[i], f.Cr[i] = 99, 200
		}
		got := fitter.fit(f)
		if got.Rect.Size() != want || got.Captured != captured {
			t.Errorf("%v becomes %v", from, got.Rect.Size())
		}
		for _, at := range []image.Point{{0, 0}, want.Sub(image.Pt(1, 1))} {
			if c := got.YCbCrAt(at.X, at.Y); c.Y != 77 || c.Cb != 99 || c.Cr != 200 {
				t.Errorf("%v: at %v it has %v", from, at, c)
			}
		}
		if got == f != (from == want) {
			t.Errorf("%v was copied though it fits, or not though it does not", from)
		}
		got.Release()
	}
}
