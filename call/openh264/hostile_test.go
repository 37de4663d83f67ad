//go:build h264

package openh264_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"parley/call/coded"
	"parley/call/coded/codedtest"
	"parley/call/openh264"
	"parley/call/payload"
)

var startCode = []byte{0, 0, 0, 1}

// units takes a frame's NAL units apart, and join puts them together.
func units(frame []byte) (all [][]byte) {
	for unit, rest := payload.NextUnit(frame); unit != nil; unit, rest = payload.NextUnit(rest) {
		all = append(all, unit)
	}
	return all
}

func join(units ...[]byte) (frame []byte) {
	for _, unit := range units {
		frame = append(append(frame, startCode...), unit...)
	}
	return frame
}

// spsWriter writes bits, and numbers by Exp-Golomb coding.
type spsWriter struct{ codedtest.Bits }

func (w *spsWriter) golomb(v uint64) {
	length := 0
	for v+1 >= 2<<length {
		length++
	}
	w.Put(length, 0)
	w.Put(length+1, v+1)
}

// sps is a sequence parameter set of that profile, macroblocks, and reference pictures.
func sps(profile, columns, rows, references uint64) []byte {
	var w spsWriter
	w.Put(8, 0x67)
	w.Put(8, profile)
	w.Put(16, 0xe01f)
	w.golomb(0) // id
	w.golomb(0) // log2_max_frame_num_minus4
	w.golomb(2) // pic_order_cnt_type
	w.golomb(references)
	w.Put(1, 0)
	w.golomb(columns - 1)
	w.golomb(rows - 1)
	w.Put(1, 1) // progressive
	w.Put(1, 1) // direct_8x8_inference_flag
	w.Put(1, 0) // no cropping
	w.Put(1, 0) // no VUI
	w.Put(1, 1) // the end
	// Three bytes that could be taken for a start code are kept apart.
	escaped, zeros := w.Data[:0:0], 0
	for _, b := range w.Data {
		if zeros >= 2 && b <= 3 {
			escaped, zeros = append(escaped, 3), 0
		}
		if zeros++; b != 0 {
			zeros = 0
		}
		escaped = append(escaped, b)
	}
	return escaped
}

func TestAHugePictureIsRefusedUnread(t *testing.T) {
	key := h264.Stream(t, 1)[0]
	rest := units(key)[1:]
	for name, c := range map[string]struct {
		sps  []byte
		want error
	}{
		"65536 square":           {sps(66, 4096, 4096, 1), coded.ErrTooLarge},
		"wide":                   {sps(66, 257, 1, 1), coded.ErrTooLarge},
		"4096 square":            {sps(66, 256, 256, 1), coded.ErrTooLarge},
		"16 references of 4K":    {sps(66, 256, 144, 16), coded.ErrTooLarge},
		"17 references":          {sps(66, 4, 3, 17), coded.ErrCorrupt},
		"beyond what can be":     {sps(66, 1<<30, 1, 1), coded.ErrCorrupt},
		"of the High 4:4:4 kind": {sps(244, 4, 3, 1), coded.ErrCorrupt},
		"cut short":              {sps(66, 4, 3, 1)[:4], coded.ErrCorrupt},
	} {
		data := join(append([][]byte{c.sps}, rest...)...)
		if _, err := openh264.ParseHeader(data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if _, err := h264.Decoder(t).Decode(data); !errors.Is(err, c.want) {
			t.Errorf("decoding %s: %v, want %v", name, err, c.want)
		}
	}
	for _, size := range [][2]int{{4, 3}, {80, 45}, {256, 144}} {
		data := join(append([][]byte{sps(66, uint64(size[0]), uint64(size[1]), 1)}, rest...)...)
		if h, err := openh264.ParseHeader(data); err != nil || h.Width != 16*size[0] || h.Height != 16*size[1] || !h.KeyFrame {
			t.Errorf("%d macroblocks: %+v, %v", size, h, err)
		}
	}
}

func TestWhatACallHasNoUseForIsRefused(t *testing.T) {
	frames := h264.Stream(t, 2)
	key, inter := units(frames[0]), units(frames[1])
	for name, data := range map[string][]byte{
		"nothing":                         nil,
		"no start code":                   {1, 2, 3},
		"settings alone":                  join(key[:2]...),
		"settings that change midway":     join(key[0], inter[0]),
		"a key frame and another":         join(key[0], key[1], key[2], inter[0]),
		"a scalable stream's settings":    join(append([]byte{0x6f}, key[0][1:]...), key[1], key[2]),
		"a scalable stream's slice":       join(key[0], key[1], append([]byte{0x74, 0, 0, 0}, key[2]...)),
		"a data partition":                join(append([]byte{0x42}, inter[0][1:]...)),
		"a NAL unit with a forbidden bit": join(append([]byte{0xe5}, key[2][1:]...)),
	} {
		if _, err := openh264.ParseHeader(data); !errors.Is(err, coded.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFrameThatIsMissingIsNoticed(t *testing.T) {
	frames := h264.Stream(t, 6)
	d := h264.Decoder(t)
	for _, n := range []int{0, 1} {
		f, err := d.Decode(frames[n])
		if err != nil {
			t.Fatal(err)
		}
		f.Release()
	}
	if f, err := d.Decode(frames[3]); !errors.Is(err, coded.ErrCorrupt) {
		t.Errorf("frame 3 without frame 2: %v, %v", f, err)
	}
}

func FuzzDecode(f *testing.F) {
	frames := h264.Stream(f, 2)
	key, inter := frames[0], frames[1]
	f.Add(key, inter)
	f.Add(inter, key)
	f.Add(key[:20], inter[:8])
	f.Add(bytes.Join([][]byte{key, key}, nil), inter)
	parts := units(key)
	f.Add(join(sps(66, 4096, 4096, 1), parts[1], parts[2]), join(parts[1], parts[2]))
	f.Add(join(sps(66, 2, 2, 1), parts[1], parts[2]), join(sps(66, 8, 8, 2), parts[1], parts[2]))
	f.Add(join(parts[0], parts[2]), inter)
	f.Fuzz(func(t *testing.T, first, second []byte) {
		d := h264.Decoder(t)
		defer d.Close()
		for _, data := range [][]byte{first, second, key, inter} {
			header, headerErr := openh264.ParseHeader(data)
			if header.Width*header.Height > 1<<16 && headerErr == nil {
				continue // slow, and no different
			}
			picture, err := d.Decode(slices.Clone(data))
			if headerErr != nil && err == nil {
				t.Errorf("decoded what has no header: %v", headerErr)
			}
			if picture != nil {
				if w, h := picture.Size(); !coded.Fits(w, h) || len(picture.Y) != w*h {
					t.Errorf("a picture of %dx%d", w, h)
				}
				picture.Release()
			}
		}
	})
}

func FuzzParseHeader(f *testing.F) {
	for _, frame := range h264.Stream(f, 2) {
		f.Add(frame)
	}
	f.Add(join(sps(66, 4096, 4096, 1), []byte{0x65, 0x80}))
	f.Add(join(sps(66, 80, 45, 1), []byte{0x65, 0x80}))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := openh264.ParseHeader(data)
		if err == nil && h.Width > 0 && !coded.Fits(h.Width, h.Height) {
			t.Errorf("%dx%d was accepted", h.Width, h.Height)
		}
		if err == nil && !h.Shown {
			t.Error("a frame that is not shown")
		}
	})
}
