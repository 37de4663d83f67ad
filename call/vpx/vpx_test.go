package vpx_test

import (
	"errors"
	"slices"
	"testing"

	"parley/call/coded"
	"parley/call/coded/codedtest"
	"parley/call/vpx"
)

// bindings are the codecs as the contract sees them.
var bindings = map[vpx.Codec]codedtest.Binding{vpx.VP8: bindingOf(vpx.VP8), vpx.VP9: bindingOf(vpx.VP9)}

func bindingOf(codec vpx.Codec) codedtest.Binding {
	return codedtest.Binding{
		NewEncoder: func(s coded.Settings) (coded.Encoder, error) {
			e, err := codec.NewEncoder(s)
			if err != nil {
				return nil, err
			}
			return e, nil
		},
		NewDecoder:  func() (coded.Decoder, error) { return codec.NewDecoder() },
		ParseHeader: codec.ParseHeader, Encoders: vpx.Encoders,
		Least: 1, Scales: codec == vpx.VP9, Alike: 28,
	}
}

func TestBothCodecsKeepTheContract(t *testing.T) {
	for codec, binding := range bindings {
		t.Run(codec.String(), binding.Test)
	}
}

func TestAHugePictureIsRefusedUnread(t *testing.T) {
	data := slices.Clone(bindings[vpx.VP8].Stream(t, 1)[0])
	for _, c := range []struct {
		w, h uint16
		want error
	}{{16383, 16383, vpx.ErrTooLarge}, {vpx.MaxSide + 1, 16, vpx.ErrTooLarge}, {4096, 4096, vpx.ErrTooLarge}, {0, 48, vpx.ErrCorrupt}} {
		data[6], data[7], data[8], data[9] = byte(c.w), byte(c.w>>8), byte(c.h), byte(c.h>>8)
		if _, err := bindings[vpx.VP8].Decoder(t).Decode(data); !errors.Is(err, c.want) {
			t.Errorf("%dx%d: %v, want %v", c.w, c.h, err, c.want)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	for codec, binding := range bindings {
		b.Run(codec.String(), binding.BenchEncode)
	}
}

func BenchmarkDecode(b *testing.B) {
	for codec, binding := range bindings {
		b.Run(codec.String(), binding.BenchDecode)
	}
}
