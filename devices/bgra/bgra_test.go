package bgra_test

import (
	"bytes"
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"parley/devices/bgra"
)

// padding is how many bytes beyond the picture each row of a test picture has, to catch a stride that is not respected. It is even,
// since I420's chroma has half of it.
const padding = 6

// untouched is what the padding holds.
const untouched = 77

var sizes = []image.Point{{1, 1}, {2, 2}, {3, 5}, {7, 4}, {64, 48}, {65, 49}, {333, 31}}

func newI420(w, h int) *image.YCbCr {
	cw, ch := (w+1)/2, (h+1)/2
	plane := func(w, h int) []uint8 { return bytes.Repeat([]uint8{untouched}, (w+padding)*h) }
	return &image.YCbCr{
		Y: plane(w, h), Cb: plane(cw, ch), Cr: plane(cw, ch), YStride: w + padding, CStride: cw + padding,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, w, h),
	}
}

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// reference tells luma and chroma at a pixel, as the definition of the order has them, in floating point.
type reference func(x, y int) (luma, cb, cr float64)

// ofRGB is BT.601 limited range for a picture of four bytes a pixel with red, green and blue at those offsets.
func ofRGB(src []byte, stride, r, g, b int) reference {
	return func(x, y int) (float64, float64, float64) {
		p := src[y*stride+4*x:]
		red, green, blue := float64(p[r])/255, float64(p[g])/255, float64(p[b])/255
		luma := 0.299*red + 0.587*green + 0.114*blue
		return 16 + 219*luma, 128 + 224*(blue-luma)/1.772, 128 + 224*(red-luma)/1.402
	}
}

// orders tells, for each order, the stride and the bytes of a picture, and the reference for those bytes.
var orders = map[bgra.Order]struct {
	layout    func(w, h int) (stride, size int)
	reference func(src []byte, stride, h int) reference
}{
	bgra.BGRA: {packed(4), func(src []byte, stride, _ int) reference { return ofRGB(src, stride, 2, 1, 0) }},
	bgra.RGBA: {packed(4), func(src []byte, stride, _ int) reference { return ofRGB(src, stride, 0, 1, 2) }},
	bgra.YUY2: {packed(2), func(src []byte, stride, _ int) reference {
		return func(x, y int) (float64, float64, float64) {
			p := src[y*stride+x/2*4:]
			return float64(p[x%2*2]), float64(p[1]), float64(p[3])
		}
	}},
	bgra.NV12: {planar, func(src []byte, stride, h int) reference {
		return func(x, y int) (float64, float64, float64) {
			c := src[stride*(h+y/2)+x/2*2:]
			return float64(src[y*stride+x]), float64(c[0]), float64(c[1])
		}
	}},
	bgra.I420: {planar, func(src []byte, stride, h int) reference {
		return func(x, y int) (float64, float64, float64) {
			at := stride*h + y/2*(stride/2) + x/2
			return float64(src[y*stride+x]), float64(src[at]), float64(src[at+(h+1)/2*(stride/2)])
		}
	}},
}

func packed(perPixel int) func(w, h int) (stride, size int) {
	return func(w, h int) (int, int) {
		row := perPixel * w
		if perPixel == 2 {
			row = 4 * ((w + 1) / 2)
		}
		return row + padding, (row+padding)*(h-1) + row
	}
}

func planar(w, h int) (stride, size int) {
	stride = 2*((w+1)/2) + padding
	return stride, stride * (h + (h+1)/2)
}

func TestEveryOrderIsConvertedAsItIsDefined(t *testing.T) {
	for order, o := range orders {
		for _, size := range sizes {
			stride, n := o.layout(size.X, size.Y)
			src, dst := noise(n), newI420(size.X, size.Y)
			if err := bgra.ToI420(dst, src, stride, order); err != nil {
				t.Fatalf("%v %v: %v", order, size, err)
			}
			compare(t, order, dst, o.reference(src, stride, size.Y))
		}
	}
}

// compare checks every sample of got. Chroma is the mean of up to two by two pixels.
func compare(t *testing.T, order bgra.Order, got *image.YCbCr, want reference) {
	t.Helper()
	w, h := got.Rect.Dx(), got.Rect.Dy()
	near := func(name string, x, y int, got uint8, want float64) {
		if math.Abs(float64(got)-want) > 2 {
			t.Fatalf("%v %dx%d: %s at (%d,%d) is %d, want %.1f", order, w, h, name, x, y, got, want)
		}
	}
	for y := range h {
		for x := range w {
			luma, _, _ := want(x, y)
			near("luma", x, y, got.Y[y*got.YStride+x], luma)
		}
	}
	for y := range (h + 1) / 2 {
		for x := range (w + 1) / 2 {
			var cb, cr float64
			for i := range 4 {
				_, b, r := want(min(2*x+i%2, w-1), min(2*y+i/2, h-1))
				cb, cr = cb+b/4, cr+r/4
			}
			near("cb", x, y, got.Cb[y*got.CStride+x], cb)
			near("cr", x, y, got.Cr[y*got.CStride+x], cr)
		}
	}
}

