package vpx_test

import (
	"errors"
	"image"
	"math"
	"testing"

	"parley/call/coded"
	"parley/call/vpx"
)

// scene draws picture number n: a slope that moves, so that every frame differs from the one before.
func scene(width, height, n int) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		for x := range width {
			img.Y[y*img.YStride+x] = uint8(40 + (x+y+4*n)%160)
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = uint8(100+n%20), uint8(150-n%20)
	}
	return img
}

func newEncoder(t testing.TB, codec vpx.Codec, width, height, bitRate int) *vpx.Encoder {
	t.Helper()
	e, err := codec.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: bitRate})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func newDecoder(t testing.TB, codec vpx.Codec) *vpx.Decoder {
	t.Helper()
	d, err := codec.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// forEach runs a test with each codec.
func forEach(t *testing.T, test func(t *testing.T, codec vpx.Codec)) {
	for _, codec := range []vpx.Codec{vpx.VP8, vpx.VP9} {
		t.Run(codec.String(), func(t *testing.T) { test(t, codec) })
	}
}

func encode(t testing.TB, e *vpx.Encoder, img *image.YCbCr, pts int64, key bool) vpx.Frame {
	t.Helper()
	f, err := e.Encode(img, pts, key)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// psnr is how alike two pictures' luma is, in dB. Above 30 most people see no difference.
func psnr(a, b *image.YCbCr) float64 {
	sum := 0.0
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			d := float64(a.Y[y*a.YStride+x]) - float64(b.Y[y*b.YStride+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(a.Rect.Dx()*a.Rect.Dy())/(sum+1e-9))
}

func TestAPictureComesOutAsItWentInAtAnySize(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		for _, size := range []image.Point{{640, 360}, {1, 1}, {17, 33}, {175, 143}, {16, 16}} {
			e, d := newEncoder(t, codec, size.X, size.Y, 3_000_000), newDecoder(t, codec)
			for n := range 5 {
				in := scene(size.X, size.Y, n)
				coded := encode(t, e, in, int64(n)*3000, false)
				if n > 0 && coded.Data == nil {
					continue // libvpx's rate control thinks ill of very small pictures
				}
				out, err := d.Decode(coded.Data)
				if err != nil {
					t.Fatalf("%v: frame %d: %v", size, n, err)
				}
				if w, h := out.Size(); w != size.X || h != size.Y {
					t.Fatalf("%v came out as %dx%d", size, w, h)
				}
				if q := psnr(in, out.YCbCr); q < 28 {
					t.Errorf("%v: frame %d is unlike its original: %.1f dB", size, n, q)
				}
				last := len(out.Cb) - 1
				if d := int(out.Cb[last]) - int(in.Cb[last]); d < -12 || d > 12 {
					t.Errorf("%v: the last chroma sample is %d, was %d", size, out.Cb[last], in.Cb[last])
				}
				out.Release()
			}
		}
	})
}

func TestAPictureWithWideRowsIsEncodedByItsStride(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		whole := scene(128, 96, 0)
		part := whole.SubImage(image.Rect(32, 16, 96, 64)).(*image.YCbCr)
		out, err := newDecoder(t, codec).Decode(encode(t, newEncoder(t, codec, 64, 48, 2_000_000), part, 0, false).Data)
		if err != nil {
			t.Fatal(err)
		}
		if q := psnr(part, out.YCbCr); q < 28 {
			t.Errorf("unlike its original: %.1f dB", q)
		}
	})
}

func TestKeyFramesComeFirstAndOnRequestOnly(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		e := newEncoder(t, codec, 64, 64, 500_000)
		for n := range 400 {
			asked := n == 7 || n == 350
			f := encode(t, e, scene(64, 64, 9*n), int64(n)*3000, asked)
			if f.Data == nil {
				continue
			}
			if want := asked || n == 0; f.KeyFrame != want {
				t.Fatalf("frame %d: key frame %v, want %v", n, f.KeyFrame, want)
			}
			header, err := codec.ParseHeader(f.Data)
			if err != nil || header.KeyFrame != f.KeyFrame || !header.Shown {
				t.Fatalf("frame %d: its header says %+v, %v", n, header, err)
			}
			if f.KeyFrame && (header.Width != 64 || header.Height != 64) {
				t.Fatalf("frame %d: its header says %dx%d", n, header.Width, header.Height)
			}
		}
	})
}

