package yuv_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"parley/call/yuv"
)

// padding is how many bytes beyond the picture each row of a test picture has, to catch a stride that is not respected.
const padding = 5

// newI420 returns a picture whose strides are wider than its rows, and whose padding holds the value 77.
func newI420(width, height int) *image.YCbCr {
	cw, ch := (width+1)/2, (height+1)/2
	plane := func(w, h int) []uint8 { return bytes.Repeat([]uint8{77}, (w+padding)*h) }
	return &image.YCbCr{
		Y: plane(width, height), Cb: plane(cw, ch), Cr: plane(cw, ch),
		YStride: width + padding, CStride: cw + padding,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, width, height),
	}
}

// draw fills the picture, not the padding, with luma by luma(x, y) and chroma by cb and cr, in chroma samples.
func draw(img *image.YCbCr, luma, cb, cr func(x, y int) uint8) *image.YCbCr {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		for x := range w {
			img.Y[y*img.YStride+x] = luma(x, y)
		}
	}
	for y := range (h + 1) / 2 {
		for x := range (w + 1) / 2 {
			img.Cb[y*img.CStride+x] = cb(x, y)
			img.Cr[y*img.CStride+x] = cr(x, y)
		}
	}
	return img
}

func noise(seed uint64, low, high int) func(x, y int) uint8 {
	r := rand.New(rand.NewPCG(seed, 0))
	return func(int, int) uint8 { return uint8(low + r.IntN(high-low+1)) }
}

func flat(v uint8) func(x, y int) uint8 { return func(int, int) uint8 { return v } }

// toRGB is the definition in ITU-R BT.601 for limited range, in floating point.
func toRGB(y, cb, cr uint8) [3]float64 {
	l, b, r := (float64(y)-16)*255/219, (float64(cb)-128)*255/224, (float64(cr)-128)*255/224
	clip := func(v float64) float64 { return math.Max(0, math.Min(255, v)) }
	return [3]float64{
		clip(l + 1.402*r),
		clip(l - 0.344136*b - 0.714136*r),
		clip(l + 1.772*b),
	}
}

var sizes = []image.Point{{1, 1}, {2, 2}, {3, 5}, {7, 4}, {64, 48}, {65, 49}, {333, 31}}

func TestColoursAreThoseOfBT601(t *testing.T) {
	for _, size := range sizes {
		src := draw(newI420(size.X, size.Y), noise(1, 16, 235), noise(2, 16, 240), noise(3, 16, 240))
		dst := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
		if err := yuv.ToRGBA(dst, src); err != nil {
			t.Fatalf("%v: %v", size, err)
		}
		for y := range size.Y {
			for x := range size.X {
				yi, ci := y*src.YStride+x, y/2*src.CStride+x/2
				want, got := toRGB(src.Y[yi], src.Cb[ci], src.Cr[ci]), dst.RGBAAt(x, y)
				for i, v := range []uint8{got.R, got.G, got.B} {
					if math.Abs(float64(v)-want[i]) > 3 {
						t.Fatalf("%v: pixel (%d,%d) is %v, want about %.0f", size, x, y, got, want)
					}
				}
				if got.A != 255 {
					t.Fatalf("%v: pixel (%d,%d) is not opaque: %v", size, x, y, got)
				}
			}
		}
	}
}

func TestBlackIsBlackAndWhiteIsWhite(t *testing.T) {
	for luma, want := range map[uint8]color.RGBA{16: {0, 0, 0, 255}, 235: {255, 255, 255, 255}} {
		dst := image.NewRGBA(image.Rect(0, 0, 16, 16))
		if err := yuv.ToRGBA(dst, draw(newI420(16, 16), flat(luma), flat(128), flat(128))); err != nil {
			t.Fatal(err)
		}
		if got := dst.RGBAAt(9, 9); got != want {
			t.Errorf("luma %d became %v, want %v", luma, got, want)
		}
	}
}

func TestConvertingWritesOnlyThePicture(t *testing.T) {
	const w, h, stride = 7, 5, 4*7 + 9
	dst := &image.RGBA{Pix: bytes.Repeat([]uint8{77}, stride*h), Stride: stride, Rect: image.Rect(0, 0, w, h)}
	if err := yuv.ToRGBA(dst, draw(newI420(w, h), flat(235), flat(128), flat(128))); err != nil {
		t.Fatal(err)
	}
	for y := range h {
		for _, v := range dst.Pix[y*stride+4*w : (y+1)*stride] {
			if v != 77 {
				t.Fatalf("row %d: the bytes behind the picture were overwritten", y)
			}
		}
	}
}