func TestConvertingWritesOnlyThePicture(t *testing.T) {
	for order, o := range orders {
		const w, h = 37, 11
		dst := newI420(w, h)
		stride, n := o.layout(w, h)
		if err := bgra.ToI420(dst, noise(n), stride, order); err != nil {
			t.Fatal(err)
		}
		for i, v := range dst.Y {
			if i%dst.YStride >= w && v != untouched {
				t.Fatalf("%v: luma byte %d, behind its row, was overwritten", order, i)
			}
		}
		for i := range dst.Cb {
			if i%dst.CStride >= (w+1)/2 && (dst.Cb[i] != untouched || dst.Cr[i] != untouched) {
				t.Fatalf("%v: chroma byte %d, behind its row, was overwritten", order, i)
			}
		}
	}
}

func TestASourceThatIsOneByteShortIsRefused(t *testing.T) {
	for order, o := range orders {
		stride, _ := o.layout(8, 6)
		// The least that is enough is found by growing.
		dst := newI420(8, 6)
		least := -1
		for n := range stride * 12 {
			err := bgra.ToI420(dst, make([]byte, n), stride, order)
			if err == nil {
				least = n
				break
			}
			if !errors.Is(err, bgra.ErrShort) {
				t.Fatalf("%v of %d bytes: %v", order, n, err)
			}
			if dst.Y[0] != untouched {
				t.Fatalf("%v of %d bytes was refused, after it was written", order, n)
			}
		}
		rows := map[bgra.Order]int{bgra.BGRA: 32 + 5*stride, bgra.RGBA: 32 + 5*stride, bgra.YUY2: 16 + 5*stride, bgra.NV12: 8 + 8*stride, bgra.I420: 4 + 6*stride + 5*(stride/2)}
		if least != rows[order] {
			t.Errorf("%v: %d bytes were enough for a picture that takes %d", order, least, rows[order])
		}
	}
}

func TestAbsurdSizesAreRefused(t *testing.T) {
	good := func() *image.YCbCr { return newI420(8, 8) }
	cases := map[string]struct {
		stride int
		order  bgra.Order
		spoil  func(*image.YCbCr)
		want   error
	}{
		"stride below the row":    {31, bgra.BGRA, func(*image.YCbCr) {}, bgra.ErrShort},
		"negative stride":         {-32, bgra.BGRA, func(*image.YCbCr) {}, bgra.ErrShort},
		"huge stride":             {1 << 40, bgra.BGRA, func(*image.YCbCr) {}, bgra.ErrShort},
		"unknown order":           {32, 99, func(*image.YCbCr) {}, bgra.ErrSize},
		"empty destination":       {32, bgra.BGRA, func(d *image.YCbCr) { d.Rect = image.Rectangle{} }, bgra.ErrSize},
		"destination too wide":    {32, bgra.BGRA, func(d *image.YCbCr) { d.Rect.Max.X = bgra.MaxSide + 1 }, bgra.ErrSize},
		"another subsampling":     {32, bgra.BGRA, func(d *image.YCbCr) { d.SubsampleRatio = image.YCbCrSubsampleRatio444 }, bgra.ErrSize},
		"an odd corner":           {32, bgra.BGRA, func(d *image.YCbCr) { d.Rect = image.Rect(1, 1, 8, 8) }, bgra.ErrSize},
		"luma of destination cut": {32, bgra.BGRA, func(d *image.YCbCr) { d.Y = d.Y[:60] }, bgra.ErrShort},
		"chroma of it missing":    {32, bgra.BGRA, func(d *image.YCbCr) { d.Cr = nil }, bgra.ErrShort},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dst := good()
			c.spoil(dst)
			if err := bgra.ToI420(dst, make([]byte, 4096), c.stride, c.order); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestConvertingDoesNotAllocate(t *testing.T) {
	dst, src := newI420(64, 48), make([]byte, 64*48*4)
	if n := testing.AllocsPerRun(100, func() { _ = bgra.ToI420(dst, src, 256, bgra.BGRA) }); n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func BenchmarkBGRA1080p(b *testing.B) {
	const w, h = 1920, 1080
	dst, src := newI420(w, h), noise(4*w*h)
	for b.Loop() {
		if err := bgra.ToI420(dst, src, 4*w, bgra.BGRA); err != nil {
			b.Fatal(err)
		}
	}
}
