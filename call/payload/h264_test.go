package payload_test

import (
	"bytes"
	"errors"
	"testing"

	"parley/call/payload"
)

// annexB puts NAL units behind start codes.
func annexB(units ...[]byte) []byte {
	return append([]byte{0, 0, 0, 1}, bytes.Join(units, []byte{0, 0, 0, 1})...)
}

// Several NAL units go together as long as they fit, to the last byte, and count for as much as the most important one (RFC 6184 5.7).
func TestNALUnitsShareAPacketThatTheyFit(t *testing.T) {
	sps, pps, slice := []byte{0x27, 1, 2, 3}, []byte{0x48, 4, 5}, []byte{0x61, 0x86, 7, 8}
	for name, c := range map[string]struct {
		units [][]byte
		room  int
		want  [][]byte
	}{
		"both, to the last byte": {[][]byte{sps, pps}, 12, [][]byte{{0x58, 0, 4, 0x27, 1, 2, 3, 0, 3, 0x48, 4, 5}}},
		"a byte too many":        {[][]byte{sps, pps}, 11, [][]byte{sps, pps}},
		"the third does not fit": {[][]byte{sps, pps, slice}, 17, [][]byte{{0x58, 0, 4, 0x27, 1, 2, 3, 0, 3, 0x48, 4, 5}, slice}},
		"the third fits": {
			[][]byte{sps, pps, slice}, 18, [][]byte{{0x78, 0, 4, 0x27, 1, 2, 3, 0, 3, 0x48, 4, 5, 0, 4, 0x61, 0x86, 7, 8}},
		},
	} {
		s := payload.H264{}.NewSplitter(0)
		if err := s.Start(annexB(c.units...), true); err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			buf := make([]byte, c.room)
			n, last := s.Next(buf)
			if !bytes.Equal(buf[:n], want) || last != (i == len(c.want)-1) {
				t.Errorf("%s: packet %d is %x, and the last: %v; want %x", name, i, buf[:n], last, want)
			}
		}
	}
}

// A frame begins with its settings, or with the slice of its first macroblock, and with no other.
func TestAFrameOfH264BeginsWhereItDoes(t *testing.T) {
	for name, c := range map[string]struct {
		payload    []byte
		start, key bool
	}{
		"settings of a sequence":           {[]byte{0x67, 1}, true, true},
		"settings of a picture":            {[]byte{0x68, 1}, true, false},
		"what a picture is accompanied by": {[]byte{0x06, 1}, true, false},
		"a delimiter":                      {[]byte{0x09, 1}, true, false},
		"the first slice":                  {[]byte{0x41, 0x9a}, true, false},
		"the second slice":                 {[]byte{0x41, 0x4a}, false, false},
		"a slice without anything":         {[]byte{0x41}, false, false},
		"a first slice's beginning":        {[]byte{0x5c, 0x81, 0x9a}, true, false},
		"a second slice's beginning":       {[]byte{0x5c, 0x81, 0x4a}, false, false},
		"a second slice, and one more":     {[]byte{0x58, 0, 2, 0x41, 0x4a, 0, 2, 0x41, 0x2a}, false, false},
	} {
		p, err := payload.H264{}.Parse(c.payload)
		if err != nil || p.Start != c.start || p.KeyFrame != c.key {
			t.Errorf("%s: a frame begins: %v, a key frame: %v (%v)", name, p.Start, p.KeyFrame, err)
		}
	}
	for name, forbidden := range map[string][]byte{"alone": {0xc1, 0x9a}, "among others": {0x58, 0, 2, 0x41, 0x9a, 0, 2, 0xc1, 0x9a}} {
		if _, err := (payload.H264{}).Parse(forbidden); !errors.Is(err, payload.ErrPayload) {
			t.Errorf("a NAL unit that says it is damaged, %s, is taken: %v", name, err)
		}
	}
}
