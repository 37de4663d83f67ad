package payload_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/pion/rtp/codecs"

	"parley/call/payload"
)

var formats = []payload.Format{payload.VP8{}, payload.VP9{}, payload.H264{}}

// noise is n bytes that look like nothing: no zeros, so that no start code is among them.
func noise(n int) []byte {
	random := rand.New(rand.NewPCG(uint64(n), 7))
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(1 + random.IntN(255))
	}
	return data
}

// unit is a NAL unit with its start code.
func unit(header byte, n int) []byte {
	return append([]byte{0, 0, 0, 1, header}, append([]byte{0x80}, noise(n)...)...)
}

// vp9Key is the head of a VP9 key frame of 640x360.
var vp9Key = []byte{0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xf0, 0x16, 0x70}

// sample makes a frame of about that many bytes.
func sample(format payload.Format, key bool, n int) []byte {
	switch format.(type) {
	case payload.VP8:
		if key {
			return append([]byte{0x10}, noise(n)...)
		}
		return append([]byte{0x11}, noise(n)...)
	case payload.VP9:
		if key {
			return append(bytes.Clone(vp9Key), noise(n)...)
		}
		return append([]byte{0x86}, noise(n)...)
	}
	if key {
		return bytes.Join([][]byte{unit(0x67, 12), unit(0x68, 4), unit(0x65, n)}, nil)
	}
	return bytes.Join([][]byte{unit(0x41, n/2), unit(0x41, n/2)}, nil)
}

// split cuts a frame into payloads of at most size bytes.
func split(t testing.TB, s payload.Splitter, frame []byte, key bool, size int) [][]byte {
	t.Helper()
	if err := s.Start(frame, key); err != nil {
		t.Fatal(err)
	}
	var payloads [][]byte
	for last := false; !last; {
		buf := make([]byte, size)
		var n int
		if n, last = s.Next(buf); n == 0 {
			t.Fatal("an empty payload")
		}
		payloads = append(payloads, buf[:n])
	}
	if n, last := s.Next(make([]byte, size)); n != 0 || !last {
		t.Fatalf("after the last payload: %d bytes, last: %v", n, last)
	}
	return payloads
}

func parse(t testing.TB, format payload.Format, data []byte) payload.Part {
	t.Helper()
	p, err := format.Parse(data)
	if err != nil {
		t.Fatalf("% x: %v", data[:min(len(data), 16)], err)
	}
	return p
}

func TestAFrameComesOutOfItsPayloadsAsItWentIn(t *testing.T) {
	for _, format := range formats {
		s := format.NewSplitter(0x7ffe)
		var joiner payload.Joiner
		for _, size := range []int{payload.MinSize, 65, 1200} {
			for _, length := range []int{2, 20, 58, 59, 60, 61, 62, 63, 64, 65, 120, 1189, 1190, 1196, 1197, 1200, 5000, 100_000} {
				for _, key := range []bool{true, false} {
					frame := sample(format, key, length)
					joiner.Reset()
					for n, data := range split(t, s, frame, key, size) {
						p := parse(t, format, data)
						if n == 0 && (!p.Start || p.KeyFrame != key) {
							t.Fatalf("%T: the first of %d bytes: start %v, key frame %v", format, length, p.Start, p.KeyFrame)
						}
						joiner.Add(p)
					}
					if joined, err := joiner.Frame(); err != nil || !bytes.Equal(joined, frame) {
						t.Fatalf("%T: %d bytes by %d, key frame %v: %v", format, len(frame), size, key, err)
					}
				}
			}
		}
	}
}

func TestTheStartIsMarkedOnceAndTheEndWhereTheFormatCan(t *testing.T) {
	for _, format := range formats[:2] {
		payloads := split(t, format.NewSplitter(5), sample(format, true, 3000), true, 1200)
		for n, data := range payloads {
			p := parse(t, format, data)
			_, isVP9 := format.(payload.VP9)
			if p.Start != (n == 0) || p.KeyFrame != (n == 0) || p.End != (isVP9 && n == len(payloads)-1) {
				t.Errorf("%T: payload %d of %d: %+v", format, n, len(payloads), p)
			}
		}
	}
}

func TestPicturesAreCountedRoundAndRound(t *testing.T) {
	for _, format := range formats[:2] {
		s := format.NewSplitter(0x7fff)
		for n := range 3 {
			p := parse(t, format, split(t, s, sample(format, false, 20), false, 1200)[0])
			if p.PictureBits != 15 || p.PictureID != uint16(0x7fff+n)&0x7fff {
				t.Errorf("%T: frame %d has picture ID %d of %d bits", format, n, p.PictureID, p.PictureBits)
			}
		}
	}
}

