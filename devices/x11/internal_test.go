//go:build linux

package x11

import (
	"image"
	"testing"
	"unicode"
	"unicode/utf8"
)

func FuzzAnyTitleBecomesOneShortLine(f *testing.F) {
	for _, seed := range []string{"", "Slides", "a\nb", "\u202ex", "\xff\xfe", "caf\xe9", "👩\u200d💻", "\x1b]0;x\a"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, text := range []string{utf8Text(value), oldText(value)} {
			if !utf8.ValidString(text) || utf8.RuneCountInString(text) > MaxTitle {
				t.Errorf("%q becomes %q", value, text)
			}
			for _, r := range text {
				if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
					t.Errorf("%q becomes %q", value, text)
				}
			}
		}
	})
}

func TestBytesThatAreNoListOfWindowsAreNone(t *testing.T) {
	if ids := windowIDs([]byte{1, 0, 0, 0, 2, 0, 0, 0, 9, 9}); len(ids) != 2 || ids[0] != 1 || ids[1] != 2 {
		t.Errorf("got %v", ids)
	}
	if ids := windowIDs(nil); ids != nil {
		t.Errorf("nothing becomes %v", ids)
	}
}

// numbered is a canvas whose pixels all differ.
func numbered(width, height int) *canvas {
	v := &canvas{pix: make([]byte, width*height*pixelBytes), width: width, height: height}
	for i := range v.pix {
		v.pix[i] = byte(i * 7)
	}
	return v
}

func TestThePointerLeavesNoTraceWhereverItIs(t *testing.T) {
	p := pointer{size: image.Pt(5, 4), hot: image.Pt(1, 2), argb: make([]uint32, 20)}
	for i := range p.argb {
		p.argb[i] = 0xff000000 | uint32(i+1)*0x010305
	}
	for _, at := range []image.Point{{10, 10}, {0, 0}, {19, 15}, {-1, 3}, {100, 100}} {
		v, before := numbered(20, 16), numbered(20, 16)
		p.draw(v, at)
		for y := range 16 {
			for x := range 20 {
				want := before.pix[(y*20+x)*pixelBytes:][:3]
				if q := image.Pt(x, y).Sub(at).Add(p.hot); q.In(image.Rectangle{Max: p.size}) {
					n := byte(q.Y*5 + q.X + 1)
					want = []byte{5 * n, 3 * n, n}
				}
				if got := v.pix[(y*20+x)*pixelBytes:][:3]; string(got) != string(want) {
					t.Fatalf("with the pointer at %v, (%d,%d) is %v, want %v", at, x, y, got, want)
				}
			}
		}
		p.undraw(v)
		if string(v.pix) != string(before.pix) {
			t.Errorf("with the pointer at %v a trace is left", at)
		}
	}
}

func TestAPointersShadowLetsThrough(t *testing.T) {
	for _, c := range []struct {
		argb   uint32
		before byte
		want   byte
	}{{0, 200, 200}, {0x80000000, 200, 100}, {0xff646464, 200, 100}, {0x80404040, 255, 191}, {0x10ffffff, 255, 255}} {
		dst := []byte{c.before, c.before, c.before, 0}
		over(dst, c.argb)
		if got := int(dst[0]) - int(c.want); got < -1 || got > 1 || dst[0] != dst[2] {
			t.Errorf("%08x over %d is %v, want %d", c.argb, c.before, dst, c.want)
		}
	}
}

func TestASmallPictureKeepsProportionsAndColours(t *testing.T) {
	for _, c := range []struct{ from, fit, want image.Point }{
		{image.Pt(1920, 1080), image.Pt(320, 320), image.Pt(320, 180)},
		{image.Pt(300, 900), image.Pt(320, 90), image.Pt(30, 90)},
		{image.Pt(10, 8), image.Pt(100, 100), image.Pt(10, 8)},
		{image.Pt(4000, 2), image.Pt(100, 100), image.Pt(100, 1)},
	} {
		v := &canvas{pix: make([]byte, c.from.X*c.from.Y*pixelBytes), width: c.from.X, height: c.from.Y}
		for i := range c.from.X * c.from.Y {
			copy(v.pix[i*pixelBytes:], []byte{10, 20, 30, 0})
		}
		img := v.small(c.fit.X, c.fit.Y)
		if img.Rect.Size() != c.want {
			t.Errorf("%v into %v becomes %v", c.from, c.fit, img.Rect.Size())
		}
		for i := 0; i < len(img.Pix); i += 4 {
			if p := img.Pix[i:][:4]; string(p) != "\x1e\x14\x0a\xff" {
				t.Fatalf("%v into %v: a pixel is %v", c.from, c.fit, p)
			}
		}
	}
}
