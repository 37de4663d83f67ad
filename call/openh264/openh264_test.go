//go:build h264

package openh264_test

import (
	"testing"

	"parley/call/coded"
	"parley/call/coded/codedtest"
	"parley/call/openh264"
	"parley/call/payload"
)

var h264 = codedtest.Binding{
	NewEncoder: func(s coded.Settings) (coded.Encoder, error) {
		e, err := openh264.NewEncoder(s)
		if err != nil {
			return nil, err
		}
		return e, nil
	},
	NewDecoder:  func() (coded.Decoder, error) { return openh264.NewDecoder() },
	ParseHeader: openh264.ParseHeader, Encoders: openh264.Encoders,
	Least: openh264.MinSide, Even: true, Alike: 26,
}

func TestH264KeepsTheContract(t *testing.T) { h264.Test(t) }

func TestTheProfileIsConstrainedBaseline(t *testing.T) {
	key := h264.Stream(t, 1)[0]
	sps, _ := payload.NextUnit(key)
	if sps[0]&0x1f != 7 || sps[1] != 66 || sps[2]&0x40 == 0 {
		t.Errorf("a key frame begins with % x", sps[:4])
	}
}

func BenchmarkEncode(b *testing.B) { h264.BenchEncode(b) }

func BenchmarkDecode(b *testing.B) { h264.BenchDecode(b) }
