package vpx_test

import (
	"encoding/binary"
	"errors"
	"image"
	"math/rand/v2"
	"testing"

	"parley/call/coded"
	"parley/call/coded/codedtest"
	"parley/call/vpx"
)

// hugeVP9 is the head of a VP9 key frame of that size, and nothing else.
func hugeVP9(width, height int) []byte {
	var w codedtest.Bits
	w.Put(2, 2)         // frame marker
	w.Put(2, 0)         // profile
	w.Put(1, 0)         // show_existing_frame
	w.Put(1, 0)         // a key frame
	w.Put(2, 3)         // shown, error-resilient
	w.Put(24, 0x498342) // sync code
	w.Put(4, 2)         // BT.601, limited range
	w.Put(16, uint64(width-1))
	w.Put(16, uint64(height-1))
	w.Put(32, 0)
	return w.Data
}

// scaledVP9 is the head of a VP9 frame that refers to others and yet has a size of its own.
func scaledVP9(intraOnly bool, width, height int) []byte {
	var w codedtest.Bits
	w.Put(4, 2<<2)
	w.Put(1, 0) // show_existing_frame
	w.Put(1, 1) // no key frame
	if intraOnly {
		w.Put(2, 0) // neither shown nor error-resilient
		w.Put(1, 1) // intra_only
		w.Put(2, 0) // reset_frame_context
		w.Put(24, 0x498342)
		w.Put(8, 1) // refresh_frame_flags
	} else {
		w.Put(2, 3)  // shown, error-resilient
		w.Put(8, 1)  // refresh_frame_flags
		w.Put(12, 0) // three references
		w.Put(3, 0)  // of none of them the size is taken
	}
	w.Put(16, uint64(width-1))
	w.Put(16, uint64(height-1))
	w.Put(32, 0)
	return w.Data
}

// superframe joins frames as annex B of the specification says.
func superframe(frames ...[]byte) []byte {
	marker := byte(6<<5 | 3<<3 | len(frames) - 1)
	var data []byte
	for _, f := range frames {
		data = append(data, f...)
	}
	data = append(data, marker)
	for _, f := range frames {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(f)))
	}
	return append(data, marker)
}

func TestAHugeVP9PictureIsRefusedUnreadWhereverItHides(t *testing.T) {
	real := bindings[vpx.VP9].Stream(t, 2)
	key, inter := real[0], real[1]
	join := func(parts ...[]byte) (all []byte) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"a key frame":                       {hugeVP9(65536, 65536), vpx.ErrTooLarge},
		"a wide key frame":                  {hugeVP9(vpx.MaxSide+1, 16), vpx.ErrTooLarge},
		"a square key frame":                {hugeVP9(4096, 4096), vpx.ErrTooLarge},
		"a frame that is scaled":            {scaledVP9(false, 65536, 65536), vpx.ErrTooLarge},
		"an intra-only frame":               {scaledVP9(true, 65536, 65536), vpx.ErrTooLarge},
		"a superframe's second":             {superframe(key, hugeVP9(65536, 65536)), vpx.ErrTooLarge},
		"a superframe's first":              {superframe(hugeVP9(65536, 65536), key), vpx.ErrTooLarge},
		"three frames at once":              {superframe(key, inter, inter), vpx.ErrCorrupt},
		"an index that says too much":       {join(key, []byte{0xc1, 0xff, 0xff, 0xc1}), vpx.ErrCorrupt},
		"an index with an empty frame":      {join(key, []byte{0xc1, 1, 0, 0xc1}), vpx.ErrCorrupt},
		"what a frame leaves over, ignored": {join(inter, hugeVP9(65536, 65536)), nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := bindings[vpx.VP9].Decoder(t)
			first, err := d.Decode(key)
			if err != nil {
				t.Fatal(err)
			}
			first.Release()
			picture, err := d.Decode(c.data)
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if picture != nil {
				checkPicture(t, picture)
			}
			picture.Release()
		})
	}
}

func TestASuperframeShowsItsLastPictureOnce(t *testing.T) {
	frames := bindings[vpx.VP9].Stream(t, 2)
	d := bindings[vpx.VP9].Decoder(t)
	out, err := d.Decode(superframe(frames...))
	if err != nil {
		t.Fatal(err)
	}
	if q := codedtest.PSNR(codedtest.Scene(64, 48, 1), out.YCbCr); q < 28 {
		t.Errorf("unlike the last original: %.1f dB", q)
	}
	out.Release()
}