func TestFormatsAreFoundByTheirNames(t *testing.T) {
	for name, want := range map[string]payload.Format{"video/vp8": formats[0], "video/VP9": formats[1], "VIDEO/h264": formats[2]} {
		if got, ok := payload.For(name); !ok || got != want {
			t.Errorf("%s: %T", name, got)
		}
	}
	if _, ok := payload.For("video/rtx"); ok {
		t.Error("a format of retransmissions")
	}
}

func TestWhatIsNoFrameIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		format payload.Format
		frame  []byte
		key    bool
	}{
		"empty VP8":                     {payload.VP8{}, nil, false},
		"empty VP9":                     {payload.VP9{}, nil, false},
		"a VP9 key frame that is none":  {payload.VP9{}, []byte{0x86, 1, 2}, true},
		"H.264 without a start code":    {payload.H264{}, []byte{0x65, 1, 2}, true},
		"H.264 that is start code only": {payload.H264{}, []byte{0, 0, 0, 1, 0, 0, 1}, true},
	} {
		if err := c.format.NewSplitter(0).Start(c.frame, c.key); !errors.Is(err, payload.ErrFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingIsAllocatedByTheFrame(t *testing.T) {
	for _, format := range formats {
		s, frame := format.NewSplitter(0), sample(format, false, 20_000)
		var joiner payload.Joiner
		var buf [1200]byte
		step := func() {
			joiner.Reset()
			if s.Start(frame, false) != nil {
				t.Fatal("not started")
			}
			for last := false; !last; {
				var n int
				n, last = s.Next(buf[:])
				p, err := format.Parse(buf[:n])
				if err != nil {
					t.Fatal(err)
				}
				joiner.Add(p)
			}
			if _, err := joiner.Frame(); err != nil {
				t.Fatal(err)
			}
		}
		step()
		if n := testing.AllocsPerRun(50, step); n != 0 {
			t.Errorf("%T: %v allocations a frame", format, n)
		}
	}
}

func TestPionReadsWhatIsWritten(t *testing.T) {
	key := sample(payload.VP9{}, true, 3000)
	var joined []byte
	for n, data := range split(t, payload.VP9{}.NewSplitter(77), key, true, 1200) {
		var p codecs.VP9Packet
		body, err := p.Unmarshal(data)
		if err != nil || p.PictureID != 77 || p.P || p.F || p.B != (n == 0) || p.V != (n == 0) {
			t.Fatalf("VP9 payload %d: %v, %+v", n, err, p)
		}
		if p.V && (p.Width[0] != 640 || p.Height[0] != 360 || p.NS != 0 || p.NG != 1 || p.PGPDiff[0][0] != 1) {
			t.Errorf("VP9's structure: %+v", p)
		}
		joined = append(joined, body...)
	}
	if !bytes.Equal(joined, key) {
		t.Error("pion joins another VP9 frame")
	}
	key, joined = sample(payload.H264{}, true, 3000), nil
	var h264 codecs.H264Packet
	for _, data := range split(t, payload.H264{}.NewSplitter(0), key, true, 1200) {
		body, err := h264.Unmarshal(data)
		if err != nil {
			t.Fatal(err)
		}
		joined = append(joined, body...)
	}
	if !bytes.Equal(joined, key) {
		t.Error("pion joins another H.264 frame")
	}
}

func TestWhatPionWritesIsRead(t *testing.T) {
	for _, flexible := range []bool{false, true} {
		writer := codecs.VP9Payloader{FlexibleMode: flexible, InitialPictureIDFn: func() uint16 { return 9 }}
		joinAll(t, payload.VP9{}, writer.Payload(1200, sample(payload.VP9{}, true, 3000)), sample(payload.VP9{}, true, 3000))
	}
	vp8 := codecs.VP8Payloader{EnablePictureID: true}
	joinAll(t, payload.VP8{}, vp8.Payload(1200, sample(payload.VP8{}, true, 3000)), sample(payload.VP8{}, true, 3000))
	var h264 codecs.H264Payloader
	joinAll(t, payload.H264{}, h264.Payload(1200, sample(payload.H264{}, true, 3000)), sample(payload.H264{}, true, 3000))
}

func joinAll(t *testing.T, format payload.Format, payloads [][]byte, want []byte) {
	t.Helper()
	var joiner payload.Joiner
	for n, data := range payloads {
		p := parse(t, format, data)
		if n == 0 && (!p.Start || !p.KeyFrame) {
			t.Errorf("%T: the first payload: %+v", format, p)
		}
		joiner.Add(p)
	}
	if joined, err := joiner.Frame(); err != nil || !bytes.Equal(joined, want) {
		t.Errorf("%T: another frame: %v", format, err)
	}
}
