package codec_test

import (
	"fmt"
	"testing"

	"parley/call/codec"
	"parley/call/coded"
	"parley/call/payload"
	"parley/call/vpx"
)

// What browsers say.
var (
	vp8      = codec.Offered{MIMEType: "video/VP8"}
	vp9      = codec.Offered{MIMEType: "video/VP9", Fmtp: "profile-id=0"}
	vp9Deep  = codec.Offered{MIMEType: "video/VP9", Fmtp: "profile-id=2"}
	h264     = codec.Offered{MIMEType: "video/H264", Fmtp: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"}
	h264High = codec.Offered{MIMEType: "video/H264", Fmtp: "level-asymmetry-allowed=1; packetization-mode=1; profile-level-id=640c1f"}
	h264Old  = codec.Offered{MIMEType: "video/H264", Fmtp: "profile-level-id=42e01f"}
)

// three are the codecs of a program that was built with H.264, whether or not this one was.
func three() []codec.Codec {
	all := codec.Available()[:2]
	return append(all, codec.Codec{Name: "H.264", MIMEType: "video/H264", Cost: 1})
}

var (
	idle   = codec.Hints{Width: 640, Height: 360, FrameRate: 30, BitRate: 1_500_000, Idle: 1}
	screen = codec.Hints{Width: 1920, Height: 1080, FrameRate: 15, BitRate: 2_000_000, Idle: 1, Screen: true}
)

func with(h codec.Hints, change func(*codec.Hints)) codec.Hints {
	change(&h)
	return h
}

func TestTheCodecFitsThePathTheMachineAndTheOthers(t *testing.T) {
	all, narrow := []codec.Offered{vp8, vp9, h264}, with(idle, func(h *codec.Hints) { h.BitRate = 200_000 })
	for name, c := range map[string]struct {
		theirs [][]codec.Offered
		hints  codec.Hints
		want   string
	}{
		"a camera on a wide path":                    {[][]codec.Offered{all}, idle, "VP8"},
		"nothing is known":                           {[][]codec.Offered{all}, codec.Hints{}, "VP8"},
		"a camera on a narrow path":                  {[][]codec.Offered{all}, narrow, "VP9"},
		"a narrow path and no time":                  {[][]codec.Offered{all}, with(narrow, func(h *codec.Hints) { h.Idle = 0.01 }), "VP8"},
		"a narrow path and who knows what time":      {[][]codec.Offered{all}, with(narrow, func(h *codec.Hints) { h.Idle = 0 }), "VP8"},
		"a screen":                                   {[][]codec.Offered{all}, screen, "VP9"},
		"a screen and no time":                       {[][]codec.Offered{all}, with(screen, func(h *codec.Hints) { h.Idle = 0.1 }), "VP8"},
		"a screen whose encoding is seen to be slow": {[][]codec.Offered{all}, with(screen, func(h *codec.Hints) { h.Load, h.Current = 0.8, "video/VP8" }), "VP8"},
		"a screen whose encoding is seen to be fast": {[][]codec.Offered{all}, with(screen, func(h *codec.Hints) { h.Idle, h.Load, h.Current = 0.2, 0.05, "video/VP8" }), "VP9"},
		"a screen for one who has no VP9":            {[][]codec.Offered{all, {vp8, h264}}, screen, "VP8"},
		"a screen for one with 10 bits only":         {[][]codec.Offered{{vp8, vp9Deep}}, screen, "VP8"},
		"only H.264 is shared":                       {[][]codec.Offered{{h264High, h264}}, idle, "H.264"},
		"only H.264 and VP9":                         {[][]codec.Offered{{h264, vp9}}, idle, "VP9"},
		"H.264 of another profile":                   {[][]codec.Offered{{h264High}}, idle, ""},
		"H.264 of another packetization":             {[][]codec.Offered{{h264Old}}, idle, ""},
		"two who have nothing in common":             {[][]codec.Offered{{vp8}, {h264}}, idle, ""},
		"nobody yet":                                 {nil, idle, "VP8"},
	} {
		got, ok := codec.Choose(three(), c.theirs, c.hints)
		if got.Name != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, want %q", name, got.Name, c.want)
		}
	}
}