func TestOtherProfilesOfVP9AreRefused(t *testing.T) {
	key := bindings[vpx.VP9].Stream(t, 1)[0]
	for profile := byte(1); profile < 4; profile++ {
		data := append([]byte(nil), key...)
		data[0] = data[0]&^0x30 | profile&1<<5 | profile>>1<<4
		if _, err := vpx.VP9.ParseHeader(data); !errors.Is(err, vpx.ErrCorrupt) {
			t.Errorf("profile %d: %v", profile, err)
		}
	}
}

func TestVP9NeedsLessForTheSameScreen(t *testing.T) {
	const width, height, frames = 320, 176, 90
	spent := func(codec vpx.Codec) (bytes int) {
		e, err := codec.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: 1_000_000, Screen: true})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		for n := range frames {
			bytes += len(codedtest.Encode(t, e, page(width, height, n/15), int64(n)*3000, false).Data)
		}
		return bytes
	}
	if vp8, vp9 := spent(vpx.VP8), spent(vpx.VP9); vp9 > vp8*7/10 {
		t.Errorf("a text that is scrolled takes %d bytes in VP9, %d in VP8", vp9, vp8)
	}
}

// page is a text that was scrolled n times.
func page(width, height, n int) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = 235
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 128
	}
	letters := rand.New(rand.NewPCG(1, 2))
	for row := range 2 * height / 16 {
		for column := range width / 8 {
			letter := letters.Uint64()
			for dot := range 48 {
				if y := row*16 + dot/6 - 16*n; letter>>dot&1 == 1 && y >= 0 && y < height {
					img.Y[y*img.YStride+column*8+dot%6] = 20
				}
			}
		}
	}
	return img
}

func TestVP9FollowsEveryChangeOfSize(t *testing.T) {
	e, d := bindings[vpx.VP9].Encoder(t, 160, 120, 1_000_000), bindings[vpx.VP9].Decoder(t)
	sizes, keys, pts := rand.New(rand.NewPCG(9, 9)), 0, int64(0)
	const changes = 120
	for change := range changes {
		width, height := 80+sizes.IntN(81), 60+sizes.IntN(61)
		if change%20 == 19 {
			width, height = 170, 130 // larger than before; what comes after is within this
		} else if change%20 == 18 {
			width, height = 30+sizes.IntN(40), 20+sizes.IntN(30)
		}
		if err := e.Reconfigure(width, height, 200_000+sizes.IntN(2_000_000)); err != nil {
			t.Fatal(err)
		}
		for n := range 1 + sizes.IntN(5) {
			pts += 3000
			f := codedtest.Encode(t, e, codedtest.Scene(width, height, n), pts, sizes.IntN(40) == 0)
			if f.Data == nil {
				continue
			}
			if f.KeyFrame {
				keys++
			}
			out, err := d.Decode(f.Data)
			if err != nil {
				t.Fatalf("change %d, %dx%d: %v", change, width, height, err)
			}
			if w, h := out.Size(); w != width || h != height {
				t.Fatalf("change %d: %dx%d came out as %dx%d", change, width, height, w, h)
			}
			if q := codedtest.PSNR(codedtest.Scene(width, height, n), out.YCbCr); q < 22 {
				t.Errorf("change %d, %dx%d: frame %d is unlike its original: %.1f dB", change, width, height, n, q)
			}
			out.Release()
		}
	}
	if keys > changes/2 {
		t.Errorf("%d changes took %d key frames", changes, keys)
	}
}

func TestAHeaderTellsOfTheFrameThatGoesAlong(t *testing.T) {
	frames := bindings[vpx.VP9].Stream(t, 2)
	for name, c := range map[string]struct {
		data   []byte
		hidden bool
		pixels int
	}{
		"one frame":                  {frames[0], false, 0},
		"one of the same size":       {superframe(frames...), true, 0},
		"one that says its own size": {superframe(frames[0], hugeVP9(1000, 500)), true, 1000 * 500},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := vpx.VP9.ParseHeader(c.data)
			if err != nil {
				t.Fatal(err)
			}
			if h.Width != 64 || h.Height != 48 || !h.KeyFrame || h.Hidden != c.hidden || h.HiddenPixels != c.pixels {
				t.Errorf("%+v", h)
			}
		})
	}
}