func TestAPartOfAPictureIsConvertedFromItsOwnCorner(t *testing.T) {
	whole := draw(newI420(16, 16), func(x, y int) uint8 { return uint8(16 + 8*y + x) }, flat(128), flat(128))
	part := whole.SubImage(image.Rect(4, 6, 12, 14)).(*image.YCbCr)
	dst := image.NewRGBA(image.Rect(0, 0, 8, 8))
	if err := yuv.ToRGBA(dst, part); err != nil {
		t.Fatal(err)
	}
	want := toRGB(16+8*6+4, 128, 128)[0]
	if got := dst.RGBAAt(0, 0).R; math.Abs(float64(got)-want) > 3 {
		t.Errorf("the corner is %d, want about %.0f", got, want)
	}
}

func TestShrinkingByAWholeNumberAverages(t *testing.T) {
	const w, h = 8, 6
	for _, n := range []int{3, 4} {
		src := draw(newI420(w*n, h*n), noise(4, 0, 255), noise(5, 0, 255), noise(6, 0, 255))
		dst := newI420(w, h)
		if err := yuv.Scale(dst, src); err != nil {
			t.Fatal(err)
		}
		comparePlane(t, "luma", averaged(src.Y, src.YStride, w, h, n), dst.Y, dst.YStride, w, h)
		comparePlane(t, "cb", averaged(src.Cb, src.CStride, w/2, h/2, n), dst.Cb, dst.CStride, w/2, h/2)
		comparePlane(t, "cr", averaged(src.Cr, src.CStride, w/2, h/2, n), dst.Cr, dst.CStride, w/2, h/2)
	}
}

// averaged is the slow definition of shrinking n to 1.
func averaged(plane []uint8, stride, w, h, n int) []uint8 {
	out := make([]uint8, 0, w*h)
	for y := range h {
		for x := range w {
			sum := 0
			for dy := range n {
				for dx := range n {
					sum += int(plane[(y*n+dy)*stride+x*n+dx])
				}
			}
			out = append(out, uint8(math.Round(float64(sum)/float64(n*n))))
		}
	}
	return out
}

func comparePlane(t *testing.T, name string, want []uint8, got []uint8, stride, w, h int) {
	t.Helper()
	for y := range h {
		for x := range w {
			if d := int(want[y*w+x]) - int(got[y*stride+x]); d < -1 || d > 1 {
				t.Fatalf("%s at (%d,%d) is %d, want %d", name, x, y, got[y*stride+x], want[y*w+x])
			}
		}
	}
}

func TestASlopeStaysThatSlopeAtAnySize(t *testing.T) {
	const sw, sh = 96, 64
	slope := func(x, y float64) float64 { return 20 + 1.2*x + 1.3*y }
	src := draw(newI420(sw, sh), func(x, y int) uint8 {
		return uint8(math.Round(slope(float64(x), float64(y))))
	}, flat(90), flat(160))
	for _, size := range []image.Point{{96, 64}, {48, 32}, {192, 128}, {61, 43}, {31, 17}, {150, 101}} {
		dst := newI420(size.X, size.Y)
		if err := yuv.Scale(dst, src); err != nil {
			t.Fatal(err)
		}
		fx, fy := sw/float64(size.X), sh/float64(size.Y)
		// Beyond the outermost centres there is nothing to interpolate with, so leave the rim out. libyuv cuts its boxes
		// at whole pixels, which may be one pixel of the slope off.
		for y := 2; y < size.Y-2; y++ {
			for x := 2; x < size.X-2; x++ {
				want := slope((float64(x)+0.5)*fx-0.5, (float64(y)+0.5)*fy-0.5)
				if got := float64(dst.Y[y*dst.YStride+x]); math.Abs(got-want) > 1.2+1.3+1 {
					t.Fatalf("%v: luma at (%d,%d) is %.0f, want %.1f", size, x, y, got, want)
				}
			}
		}
		if cb, cr := dst.Cb[0], dst.Cr[0]; cb < 89 || cb > 90 || cr < 159 || cr > 160 { // libyuv rounds down
			t.Errorf("%v: flat chroma 90, 160 became %d, %d", size, cb, cr)
		}
	}
}

