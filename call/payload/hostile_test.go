package payload_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp/codecs"

	"parley/call/payload"
)

func TestMalformedPayloadsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		format payload.Format
		data   []byte
		want   error
	}{
		"nothing as VP8":                        {payload.VP8{}, nil, payload.ErrPayload},
		"VP8 that ends within its descriptor":   {payload.VP8{}, []byte{0x90, 0x80, 0x81}, payload.ErrPayload},
		"VP8 without data":                      {payload.VP8{}, []byte{0x90, 0xf0, 1, 2, 3}, payload.ErrPayload},
		"nothing as VP9":                        {payload.VP9{}, nil, payload.ErrPayload},
		"VP9 without data":                      {payload.VP9{}, []byte{0x80, 0x81, 2}, payload.ErrPayload},
		"VP9 of a second spatial layer":         {payload.VP9{}, []byte{0xa8, 1, 0x02, 0, 9}, payload.ErrLayers},
		"VP9 that announces two spatial layers": {payload.VP9{}, []byte{0x8a, 1, 0x20, 9}, payload.ErrLayers},
		"VP9 with four references":              {payload.VP9{}, []byte{0xd8, 1, 3, 3, 3, 2, 9}, payload.ErrPayload},
		"VP9 whose structure is cut short":      {payload.VP9{}, []byte{0x8a, 1, 0x10, 0, 1}, payload.ErrPayload},
		"VP9 with more pictures than bytes":     {payload.VP9{}, []byte{0x8a, 1, 0x08, 255, 0x0c, 1, 1, 1, 9}, payload.ErrPayload},
		"nothing as H.264":                      {payload.H264{}, nil, payload.ErrPayload},
		"a fragment of one byte":                {payload.H264{}, []byte{0x7c}, payload.ErrPayload},
		"a NAL unit with the forbidden bit":     {payload.H264{}, []byte{0xe5, 1}, payload.ErrPayload},
		"a NAL unit of type 0":                  {payload.H264{}, []byte{0x60, 1}, payload.ErrPayload},
		"a STAP-B":                              {payload.H264{}, []byte{0x79, 0, 0, 0, 1, 0x65}, payload.ErrPayload},
		"a STAP-A that says too much":           {payload.H264{}, []byte{0x78, 0, 3, 0x65, 1}, payload.ErrPayload},
		"a STAP-A with an empty unit":           {payload.H264{}, []byte{0x78, 0, 0, 0, 1, 0x65}, payload.ErrPayload},
		"a STAP-A with half a size at its end":  {payload.H264{}, []byte{0x78, 0, 1, 0x65, 0}, payload.ErrPayload},
		"a STAP-A within a STAP-A":              {payload.H264{}, []byte{0x78, 0, 4, 0x78, 0, 1, 0x65}, payload.ErrPayload},
		"a fragment that is first and last":     {payload.H264{}, []byte{0x7c, 0xc5, 1}, payload.ErrPayload},
		"a fragment of a fragment":              {payload.H264{}, []byte{0x7c, 0x9c, 1}, payload.ErrPayload},
		"a FU-B":                                {payload.H264{}, []byte{0x7d, 0x85, 0, 0, 1}, payload.ErrPayload},
	} {
		if _, err := c.format.Parse(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestTemporalLayersAreTaken(t *testing.T) {
	for name, c := range map[string]struct {
		format payload.Format
		data   []byte
	}{
		"VP8":                       {payload.VP8{}, []byte{0x90, 0xe0, 0x80, 1, 7, 0x40, 0x11}},
		"VP9":                       {payload.VP9{}, []byte{0xe8, 1, 0x50, 7, 0x86}},
		"VP9 in the flexible mode":  {payload.VP9{}, []byte{0xf8, 1, 0x50, 3, 2, 0x86}},
		"VP9 with a group of three": {payload.VP9{}, []byte{0xca, 1, 0x08, 3, 0, 0x24, 1, 0x48, 1, 2, 0x86}},
	} {
		if p := parse(t, c.format, c.data); len(p.Data) != 1 || !p.Start || p.KeyFrame || p.PictureID != 1 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestFragmentsThatDoNotFitTogetherMakeNoFrame(t *testing.T) {
	first, middle, last, single := []byte{0x7c, 0x85, 0x80}, []byte{0x7c, 0x05, 2}, []byte{0x7c, 0x45, 3}, []byte{0x65, 0x80}
	for name, payloads := range map[string][][]byte{
		"without the first":       {middle, last},
		"without the last":        {first, middle},
		"another first":           {first, first, last},
		"another between":         {first, single, last},
		"a last without a first":  {single, last},
		"nothing":                 {},
		"more after the mistake":  {last, single, single},
		"an aggregate in between": {first, {0x78, 0, 1, 0x65}, last},
	} {
		var joiner payload.Joiner
		for _, data := range payloads {
			joiner.Add(parse(t, payload.H264{}, data))
		}
		if frame, err := joiner.Frame(); !errors.Is(err, payload.ErrPayload) {
			t.Errorf("%s: % x, %v", name, frame, err)
		}
		joiner.Reset()
		joiner.Add(parse(t, payload.H264{}, single))
		if frame, err := joiner.Frame(); err != nil || !bytes.Equal(frame, append([]byte{0, 0, 0, 1}, single...)) {
			t.Errorf("%s: the frame after it: % x, %v", name, frame, err)
		}
	}
}

func TestAFrameWithoutEndIsNotCollected(t *testing.T) {
	for _, format := range formats {
		data := sample(format, false, 1000)
		if _, ok := format.(payload.H264); ok {
			data = append([]byte{0x41}, data[6:]...)
		} else {
			data = append([]byte{0}, data...)
		}
		var joiner payload.Joiner
		p := parse(t, format, data)
		for range 2 * payload.MaxFrame / 1000 {
			joiner.Add(p)
		}
		if frame, err := joiner.Frame(); !errors.Is(err, payload.ErrTooLong) {
			t.Errorf("%T: %d bytes, %v", format, len(frame), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for n, format := range formats {
		for _, key := range []bool{true, false} {
			for _, size := range []int{payload.MinSize, 1200} {
				all := split(f, format.NewSplitter(1), sample(format, key, 300), key, size)
				f.Add(uint8(n), all[0], all[len(all)-1])
			}
		}
	}
	f.Add(uint8(1), []byte{0xf8, 1, 0x50, 3, 2, 0x86}, []byte{0xca, 1, 0x08, 3, 0, 0x24, 1, 0x48, 1, 2, 0x86})
	f.Add(uint8(2), []byte{0x78, 0, 1, 0x65, 0, 1, 0x41}, []byte{0x7c, 0x85, 0x80})
	f.Fuzz(func(t *testing.T, n uint8, first, second []byte) {
		format := formats[int(n)%len(formats)]
		var joiner payload.Joiner
		whole := 0
		for _, data := range [][]byte{first, second} {
			before := bytes.Clone(data)
			p, err := format.Parse(data)
			if !bytes.Equal(before, data) {
				t.Fatal("the payload was changed")
			}
			if err != nil {
				if !errors.Is(err, payload.ErrPayload) && !errors.Is(err, payload.ErrLayers) {
					t.Fatalf("another error: %v", err)
				}
				continue
			}
			if p.KeyFrame && !p.Start || len(p.Data) > len(data) {
				t.Fatalf("% x: %+v", data, p)
			}
			joiner.Add(p)
			whole += len(data)
		}
		if frame, err := joiner.Frame(); err == nil && len(frame) > 3*whole+16 {
			t.Fatalf("%d bytes of %d", len(frame), whole)
		}
	})
}

// FuzzSplit cuts up whatever an encoder could write, by any size of packet, and looks that it comes out the same.
func FuzzSplit(f *testing.F) {
	f.Add(uint8(0), []byte{0x10, 2, 3}, uint16(64))
	f.Add(uint8(1), []byte{0x86, 2, 3}, uint16(64))
	f.Add(uint8(2), sample(payload.H264{}, true, 300), uint16(100))
	f.Add(uint8(2), []byte{0, 0, 1, 0x65, 0x80, 0, 0, 0, 0, 1, 0x41, 0x9a, 0, 0, 1, 0x41, 1, 2, 3}, uint16(64))
	f.Fuzz(func(t *testing.T, n uint8, frame []byte, size uint16) {
		format := formats[int(n)%len(formats)]
		isH264 := format == payload.Format(payload.H264{})
		for _, u := range units(frame) {
			if kind := u[1] & 0x1f; isH264 && (u[1]&0x80 != 0 || kind == 0 || kind > 23) {
				return // no encoder writes such NAL units
			}
		}
		s := format.NewSplitter(0)
		if s.Start(frame, false) != nil {
			return
		}
		var joiner payload.Joiner
		buf := make([]byte, payload.MinSize+int(size)%2000)
		payloads := 0
		for last := false; !last; payloads++ {
			var k int
			k, last = s.Next(buf)
			p, err := format.Parse(buf[:k])
			if err != nil {
				t.Fatalf("% x: %v", buf[:k], err)
			}
			joiner.Add(p)
		}
		if payloads > len(frame)/8+2 {
			t.Fatalf("%d payloads of %d bytes", payloads, len(frame))
		}
		joined, err := joiner.Frame()
		if err != nil {
			t.Fatal(err)
		}
		if !isH264 && !bytes.Equal(joined, frame) {
			t.Fatalf("% x became % x", frame, joined)
		}
		if again := units(joined); isH264 && !bytes.Equal(bytes.Join(again, nil), bytes.Join(units(frame), nil)) {
			t.Fatalf("% x became % x", frame, joined)
		}
	})
}

// units are a frame's NAL units, with the simplest of methods.
func units(frame []byte) (all [][]byte) {
	for _, u := range bytes.Split(frame, []byte{0, 0, 1}) {
		if u = bytes.TrimRight(u, "\x00"); len(u) > 0 {
			all = append(all, append([]byte{'|'}, u...))
		}
	}
	return all
}

// FuzzVP8 asks pion whether it reads the same.
func FuzzVP8(f *testing.F) {
	f.Add([]byte{0x10, 1, 2, 3})
	f.Add([]byte{0x90, 0x80, 0x81, 0x02, 9})
	f.Add([]byte{0x90, 0xf0, 0x7f, 1, 2, 3})
	f.Add([]byte{0x80, 0x80, 0x80})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := payload.VP8{}.Parse(data)
		var other codecs.VP8Packet
		rest, otherErr := other.Unmarshal(data)
		if accepted := otherErr == nil && len(rest) > 0; accepted != (err == nil) {
			t.Fatalf("we say %v, pion %d bytes and %v", err, len(rest), otherErr)
		}
		if err != nil {
			return
		}
		if string(got.Data) != string(rest) || got.Start != (other.S == 1 && other.PID == 0) {
			t.Errorf("we read %+v, pion %+v", got, other)
		}
		if (other.I == 1) != (got.PictureBits > 0) || other.I == 1 && got.PictureID != other.PictureID {
			t.Errorf("picture %d, pion says %d", got.PictureID, other.PictureID)
		}
	})
}
