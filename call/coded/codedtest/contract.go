package codedtest

import (
	"errors"
	"image"
	"slices"
	"testing"
	"time"

	"parley/call/coded"
	"parley/devices/pattern"
)

// Test runs the whole contract.
func (b Binding) Test(t *testing.T) {
	for _, part := range []struct {
		name string
		test func(*testing.T)
	}{
		{"a picture comes out as it went in, at any size", b.anySize},
		{"a picture with wide rows is encoded by its stride", b.wideRows},
		{"key frames come first, and on request only", b.keyFrames},
		{"the bit rate is held, and can be changed", b.bitRate},
		{"the bit rate is held at uneven times too", b.unevenTimes},
		{"reconfiguring gives a key frame of the new size, where one is needed", b.reconfigure},
		{"what is no picture is refused", b.noPicture},
		{"time that stands still is refused", b.standstill},
		{"encoders are counted while they are open", b.counted},
		{"nothing works after close", b.closed},
		{"nothing is shown before a key frame", b.noKeyFrame},
		{"after damage only a key frame is taken", b.damage},
		{"nothing is allocated by the frame", b.allocations},
	} {
		t.Run(part.name, part.test)
	}
}

// comesOut says which size comes out of a decoder.
func (b Binding) comesOut(size image.Point) image.Point {
	if b.Even {
		return image.Pt(size.X&^1, size.Y&^1)
	}
	return size
}

// check decodes a frame, and compares the picture with its original.
func (b Binding) check(t *testing.T, d coded.Decoder, data []byte, original *image.YCbCr) {
	t.Helper()
	out, err := d.Decode(data)
	if err != nil || out == nil {
		t.Fatalf("decoding: %v, %v", out, err)
	}
	defer out.Release()
	w, h := out.Size()
	if want := b.comesOut(original.Rect.Size()); image.Pt(w, h) != want {
		t.Fatalf("%v came out as %dx%d", original.Rect.Size(), w, h)
	}
	if q := PSNR(original, out.YCbCr); q < b.Alike {
		t.Errorf("unlike its original: %.1f dB", q)
	}
	last := len(out.Cb) - 1
	row, column := last/out.CStride, last%out.CStride
	was, is := int(original.Cb[row*original.CStride+column]), int(out.Cb[last])
	if was-is > 12 || is-was > 12 {
		t.Errorf("the last chroma sample is %d, was %d", is, was)
	}
}

func (b Binding) anySize(t *testing.T) {
	for _, size := range []image.Point{{640, 360}, {b.Least, b.Least}, {17, 33}, {175, 143}, {16, 16}, {1280, 720}} {
		t.Run(size.String(), func(t *testing.T) {
			e, d := b.Encoder(t, size.X, size.Y, 6_000_000), b.Decoder(t)
			for n := range 5 {
				original := Scene(size.X, size.Y, n)
				f := Encode(t, e, original, int64(n)*3000, false)
				if n > 0 && f.Data == nil {
					continue // rate controls think ill of very small pictures
				}
				b.check(t, d, f.Data, original)
			}
		})
	}
}

func (b Binding) wideRows(t *testing.T) {
	part := Scene(128, 96, 0).SubImage(image.Rect(32, 16, 96, 64)).(*image.YCbCr)
	b.check(t, b.Decoder(t), Encode(t, b.Encoder(t, 64, 48, 2_000_000), part, 0, false).Data, part)
}

func (b Binding) keyFrames(t *testing.T) {
	e := b.Encoder(t, 64, 48, 1_000_000)
	owed := true // the first one; one that is asked for and dropped to hold the bit rate comes next
	for n := range 400 {
		asked := n == 7 || n == 350
		owed = owed || asked
		f := Encode(t, e, Scene(64, 48, 9*n), int64(n)*3000, asked)
		if f.Data == nil {
			continue
		}
		if f.KeyFrame != owed {
			t.Fatalf("frame %d: key frame %v, want %v", n, f.KeyFrame, owed)
		}
		owed = false
		header, err := b.ParseHeader(f.Data)
		if err != nil || header.KeyFrame != f.KeyFrame || !header.Shown {
			t.Fatalf("frame %d: its header says %+v, %v", n, header, err)
		}
		if f.KeyFrame && (header.Width != 64 || header.Height != 48) {
			t.Fatalf("frame %d: its header says %dx%d", n, header.Width, header.Height)
		}
	}
	if owed {
		t.Error("the last key frame that was asked for never came")
	}
}