func TestTheBitRateIsHeldAndCanBeChanged(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		const frames, rate = 150, 30
		e := newEncoder(t, codec, 320, 180, 200_000)
		pts := int64(0)
		measure := func() (bitRate int) {
			for n := range frames {
				bitRate += 8 * len(encode(t, e, scene(320, 180, 7*n), pts, false).Data) * rate / frames
				pts += 90_000 / rate
			}
			return bitRate
		}
		measure() // the key frame and the settling
		low := measure()
		if err := e.SetBitRate(600_000); err != nil {
			t.Fatal(err)
		}
		measure()
		high := measure()
		if low < 100_000 || low > 260_000 {
			t.Errorf("asked for 200 kbit/s, got %d bit/s", low)
		}
		if high < 300_000 || high > 780_000 || high < 3*low/2 {
			t.Errorf("asked for 600 kbit/s, got %d bit/s; it was %d before", high, low)
		}
	})
}

func TestReconfiguringGivesAKeyFrameOfTheNewSizeWhereOneIsNeeded(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		e, d := newEncoder(t, codec, 640, 360, 500_000), newDecoder(t, codec)
		pts := int64(0)
		for step, c := range []struct {
			size   image.Point
			scales bool // by VP9
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
			if err := e.Reconfigure(c.size.X, c.size.Y, 500_000); err != nil {
				t.Fatal(err)
			}
			if w, h := e.Size(); w != c.size.X || h != c.size.Y {
				t.Fatalf("asked for %v, it takes %dx%d", c.size, w, h)
			}
			for n := range 4 {
				f := encode(t, e, scene(c.size.X, c.size.Y, n), pts, false)
				pts += 3000
				if want := n == 0 && !(c.scales && codec == vpx.VP9); f.KeyFrame != want {
					t.Fatalf("step %d, %v: frame %d: key frame is %v", step, c.size, n, f.KeyFrame)
				}
				out, err := d.Decode(f.Data)
				if err != nil {
					t.Fatalf("step %d, %v: %v", step, c.size, err)
				}
				if w, h := out.Size(); w != c.size.X || h != c.size.Y {
					t.Fatalf("%v came out as %dx%d", c.size, w, h)
				}
				if q := psnr(scene(c.size.X, c.size.Y, n), out.YCbCr); q < 26 {
					t.Errorf("step %d, %v: frame %d is unlike its original: %.1f dB", step, c.size, n, q)
				}
				out.Release()
			}
		}
	})
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		e := newEncoder(t, codec, 64, 48, 500_000)
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
			img := scene(64, 48, 0)
			spoil(img)
			if _, err := e.Encode(img, 0, false); !errors.Is(err, vpx.ErrPicture) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, size := range []image.Point{{0, 48}, {64, -1}, {vpx.MaxSide + 1, 16}, {vpx.MaxSide, vpx.MaxSide}} {
			if _, err := codec.NewEncoder(coded.Settings{Width: size.X, Height: size.Y, BitRate: 500_000}); !errors.Is(err, vpx.ErrPicture) {
				t.Errorf("an encoder for %v: %v", size, err)
			}
		}
	})
}

func TestTimeThatStandsStillIsRefused(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		e := newEncoder(t, codec, 64, 48, 500_000)
		encode(t, e, scene(64, 48, 0), 3000, false)
		if _, err := e.Encode(scene(64, 48, 1), 3000, false); err == nil {
			t.Error("two pictures of one moment were encoded")
		}
		encode(t, e, scene(64, 48, 1), 6000, false) // and it goes on
	})
}

