//go:build h264

package openh264_test

import (
	"errors"
	"image"
	"math"
	"slices"
	"testing"
	"time"

	"parley/call/coded"
	"parley/call/openh264"
	"parley/call/payload"
	"parley/devices/pattern"
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

func newEncoder(t testing.TB, width, height, bitRate int) *openh264.Encoder {
	t.Helper()
	e, err := openh264.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: bitRate})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func newDecoder(t testing.TB) *openh264.Decoder {
	t.Helper()
	d, err := openh264.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func encode(t testing.TB, e *openh264.Encoder, img *image.YCbCr, pts int64, key bool) coded.Frame {
	t.Helper()
	f, err := e.Encode(img, pts, key)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// stream encodes n pictures of 64x48, each of which becomes a frame.
func stream(t testing.TB, n int, keys ...int) [][]byte {
	t.Helper()
	e := newEncoder(t, 64, 48, 2_000_000)
	var frames [][]byte
	for i := range n {
		f := encode(t, e, scene(64, 48, i), int64(i)*3000, slices.Contains(keys, i))
		if f.Data == nil {
			t.Fatalf("picture %d was dropped", i)
		}
		frames = append(frames, slices.Clone(f.Data))
	}
	return frames
}

// psnr is how alike two pictures' luma is, in dB, where both have any. Above 30 most people see no difference.
func psnr(a, b *image.YCbCr) float64 {
	sum, w, h := 0.0, min(a.Rect.Dx(), b.Rect.Dx()), min(a.Rect.Dy(), b.Rect.Dy())
	for y := range h {
		for x := range w {
			d := float64(a.Y[y*a.YStride+x]) - float64(b.Y[y*b.YStride+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(w*h)/(sum+1e-9))
}

func TestAPictureComesOutAsItWentInAtAnySize(t *testing.T) {
	for _, size := range []image.Point{{640, 360}, {16, 16}, {17, 33}, {175, 143}, {1280, 720}} {
		e, d := newEncoder(t, size.X, size.Y, 6_000_000), newDecoder(t)
		for n := range 5 {
			in := scene(size.X, size.Y, n)
			f := encode(t, e, in, int64(n)*3000, false)
			if n > 0 && f.Data == nil {
				continue
			}
			out, err := d.Decode(f.Data)
			if err != nil || out == nil {
				t.Fatalf("%v: frame %d: %v, %v", size, n, out, err)
			}
			if w, h := out.Size(); w != size.X&^1 || h != size.Y&^1 {
				t.Fatalf("%v came out as %dx%d", size, w, h)
			}
			if q := psnr(in, out.YCbCr); q < 26 {
				t.Errorf("%v: frame %d is unlike its original: %.1f dB", size, n, q)
			}
			out.Release()
		}
	}
}

func TestKeyFramesComeFirstAndOnRequestOnly(t *testing.T) {
	e := newEncoder(t, 64, 48, 1_000_000)
	asked := false
	for n := range 400 {
		now := n == 7 || n == 350
		f := encode(t, e, scene(64, 48, 9*n), int64(n)*3000, now)
		asked = asked || now || n == 0
		if f.Data == nil {
			continue
		}
		if f.KeyFrame != asked {
			t.Fatalf("frame %d: key frame %v, want %v", n, f.KeyFrame, asked)
		}
		asked = false
		header, err := openh264.ParseHeader(f.Data)
		if err != nil || header.KeyFrame != f.KeyFrame || !header.Shown {
			t.Fatalf("frame %d: its header says %+v, %v", n, header, err)
		}
		if f.KeyFrame && (header.Width != 64 || header.Height != 48) {
			t.Fatalf("frame %d: its header says %dx%d", n, header.Width, header.Height)
		}
	}
}

func TestTheProfileIsConstrainedBaseline(t *testing.T) {
	key := stream(t, 1)[0]
	sps, _ := payload.NextUnit(key)
	if sps[0]&0x1f != 7 || sps[1] != 66 || sps[2]&0x40 == 0 {
		t.Errorf("a key frame begins with % x", sps[:4])
	}
}

func TestTheBitRateIsHeldAndCanBeChanged(t *testing.T) {
	const frames, rate, width, height = 150, 30, 320, 180
	e, pts := newEncoder(t, width, height, 200_000), int64(0)
	measure := func() (bitRate, coded int) {
		img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
		for range frames {
			pattern.Draw(img, time.Duration(pts)*time.Second/90_000, 1)
			f := encode(t, e, img, pts, false)
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

func TestReconfiguringGivesAKeyFrameOfTheNewSize(t *testing.T) {
	e, d := newEncoder(t, 320, 180, 3_000_000), newDecoder(t)
	pts := int64(0)
	for _, size := range []image.Point{{320, 180}, {160, 90}, {640, 360}} {
		if err := e.Reconfigure(size.X, size.Y, 3_000_000); err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			f := encode(t, e, scene(size.X, size.Y, n), pts, false)
			pts += 3000
			if n > 0 && f.Data == nil {
				continue
			}
			if f.KeyFrame != (n == 0) {
				t.Fatalf("%v: frame %d: key frame is %v", size, n, f.KeyFrame)
			}
			out, err := d.Decode(f.Data)
			if err != nil {
				t.Fatalf("%v: %v", size, err)
			}
			if w, h := out.Size(); w != size.X || h != size.Y {
				t.Fatalf("%v came out as %dx%d", size, w, h)
			}
			out.Release()
		}
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	e := newEncoder(t, 64, 48, 500_000)
	img := scene(64, 48, 0)
	img.Cr = img.Cr[:len(img.Cr)-1]
	for name, picture := range map[string]*image.YCbCr{"another size": scene(62, 48, 0), "chroma cut short": img} {
		if _, err := e.Encode(picture, 0, false); !errors.Is(err, coded.ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, size := range []image.Point{{0, 48}, {14, 48}, {64, -1}, {coded.MaxSide + 1, 16}, {coded.MaxSide, coded.MaxSide}} {
		if _, err := openh264.NewEncoder(coded.Settings{Width: size.X, Height: size.Y, BitRate: 500_000}); !errors.Is(err, coded.ErrPicture) {
			t.Errorf("an encoder for %v: %v", size, err)
		}
	}
	encode(t, e, scene(64, 48, 0), 3000, false)
	if _, err := e.Encode(scene(64, 48, 1), 3000, false); err == nil {
		t.Error("two pictures of one moment were encoded")
	}
}

func TestNothingWorksAfterClose(t *testing.T) {
	before := openh264.Encoders()
	e, d := newEncoder(t, 64, 48, 2_000_000), newDecoder(t)
	data := slices.Clone(encode(t, e, scene(64, 48, 0), 0, false).Data)
	picture, err := d.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	d.Close()
	if errors.Join(e.Close(), d.Close()) != nil || openh264.Encoders() != before {
		t.Errorf("closed twice: %d encoders are open, %d were", openh264.Encoders(), before)
	}
	_, errEncode := e.Encode(scene(64, 48, 1), 3000, false)
	_, errDecode := d.Decode(data)
	for name, err := range map[string]error{
		"Encode": errEncode, "Decode": errDecode,
		"SetBitRate": e.SetBitRate(1), "Reconfigure": e.Reconfigure(32, 32, 1),
	} {
		if !errors.Is(err, coded.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if q := psnr(scene(64, 48, 0), picture.YCbCr); q < 26 {
		t.Errorf("the picture did not outlive its decoder: %.1f dB", q)
	}
}

func TestACodecThatHasWarmedUpDoesNotAllocate(t *testing.T) {
	e, d, pts := newEncoder(t, 64, 48, 2_000_000), newDecoder(t), int64(0)
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
}
