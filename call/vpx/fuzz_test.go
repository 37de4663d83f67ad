package vpx_test

import (
	"testing"

	"parley/call/coded/codedtest"
	"parley/call/vpx"
	"parley/devices/frame"
)

func FuzzDecode(f *testing.F) {
	var real [2][2][]byte // by codec: a key frame and the frame after it
	for _, codec := range []vpx.Codec{vpx.VP8, vpx.VP9} {
		e := bindings[codec].Encoder(f, 64, 48, 500_000)
		key := append([]byte(nil), codedtest.Encode(f, e, codedtest.Scene(64, 48, 0), 0, false).Data...)
		inter := append([]byte(nil), codedtest.Encode(f, e, codedtest.Scene(64, 48, 1), 3000, false).Data...)
		real[codec] = [2][]byte{key, inter}
		f.Add(codec == vpx.VP9, key, inter)
		f.Add(codec == vpx.VP9, inter, key)
		f.Add(codec == vpx.VP9, key[:12], inter[:4])
		f.Add(codec == vpx.VP9, append(append([]byte(nil), key...), inter...), inter)
	}
	f.Add(false, []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0xff, 0xff, 0xff}, []byte{1})
	f.Add(false, []byte{}, []byte{0x10, 0, 0})
	f.Add(true, hugeVP9(65536, 65536), []byte{0x88})
	scaled := bindings[vpx.VP9].Encoder(f, 64, 48, 500_000)
	large := append([]byte(nil), codedtest.Encode(f, scaled, codedtest.Scene(64, 48, 0), 0, false).Data...)
	if err := scaled.Reconfigure(40, 30, 500_000); err != nil {
		f.Fatal(err)
	}
	f.Add(true, large, append([]byte(nil), codedtest.Encode(f, scaled, codedtest.Scene(40, 30, 1), 3000, false).Data...))
	f.Add(true, superframe(real[vpx.VP9][0], real[vpx.VP9][1]), superframe(hugeVP9(9, 9), hugeVP9(65536, 3)))
	f.Fuzz(func(t *testing.T, vp9 bool, first, second []byte) {
		codec := vpx.VP8
		if vp9 {
			codec = vpx.VP9
		}
		d := bindings[codec].Decoder(t)
		for _, data := range [][]byte{first, second, real[codec][0], real[codec][1]} {
			header, headerErr := codec.ParseHeader(data)
			if header.Width*header.Height > 1<<16 && headerErr == nil {
				continue // slow, and no different
			}
			picture, err := d.Decode(data)
			if headerErr != nil && err == nil && !vp9 {
				t.Errorf("decoded what has no header: %v", headerErr)
			}
			if picture != nil {
				checkPicture(t, picture)
				picture.Release()
			}
		}
		// Whatever came before, a key frame heals it.
		for n, data := range real[codec] {
			picture, err := d.Decode(data)
			if err != nil || picture == nil {
				t.Fatalf("frame %d of a sound stream: %v", n, err)
			}
			if w, h := picture.Size(); w != 64 || h != 48 {
				t.Errorf("frame %d of a sound stream: %dx%d", n, w, h)
			}
			picture.Release()
		}
	})
}

func FuzzParseHeader(f *testing.F) {
	for _, codec := range []vpx.Codec{vpx.VP8, vpx.VP9} {
		e := bindings[codec].Encoder(f, 64, 48, 500_000)
		for n := range 2 {
			f.Add(codec == vpx.VP9, append([]byte(nil), codedtest.Encode(f, e, codedtest.Scene(64, 48, n), int64(n)*3000, false).Data...))
		}
	}
	f.Add(true, hugeVP9(65536, 65536))
	f.Fuzz(func(t *testing.T, vp9 bool, data []byte) {
		codec := vpx.VP8
		if vp9 {
			codec = vpx.VP9
		}
		h, err := codec.ParseHeader(data)
		fits := h.Width <= vpx.MaxSide && h.Height <= vpx.MaxSide && h.Width*h.Height <= vpx.MaxPixels
		if err == nil && !fits {
			t.Errorf("%dx%d was accepted", h.Width, h.Height)
		}
		if err == nil && h.KeyFrame && (h.Width == 0 || h.Height == 0) {
			t.Errorf("a key frame of %dx%d", h.Width, h.Height)
		}
	})
}

func checkPicture(t *testing.T, p *frame.Frame) {
	w, h := p.Size()
	if w <= 0 || h <= 0 || w > vpx.MaxSide || h > vpx.MaxSide || len(p.Y) != w*h {
		t.Errorf("a picture of %dx%d with %d luma bytes", w, h, len(p.Y))
	}
}
