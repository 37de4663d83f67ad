// Package codedtest is the contract of package coded as tests: what every binding of a video codec must do, whatever the codec. A binding's
// own tests call [Binding.Test] and add what only that codec has.
package codedtest

import (
	"image"
	"math"
	"slices"
	"testing"
	"time"

	"parley/call/coded"
	"parley/devices/pattern"
)

// Binding is one codec of one library.
type Binding struct {
	NewEncoder  func(coded.Settings) (coded.Encoder, error)
	NewDecoder  func() (coded.Decoder, error)
	ParseHeader func(data []byte) (coded.Header, error)
	Encoders    func() int // how many are open

	Least  int     // pixels: the shortest side that is encoded
	Even   bool    // an odd picture loses its last column or row
	Scales bool    // pictures of another size may refer to those before, within the largest and down to half of what was coded last
	Alike  float64 // dB, by [PSNR]: how alike a picture is to its original at the least
}

// Scene draws picture number n: a slope that moves, so that every frame differs from the one before.
func Scene(width, height, n int) *image.YCbCr {
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

// film is some pictures of the test camera, at 30 a second, and then again from the last to the first.
func film(width, height int) []*image.YCbCr {
	pictures := make([]*image.YCbCr, 30)
	for n := range pictures {
		pictures[n] = image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
		pattern.Draw(pictures[n], time.Duration(n)*time.Second/30, 1)
	}
	for n := len(pictures) - 2; n > 0; n-- {
		pictures = append(pictures, pictures[n])
	}
	return pictures
}

// PSNR is how alike two pictures' luma is, in dB, where both have any. Above 30 most people see no difference.
func PSNR(a, b *image.YCbCr) float64 {
	sum, w, h := 0.0, min(a.Rect.Dx(), b.Rect.Dx()), min(a.Rect.Dy(), b.Rect.Dy())
	for y := range h {
		for x := range w {
			d := float64(a.Y[y*a.YStride+x]) - float64(b.Y[y*b.YStride+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(w*h)/(sum+1e-9))
}

// Encoder opens an encoder that is closed at the end of the test.
func (b Binding) Encoder(t testing.TB, width, height, bitRate int) coded.Encoder {
	t.Helper()
	e, err := b.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: bitRate})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// Decoder opens a decoder that is closed at the end of the test.
func (b Binding) Decoder(t testing.TB) coded.Decoder {
	t.Helper()
	d, err := b.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// Encode encodes a picture, which must succeed. The frame's data is the encoder's.
func Encode(t testing.TB, e coded.Encoder, img *image.YCbCr, pts int64, key bool) coded.Frame {
	t.Helper()
	f, err := e.Encode(img, pts, key)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Stream encodes n scenes of 64x48, each of which becomes a frame: the first a key frame, and so those whose numbers are in keys.
func (b Binding) Stream(t testing.TB, n int, keys ...int) [][]byte {
	t.Helper()
	e := b.Encoder(t, 64, 48, 2_000_000)
	var frames [][]byte
	for i := range n {
		f := Encode(t, e, Scene(64, 48, i), int64(i)*3000, slices.Contains(keys, i))
		if f.Data == nil {
			t.Fatalf("picture %d was dropped", i)
		}
		frames = append(frames, slices.Clone(f.Data))
	}
	return frames
}

// Bits writes bits, the highest of each byte first. The zero value is empty.
type Bits struct {
	Data []byte
	free int // bits of the last byte
}

// Put writes the lowest n bits of value.
func (w *Bits) Put(n int, value uint64) {
	for i := n - 1; i >= 0; i-- {
		if w.free == 0 {
			w.Data, w.free = append(w.Data, 0), 8
		}
		w.free--
		w.Data[len(w.Data)-1] |= byte(value>>i&1) << w.free
	}
}