func (b Binding) bitRate(t *testing.T) {
	const frames, rate, width, height = 150, 30, 320, 180
	e, pts := b.Encoder(t, width, height, 200_000), int64(0)
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	measure := func() (bitRate, coded int) {
		for range frames {
			pattern.Draw(img, time.Duration(pts)*time.Second/90_000, 1)
			f := Encode(t, e, img, pts, false)
			if bitRate += 8 * len(f.Data) * rate / frames; f.Data != nil {
				coded++
			}
			pts += 90_000 / rate
		}
		return bitRate, coded
	}
	measure() // the key frame and the settling
	low, codedLow := measure()
	if err := e.SetBitRate(600_000); err != nil {
		t.Fatal(err)
	}
	measure()
	high, codedHigh := measure()
	if low < 100_000 || low > 260_000 || codedLow < frames*2/3 {
		t.Errorf("asked for 200 kbit/s, got %d bit/s in %d of %d frames", low, codedLow, frames)
	}
	if high < 300_000 || high > 780_000 || high < 3*low/2 || codedHigh < frames*2/3 {
		t.Errorf("asked for 600 kbit/s, got %d bit/s in %d of %d frames; it was %d before", high, codedHigh, frames, low)
	}
}

// A ladder leaves out every third picture, and cameras and screens have times of their own.
func (b Binding) unevenTimes(t *testing.T) {
	const second, bitRate, width, height = 90_000, 200_000, 320, 180
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for name, apart := range map[string][]int64{
		"20 of 30 a second":        {second / 15, second / 30},
		"now early and now late":   {second / 45, second * 2 / 45},
		"a pause after each three": {second / 30, second / 30, second / 30, second / 5},
	} {
		e, from, bits := b.Encoder(t, width, height, bitRate), int64(3*second), 0
		for n, pts := 0, int64(0); pts < from+10*second; n++ {
			pattern.Draw(img, time.Duration(pts)*time.Second/second, 1)
			if f := Encode(t, e, img, pts, false); pts >= from {
				bits += 8 * len(f.Data)
			}
			pts += apart[n%len(apart)]
		}
		if got := bits / 10; got < bitRate/3 || got > bitRate*5/4 {
			t.Errorf("%s: asked for %d bit/s, got %d", name, bitRate, got)
		}
	}
}

func (b Binding) reconfigure(t *testing.T) {
	const bitRate = 3_000_000
	e, d := b.Encoder(t, 640, 360, bitRate), b.Decoder(t)
	pts := int64(0)
	for _, c := range []struct {
		size   image.Point
		within bool // what a codec that scales needs no key frame for
	}{
		{image.Pt(640, 360), false}, // the start
		{image.Pt(480, 270), true},
		{image.Pt(321, 181), true},  // no multiple of anything
		{image.Pt(640, 360), true},  // up again
		{image.Pt(160, 90), false},  // less than half
		{image.Pt(320, 180), false}, // more than it was opened with
		{image.Pt(160, 90), true},
		{image.Pt(800, 450), false},
	} {
		if err := e.Reconfigure(c.size.X, c.size.Y, bitRate); err != nil {
			t.Fatal(err)
		}
		if w, h := e.Size(); image.Pt(w, h) != c.size {
			t.Fatalf("asked for %v, it takes %dx%d", c.size, w, h)
		}
		for n := range 4 {
			original := Scene(c.size.X, c.size.Y, n)
			f := Encode(t, e, original, pts, false)
			pts += 3000
			if want := n == 0 && !(c.within && b.Scales); f.KeyFrame != want {
				t.Fatalf("%v: frame %d: key frame is %v", c.size, n, f.KeyFrame)
			}
			b.check(t, d, f.Data, original)
		}
	}
}