func TestEncodersAreCountedWhileTheyAreOpen(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		before := vpx.Encoders()
		e := newEncoder(t, codec, 64, 48, 500_000)
		if err := e.Reconfigure(32, 32, 100_000); err != nil {
			t.Fatal(err)
		}
		if n := vpx.Encoders() - before; n != 1 {
			t.Errorf("%d encoders are open, want 1", n)
		}
		e.Close()
		e.Close()
		if n := vpx.Encoders() - before; n != 0 {
			t.Errorf("%d encoders are open after Close", n)
		}
	})
}

func TestNothingWorksAfterClose(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		e, d := newEncoder(t, codec, 64, 48, 500_000), newDecoder(t, codec)
		data := append([]byte(nil), encode(t, e, scene(64, 48, 0), 0, false).Data...)
		picture, err := d.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		e.Close()
		d.Close()
		if err := d.Close(); err != nil {
			t.Errorf("the second Close: %v", err)
		}
		_, errEncode := e.Encode(scene(64, 48, 1), 3000, false)
		_, errDecode := d.Decode(data)
		for name, err := range map[string]error{
			"Encode": errEncode, "Decode": errDecode,
			"SetBitRate": e.SetBitRate(1), "Reconfigure": e.Reconfigure(2, 2, 1),
		} {
			if !errors.Is(err, vpx.ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if q := psnr(scene(64, 48, 0), picture.YCbCr); q < 28 {
			t.Errorf("the picture did not outlive its decoder: %.1f dB", q)
		}
	})
}

func TestNothingIsShownBeforeAKeyFrame(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		e, d := newEncoder(t, codec, 64, 48, 500_000), newDecoder(t, codec)
		encode(t, e, scene(64, 48, 0), 0, false)
		if _, err := d.Decode(encode(t, e, scene(64, 48, 1), 3000, false).Data); !errors.Is(err, vpx.ErrCorrupt) {
			t.Errorf("a frame without its key frame: %v", err)
		}
		if _, err := d.Decode(encode(t, e, scene(64, 48, 2), 6000, true).Data); err != nil {
			t.Errorf("the key frame after it: %v", err)
		}
	})
}

func TestAfterDamageOnlyAKeyFrameIsTaken(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		e, d := newEncoder(t, codec, 64, 48, 500_000), newDecoder(t, codec)
		for n, want := range []error{nil, nil, vpx.ErrCorrupt, vpx.ErrCorrupt, nil, nil} {
			data := encode(t, e, scene(64, 48, n), int64(n)*3000, n == 4).Data
			if n == 2 {
				data = data[:2]
			}
			f, err := d.Decode(data)
			if !errors.Is(err, want) {
				t.Fatalf("frame %d: %v, want %v", n, err, want)
			}
			f.Release()
		}
	})
}

func TestAHugePictureIsRefusedUnread(t *testing.T) {
	const codec = vpx.VP8
	data := append([]byte(nil), encode(t, newEncoder(t, codec, 64, 48, 500_000), scene(64, 48, 0), 0, false).Data...)
	for _, c := range []struct {
		w, h uint16
		want error
	}{{16383, 16383, vpx.ErrTooLarge}, {vpx.MaxSide + 1, 16, vpx.ErrTooLarge}, {4096, 4096, vpx.ErrTooLarge}, {0, 48, vpx.ErrCorrupt}} {
		data[6], data[7], data[8], data[9] = byte(c.w), byte(c.w>>8), byte(c.h), byte(c.h>>8)
		if _, err := newDecoder(t, codec).Decode(data); !errors.Is(err, c.want) {
			t.Errorf("%dx%d: %v, want %v", c.w, c.h, err, c.want)
		}
	}
}

func TestACodecThatHasWarmedUpDoesNotAllocate(t *testing.T) {
	forEach(t, func(t *testing.T, codec vpx.Codec) {
		e, d, pts := newEncoder(t, codec, 64, 48, 500_000), newDecoder(t, codec), int64(0)
		pictures := []*image.YCbCr{scene(64, 48, 0), scene(64, 48, 3)}
		step := func() {
			pts += 3000
			coded, err := e.Encode(pictures[pts/3000%2], pts, false)
			if err != nil {
				t.Fatal(err)
			}
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
	})
}
