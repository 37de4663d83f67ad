package devices

import (
	"image"
	"image/color"
	"testing"

	"parley/devices/frame"
)

func TestPicturesOfAnySamplingBecomeI420(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio440,
	} {
		for _, size := range [][2]int{{8, 6}, {7, 5}, {1, 1}} {
			src := image.NewYCbCr(image.Rect(0, 0, size[0], size[1]), ratio)
			paint(src, 100, 90, 200)
			dst := frame.New(size[0], size[1])
			toI420(dst.YCbCr, src, false)
			if !isPainted(dst.YCbCr, 100, 90, 200) {
				t.Errorf("%v %v: %v %v %v", ratio, size, dst.Y, dst.Cb, dst.Cr)
			}
		}
	}
}

func TestChromaOfTwoRowsIsAveraged(t *testing.T) {
	src := image.NewYCbCr(image.Rect(0, 0, 4, 2), image.YCbCrSubsampleRatio422)
	copy(src.Cb, []uint8{10, 20, 30, 40})
	copy(src.Cr, []uint8{110, 120, 130, 140})
	dst := frame.New(4, 2)
	toI420(dst.YCbCr, src, false)
	if dst.Cb[0] != 20 || dst.Cb[1] != 30 || dst.Cr[0] != 120 || dst.Cr[1] != 130 {
		t.Errorf("chroma %v %v", dst.Cb, dst.Cr)
	}
}

func TestTheFullRangeOfJPEGIsBroughtIntoThatOfVideo(t *testing.T) {
	for _, c := range []struct{ in, y, c uint8 }{{0, 16, 16}, {128, 126, 128}, {255, 235, 240}} {
		src := image.NewYCbCr(image.Rect(0, 0, 2, 2), image.YCbCrSubsampleRatio420)
		paint(src, c.in, c.in, c.in)
		dst := frame.New(2, 2)
		toI420(dst.YCbCr, src, true)
		if !isPainted(dst.YCbCr, c.y, c.c, c.c) {
			t.Errorf("%d becomes %v %v %v, want %d and %d", c.in, dst.Y, dst.Cb, dst.Cr, c.y, c.c)
		}
	}
}

func paint(img *image.YCbCr, y, cb, cr uint8) {
	for plane, v := range map[*[]uint8]uint8{&img.Y: y, &img.Cb: cb, &img.Cr: cr} {
		for i := range *plane {
			(*plane)[i] = v
		}
	}
}

func isPainted(img *image.YCbCr, y, cb, cr uint8) bool {
	for plane, v := range map[*[]uint8]uint8{&img.Y: y, &img.Cb: cb, &img.Cr: cr} {
		for _, got := range *plane {
			if got != v {
				return false
			}
		}
	}
	return true
}

func TestAPictureThatLacksSamplesOrHasAnAbsurdSizeIsNotWhole(t *testing.T) {
	whole := func() *image.YCbCr { return image.NewYCbCr(image.Rect(0, 0, 6, 4), image.YCbCrSubsampleRatio422) }
	for name, spoil := range map[string]func(img *image.YCbCr){
		"no size":        func(img *image.YCbCr) { img.Rect = image.Rectangle{} },
		"too wide":       func(img *image.YCbCr) { img.Rect.Max.X = maxSide + 1 },
		"too high":       func(img *image.YCbCr) { img.Rect.Max.Y = maxSide + 1 },
		"luma missing":   func(img *image.YCbCr) { img.Y = img.Y[:20] },
		"chroma missing": func(img *image.YCbCr) { img.Cr = img.Cr[:10] },
		"rows overlap":   func(img *image.YCbCr) { img.YStride = 3 },
		"no chroma rows": func(img *image.YCbCr) { img.CStride = 0 },
	} {
		img := whole()
		if !isWhole(img) {
			t.Fatal("a whole picture is not")
		}
		if spoil(img); isWhole(img) {
			t.Errorf("%s: taken for whole", name)
		}
	}
	odd := &image.YCbCr{ // as some drivers have it: the odd column has no chroma
		Y: make([]uint8, 7*2), Cb: make([]uint8, 3), Cr: make([]uint8, 3), YStride: 7, CStride: 3,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, 7, 2),
	}
	if !isWhole(odd) {
		t.Error("an odd width rounded down is refused")
	}
	toI420(frame.New(7, 2).YCbCr, odd, false)
}

func TestBlankPicturesAreToldFromDarkOnes(t *testing.T) {
	const w, h = 64, 48
	for _, c := range []struct {
		name      string
		y, cb, cr uint8
		blank     bool
	}{
		{"black", 16, 128, 128, true},
		{"black with light noise", 20, 128, 128, true},
		{"unwritten, which is green", 0, 0, 0, true},
		{"unwritten, of the full range", 16, 16, 16, true},
		{"grey", 126, 128, 128, false},
		{"a green wall", 150, 54, 34, false},
	} {
		img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		paint(img, c.y, c.cb, c.cr)
		if isBlank(img) != c.blank {
			t.Errorf("%s: blank is %v", c.name, !c.blank)
		}
		for y := range h / 4 { // a lamp in a corner
			for x := range w / 4 {
				img.Y[y*img.YStride+x] = 200
			}
		}
		if isBlank(img) {
			t.Errorf("%s with a lamp: blank", c.name)
		}
	}
}

func TestASmallPictureIsLookedAtWithinItsBounds(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 1, 1), image.YCbCrSubsampleRatio420)
	img.Y[0], img.Cb[0], img.Cr[0] = color.RGBToYCbCr(255, 255, 255)
	if isBlank(img) {
		t.Error("a white point is blank")
	}
}