func (b Binding) noPicture(t *testing.T) {
	e := b.Encoder(t, 64, 48, 500_000)
	for name, spoil := range map[string]func(*image.YCbCr){
		"another size":        func(p *image.YCbCr) { p.Rect.Max.X = 63 },
		"another subsampling": func(p *image.YCbCr) { p.SubsampleRatio = image.YCbCrSubsampleRatio444 },
		"an odd corner":       func(p *image.YCbCr) { p.Rect = p.Rect.Add(image.Pt(1, 0)) },
		"luma cut short":      func(p *image.YCbCr) { p.Y = p.Y[:len(p.Y)-1] },
		"chroma cut short":    func(p *image.YCbCr) { p.Cr = p.Cr[:len(p.Cr)-1] },
		"no chroma":           func(p *image.YCbCr) { p.Cb = nil },
		"narrow stride":       func(p *image.YCbCr) { p.YStride = 63 },
		"negative stride":     func(p *image.YCbCr) { p.CStride = -32 },
	} {
		img := Scene(64, 48, 0)
		spoil(img)
		if _, err := e.Encode(img, 0, false); !errors.Is(err, coded.ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, size := range []image.Point{{0, 48}, {b.Least - 1, 48}, {64, -1}, {coded.MaxSide + 1, 16}, {coded.MaxSide, coded.MaxSide}} {
		if _, err := b.NewEncoder(coded.Settings{Width: size.X, Height: size.Y, BitRate: 500_000}); !errors.Is(err, coded.ErrPicture) {
			t.Errorf("an encoder for %v: %v", size, err)
		}
	}
}

func (b Binding) standstill(t *testing.T) {
	e := b.Encoder(t, 64, 48, 500_000)
	Encode(t, e, Scene(64, 48, 0), 3000, false)
	if _, err := e.Encode(Scene(64, 48, 1), 3000, false); err == nil {
		t.Error("two pictures of one moment were encoded")
	}
	Encode(t, e, Scene(64, 48, 1), 6000, false) // and it goes on
}

func (b Binding) counted(t *testing.T) {
	before := b.Encoders()
	e := b.Encoder(t, 64, 48, 500_000)
	if err := e.Reconfigure(32, 32, 100_000); err != nil {
		t.Fatal(err)
	}
	if n := b.Encoders() - before; n != 1 {
		t.Errorf("%d encoders are open, want 1", n)
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Error(err)
	}
	if n := b.Encoders() - before; n != 0 {
		t.Errorf("%d encoders are open after Close", n)
	}
}

func (b Binding) closed(t *testing.T) {
	e, d := b.Encoder(t, 64, 48, 2_000_000), b.Decoder(t)
	data := slices.Clone(Encode(t, e, Scene(64, 48, 0), 0, false).Data)
	picture, err := d.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(e.Close(), d.Close(), d.Close()); err != nil {
		t.Error(err)
	}
	_, errEncode := e.Encode(Scene(64, 48, 1), 3000, false)
	_, errDecode := d.Decode(data)
	for name, err := range map[string]error{
		"Encode": errEncode, "Decode": errDecode,
		"SetBitRate": e.SetBitRate(1), "Reconfigure": e.Reconfigure(32, 32, 1),
	} {
		if !errors.Is(err, coded.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if q := PSNR(Scene(64, 48, 0), picture.YCbCr); q < b.Alike {
		t.Errorf("the picture did not outlive its decoder: %.1f dB", q)
	}
}

func (b Binding) noKeyFrame(t *testing.T) {
	frames, d := b.Stream(t, 3, 2), b.Decoder(t)
	if _, err := d.Decode(frames[1]); !errors.Is(err, coded.ErrCorrupt) {
		t.Errorf("a frame without its key frame: %v", err)
	}
	b.check(t, d, frames[2], Scene(64, 48, 2)) // the key frame after it
}

func (b Binding) damage(t *testing.T) {
	frames := b.Stream(t, 7, 5)
	for name, left := range map[string]int{"a third of it": len(frames[2]) / 3, "its first two bytes": 2} {
		d := b.Decoder(t)
		for n, data := range frames {
			if n < 2 || n > 4 {
				b.check(t, d, data, Scene(64, 48, n))
				continue
			}
			if n == 2 {
				data = data[:left]
			}
			if f, err := d.Decode(data); !errors.Is(err, coded.ErrCorrupt) {
				f.Release()
				t.Fatalf("%s is left: frame %d: %v", name, n, err)
			}
		}
	}
}

func (b Binding) allocations(t *testing.T) {
	e, d, pts := b.Encoder(t, 64, 48, 2_000_000), b.Decoder(t), int64(0)
	pictures := []*image.YCbCr{Scene(64, 48, 0), Scene(64, 48, 3)}
	step := func() {
		pts += 3000
		coded := Encode(t, e, pictures[pts/3000%2], pts, false)
		if coded.Data == nil {
			return
		}
		f, err := d.Decode(coded.Data)
		if err != nil {
			t.Fatal(err)
		}
		f.Release()
	}
	for range 50 {
		step()
	}
	if n := testing.AllocsPerRun(100, step); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