func TestScalingWritesOnlyThePicture(t *testing.T) {
	dst := newI420(9, 7)
	if err := yuv.Scale(dst, draw(newI420(31, 33), flat(200), flat(200), flat(200))); err != nil {
		t.Fatal(err)
	}
	for i, v := range dst.Y {
		if inside := i%dst.YStride < 9; inside != (v >= 199) {
			t.Fatalf("luma byte %d is %d", i, v)
		}
	}
	for i, v := range dst.Cb {
		if inside := i%dst.CStride < 5; inside != (v >= 199) {
			t.Fatalf("chroma byte %d is %d", i, v)
		}
	}
}

func TestAPictureThatLiesAboutItselfIsRefused(t *testing.T) {
	cases := map[string]struct {
		spoil func(*image.YCbCr)
		want  error
	}{
		"another subsampling": {func(p *image.YCbCr) { p.SubsampleRatio = image.YCbCrSubsampleRatio422 }, yuv.ErrFormat},
		"an odd corner":       {func(p *image.YCbCr) { p.Rect = image.Rect(1, 0, 8, 8) }, yuv.ErrFormat},
		"no pixels":           {func(p *image.YCbCr) { p.Rect = image.Rectangle{} }, yuv.ErrSize},
		"too large":           {func(p *image.YCbCr) { p.Rect.Max.X = yuv.MaxSide + 1 }, yuv.ErrSize},
		"luma cut short":      {func(p *image.YCbCr) { p.Y = p.Y[:len(p.Y)-padding-1] }, yuv.ErrPlane},
		"blue cut short":      {func(p *image.YCbCr) { p.Cb = p.Cb[:len(p.Cb)-padding-1] }, yuv.ErrPlane},
		"red missing":         {func(p *image.YCbCr) { p.Cr = nil }, yuv.ErrPlane},
		"narrow stride":       {func(p *image.YCbCr) { p.YStride = 7 }, yuv.ErrPlane},
		"negative stride":     {func(p *image.YCbCr) { p.CStride = -4 }, yuv.ErrPlane},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			bad, good := newI420(8, 8), newI420(8, 8)
			c.spoil(bad)
			if err := yuv.Scale(good, bad); !errors.Is(err, c.want) {
				t.Errorf("scaling from it: %v, want %v", err, c.want)
			}
			if err := yuv.Scale(bad, good); !errors.Is(err, c.want) {
				t.Errorf("scaling into it: %v, want %v", err, c.want)
			}
			if err := yuv.ToRGBA(image.NewRGBA(image.Rect(0, 0, 8, 8)), bad); !errors.Is(err, c.want) {
				t.Errorf("converting it: %v, want %v", err, c.want)
			}
		})
	}
}

func TestADestinationThatDoesNotFitIsRefused(t *testing.T) {
	src := newI420(8, 8)
	if err := yuv.ToRGBA(image.NewRGBA(image.Rect(0, 0, 8, 9)), src); !errors.Is(err, yuv.ErrSize) {
		t.Errorf("another size: %v", err)
	}
	short := image.NewRGBA(image.Rect(0, 0, 8, 8))
	short.Pix = short.Pix[:len(short.Pix)-1]
	if err := yuv.ToRGBA(short, src); !errors.Is(err, yuv.ErrPlane) {
		t.Errorf("pixels cut short: %v", err)
	}
}

func TestConvertingAndScalingDoNotAllocate(t *testing.T) {
	src, small, rgba := newI420(64, 48), newI420(32, 24), image.NewRGBA(image.Rect(0, 0, 32, 24))
	n := testing.AllocsPerRun(100, func() {
		if yuv.Scale(small, src) != nil || yuv.ToRGBA(rgba, small) != nil {
			t.Fatal("refused")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func BenchmarkToRGBA720p(b *testing.B) {
	src, dst := newI420(1280, 720), image.NewRGBA(image.Rect(0, 0, 1280, 720))
	for b.Loop() {
		if err := yuv.ToRGBA(dst, src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScale720pTo360p(b *testing.B) {
	src, dst := newI420(1280, 720), newI420(640, 360)
	for b.Loop() {
		if err := yuv.Scale(dst, src); err != nil {
			b.Fatal(err)
		}
	}
}