func TestTheChoiceDoesNotGoBackAndForth(t *testing.T) {
	theirs := [][]codec.Offered{{vp8, vp9}}
	hints := with(idle, func(h *codec.Hints) { h.Current = "video/VP8" })
	changes := 0
	for step := range 60 {
		hints.BitRate = 345_000 + 60_000*(step%2) // about the limit
		hints.Load = 0.05
		c, ok := codec.Choose(three(), theirs, hints)
		if !ok {
			t.Fatal("nothing was chosen")
		}
		if c.MIMEType != hints.Current {
			hints.Current = c.MIMEType
			changes++
		}
	}
	if changes != 1 || hints.Current != "video/VP9" {
		t.Errorf("%d changes, and %s at the end", changes, hints.Current)
	}
	hints.BitRate = 1_000_000
	if c, _ := codec.Choose(three(), theirs, hints); c.Name != "VP8" {
		t.Errorf("%s on a path that is wide again", c.Name)
	}
	hints.BitRate, hints.Idle = 300_000, 0
	if c, _ := codec.Choose(three(), theirs, hints); c.Name != "VP8" {
		t.Errorf("%s on a machine that has no more time", c.Name)
	}
}

func TestEveryCodecIsWholeAndTheirPayloadTypesDiffer(t *testing.T) {
	seen := map[uint8]string{}
	for n, c := range codec.Available() {
		if c.NewEncoder == nil || c.NewDecoder == nil || c.ParseHeader == nil || c.Cost <= 0 || c.Format.MIMEType() != c.MIMEType {
			t.Errorf("%s: %+v", c.Name, c)
		}
		for _, number := range []uint8{c.PayloadType, c.RTXPayloadType} {
			if other := seen[number]; other != "" || number < 96 || number > 127 {
				t.Errorf("%s has payload type %d, as has %s", c.Name, number, other)
			}
			seen[number] = c.Name
		}
		if !c.Matches(codec.Offered{MIMEType: c.MIMEType, Fmtp: c.Fmtp}) {
			t.Errorf("%s does not match what it offers", c.Name)
		}
		if format, ok := payload.For(c.MIMEType); !ok || format != c.Format {
			t.Errorf("%s: another format, %T", c.Name, format)
		}
		if same, ok := codec.ByMIMEType(c.MIMEType); !ok || same.Name != c.Name {
			t.Errorf("%s is not found", c.MIMEType)
		}
		if (n == 0) != (c.Name == "VP8") {
			t.Errorf("%s is number %d", c.Name, n)
		}
	}
}

func TestEncodersAreCountedWhileTheyAreOpen(t *testing.T) {
	before := codec.Encoders()
	for n, c := range codec.Available() {
		e, err := c.NewEncoder(coded.Settings{Width: 64, Height: 48, BitRate: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if open := codec.Encoders() - before; open != n+1 {
			t.Errorf("%d encoders are open, want %d", open, n+1)
		}
		if _, err := c.NewEncoder(coded.Settings{}); err == nil {
			t.Errorf("%s: an encoder of nothing", c.Name)
		}
	}
	if vpx.Encoders() < 2 {
		t.Errorf("%d encoders of libvpx", vpx.Encoders())
	}
}

func ExampleChoose() {
	browser := []codec.Offered{{MIMEType: "video/VP8"}, {MIMEType: "video/VP9", Fmtp: "profile-id=0"}}
	camera := codec.Hints{Width: 1280, Height: 720, FrameRate: 30, BitRate: 2_500_000, Idle: 1.2}
	shared := codec.Hints{Width: 1920, Height: 1080, FrameRate: 10, BitRate: 1_500_000, Idle: 1.2, Screen: true}
	for _, hints := range []codec.Hints{camera, shared} {
		c, _ := codec.Choose(codec.Available(), [][]codec.Offered{browser}, hints)
		fmt.Println(c.Name)
	}
	// Output:
	// VP8
	// VP9
}
