package audio

import (
	"bytes"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/opus"
)

func TestWhatIsSentAsREDIsReadAsSuch(t *testing.T) {
	var before sentFrames
	var blocks [redMaxBlocks]redBlock
	frames := [][]byte{{1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3}, {4, 4, 4, 4, 4}}
	for i, f := range frames {
		for copies := range mostCopies + 2 {
			packet, n := before.appendRED(nil, 111, uint32(i)*frameSize-5, f, copies)
			if want := min(i, copies, mostCopies); n != want {
				t.Errorf("frame %d took %d copies along, want %d", i, n, want)
			}
			if got := parseRED(packet, &blocks); got != n+1 {
				t.Fatalf("frame %d with %d copies was read as %d blocks", i, n, got)
			}
			for k, b := range blocks[:n+1] {
				back := n - k
				if b.payloadType != 111 || b.offset != uint32(back*frameSize) || !bytes.Equal(b.payload, frames[i-back]) {
					t.Errorf("frame %d: block %d of %d is %+v", i, k, n+1, b)
				}
			}
		}
		before.keep(uint32(i)*frameSize-5, f)
	}
}

func TestOnlyWhatFollowsWithoutAGapIsSentAgain(t *testing.T) {
	voice := []byte{1, 1, 1}
	for name, keep := range map[string]func(*sentFrames){
		"too long ago":      func(s *sentFrames) { s.keep(0, voice); s.keep(40*frameSize, voice) },
		"the end of a word": func(s *sentFrames) { s.keep(57*frameSize, voice); s.keep(58*frameSize, []byte{1}) },
		"too long":          func(s *sentFrames) { s.keep(57*frameSize, voice); s.keep(58*frameSize, make([]byte, redMaxLength+1)) },
		"too long together": func(s *sentFrames) { s.keep(57*frameSize, voice); s.keep(58*frameSize, make([]byte, redMaxLength)) },
	} {
		var s sentFrames
		keep(&s)
		packet, n := s.appendRED(nil, 111, 59*frameSize, make([]byte, 400), 2)
		if n != 0 || len(packet) > redMaxPacket {
			t.Errorf("%s: %d copies in %d bytes", name, n, len(packet))
		}
	}
}

func TestAMalformedREDPacketIsRefused(t *testing.T) {
	var blocks [redMaxBlocks]redBlock
	endless := bytes.Repeat([]byte{0x80 | 111, 0, 0, 0}, redMaxBlocks)
	for name, packet := range map[string][]byte{
		"empty":              nil,
		"no frame":           {111},
		"a cut head":         {0x80 | 111, 0, 0},
		"no last head":       {0x80 | 111, 0, 0, 0},
		"a copy too long":    {0x80 | 111, 0, 0, 4, 111, 1, 2, 3},
		"a copy and nothing": {0x80 | 111, 0, 0, 3, 111, 1, 2, 3},
		"too many blocks":    append(endless, 111, 1),
	} {
		if n := parseRED(packet, &blocks); n != 0 {
			t.Errorf("%s: %d blocks", name, n)
		}
	}
}

// FuzzRED: whatever comes, the blocks are parts of it, one behind the other.
func FuzzRED(f *testing.F) {
	var before sentFrames
	for i := range 4 {
		packet, _ := before.appendRED(nil, 111, uint32(i)*frameSize, []byte{byte(i), 2, 3}, 2)
		f.Add(packet)
		before.keep(uint32(i)*frameSize, []byte{byte(i), 2, 3})
	}
	f.Add(bytes.Repeat([]byte{0xff}, 100))
	f.Fuzz(func(t *testing.T, packet []byte) {
		var blocks [redMaxBlocks]redBlock
		n := parseRED(packet, &blocks)
		size := 0
		for i, b := range blocks[:n] {
			if size += 4 + len(b.payload); i == n-1 {
				size -= 3
			}
			if b.payloadType > 127 || b.offset > redMaxOffset || i == n-1 && (len(b.payload) == 0 || b.offset != 0) {
				t.Errorf("block %d of %d is %+v", i, n, b)
			}
		}
		if n > 0 && size != len(packet) {
			t.Errorf("%d bytes were read as blocks of %d", len(packet), size)
		}
	})
}

func TestLossIsBelievedQuicklyAndForgottenSlowly(t *testing.T) {
	var r resilience
	for range 100 {
		r.note(0.002, 50)
	}
	if r.copies != 0 {
		t.Errorf("%d copies for a lost packet in 500", r.copies)
	}
	r.note(0.2, 50)
	r.note(0.2, 50)
	if r.copies != mostCopies {
		t.Errorf("%d copies after a fifth was lost for two reports", r.copies)
	}
	seconds := 0
	for ; r.copies > 0 && seconds < 1000; seconds++ {
		r.note(0, 50)
	}
	if seconds < 10 || seconds > 60 {
		t.Errorf("copies went on for %d s after the last loss", seconds)
	}
	changes, before := 0, r.copies
	for i := range 1000 { // one packet of 50 is lost every other second
		r.note([]float64{0.02, 0}[i%2], 50)
		if r.copies != before {
			changes, before = changes+1, r.copies
		}
	}
	if changes > 1 {
		t.Errorf("the number of copies changed %d times on a path that did not", changes)
	}
	for _, lie := range []float64{math.NaN(), math.Inf(1), -5, 17} {
		r.note(lie, 50)
	}
	if p := r.plan(true, voiceRates); p.copies > mostCopies || p.rate < voiceRates.lowest || p.rate > voiceRates.highest || !(r.loss >= 0 && r.loss <= 1) {
		t.Errorf("nonsense was believed: %+v", r)
	}
}

func TestCopiesAreSentUntilThePathHasProvedClean(t *testing.T) {
	var r resilience
	for n := range 20 { // nobody talks
		if r.note(0, 2); r.wanted(true) != firstCopies {
			t.Fatalf("%d copies after %d reports on next to nothing", r.wanted(true), n+1)
		}
	}
	if n := r.wanted(false); n != 0 {
		t.Errorf("%d copies for one who takes none", n)
	}
	for range provenBy {
		if r.wanted(true) != firstCopies {
			t.Fatal("the path was believed too early to be clean")
		}
		r.note(0, 50)
	}
	if n := r.wanted(true); n != 0 {
		t.Errorf("%d copies on a path that has proved clean", n)
	}
	lossy := resilience{}
	lossy.note(0.2, 50)
	if n := lossy.wanted(true); n != mostCopies {
		t.Errorf("%d copies where a fifth was lost from the start", n)
	}
}

func TestWhatSaysThatASpurtEndsGoesAgainWithTheNextThatSaysSo(t *testing.T) {
	var s sentFrames
	var blocks [redMaxBlocks]redBlock
	voice, end := []byte{1, 1, 1}, []byte{1}
	s.keep(0, voice)
	s.keep(frameSize, end)
	packet, n := s.appendRED(nil, redOpus, 2*frameSize, end, mostCopies)
	if got := parseRED(packet, &blocks); n != 2 || got != 3 || !bytes.Equal(blocks[0].payload, voice) || !bytes.Equal(blocks[1].payload, end) {
		t.Errorf("%d copies: % x", n, packet)
	}
	s.keep(2*frameSize, end)
	if _, n := s.appendRED(nil, redOpus, 3*frameSize, voice, mostCopies); n != 0 {
		t.Errorf("%d copies from before the pause go with what is said after it", n)
	}
}

func TestCopiesFromBeforeAPauseAreNotWaitedFor(t *testing.T) {
	voice := humming()
	for name, c := range map[string]struct {
		offsets []uint32
		depth   int
	}{
		"of the two frames before":     {[]uint32{2 * frameSize, frameSize}, 2},
		"of before a pause":            {[]uint32{9 * frameSize}, 0},
		"of before and after a pause":  {[]uint32{9 * frameSize, frameSize}, 1},
		"of the frame before a copy's": {[]uint32{3 * frameSize, 2 * frameSize}, 0},
	} {
		r := newReceiver(&Engine{log: slog.New(slog.DiscardHandler)}, nil, 0)
		var blocks []redBlock
		for _, offset := range c.offsets {
			blocks = append(blocks, redBlock{payloadType: redOpus, offset: offset, payload: voice[0]})
		}
		r.playout.pushRED(7, 20*frameSize, append(blocks, redBlock{payloadType: redOpus, payload: voice[1]}), time.Now())
		if got := r.playout.buffer.arrivals.depth; got != c.depth {
			t.Errorf("copies %s: %d frames are reckoned with, want %d", name, got, c.depth)
		}
	}
}

// The first packet brings copies of frames from before there was a connection.
func TestWhatWasBeforeTheFirstPacketIsNotTakenForLost(t *testing.T) {
	voice := humming()
	r := newReceiver(&Engine{log: slog.New(slog.DiscardHandler)}, nil, 0)
	for n := range uint32(3) {
		r.playout.pushRED(uint16(7+n), (20+n)*frameSize, []redBlock{
			{payloadType: redOpus, offset: 2 * frameSize, payload: voice[0]},
			{payloadType: redOpus, offset: frameSize, payload: voice[0]},
			{payloadType: redOpus, payload: voice[1]},
		}, time.Now())
	}
	if a := &r.playout.buffer.arrivals; a.lossy() || a.target() > firstGuess {
		t.Errorf("the path is lossy (%v), and sound waits for %v", a.lossy(), a.target())
	}
}

func TestWhereThereIsLittleRoomDeepRedundancyGoesFirst(t *testing.T) {
	span := deepSpan
	if !opus.HasDRED() {
		span = 0
	}
	for _, c := range []struct {
		loss   float64
		limit  int
		red    bool
		copies int
		deep   time.Duration
	}{
		{0, 0, true, 0, 0},
		{0.1, 0, true, 2, 2 * span},
		{0.1, 0, false, 0, 2 * span},
		{0.03, 0, true, 1, span},
		{0.1, 200_000, true, 2, 2 * span},
		{0.1, 60_000, true, 2, 0},
		{0.1, 40_000, true, 1, 0},
		{0.1, 20_000, false, 0, 0},
	} {
		r := resilience{limit: c.limit}
		for range 40 {
			r.note(c.loss, 50)
		}
		p := r.plan(c.red, voiceRates)
		if p.copies != c.copies || p.deep != c.deep {
			t.Errorf("%+v: the plan is %+v", c, p)
		}
		if cost := (1+p.copies)*p.rate + voiceRates.costOf(p.deep); c.limit > 0 && cost > c.limit {
			t.Errorf("%+v: the plan costs %d bit/s", c, cost)
		}
		if p := r.plan(c.red, musicRates); p.deep > 0 {
			t.Errorf("%+v: music is described", c)
		}
	}
}

func TestTheLevelOfAPacketIsReadAsItWasWritten(t *testing.T) {
	for _, c := range []struct {
		rms   float64
		voice bool
	}{{0, false}, {1, true}, {0.5, false}, {0.01, true}, {1e-9, false}} {
		rms, voice, ok := readLevel([]byte{levelByte(c.rms, c.voice)})
		if !ok || voice != c.voice || c.rms >= 1e-6 && math.Abs(20*math.Log10(rms/c.rms)) > 0.51 || c.rms < 1e-6 && rms != 0 {
			t.Errorf("%+v was read as %v, %v, %v", c, rms, voice, ok)
		}
	}
	if _, _, ok := readLevel(nil); ok {
		t.Error("nothing was read as a level")
	}
}

func TestREDOfOtherFramesThanOpusIsNotUsed(t *testing.T) {
	codec := func(mime, parameters string, payloadType webrtc.PayloadType) webrtc.RTPCodecParameters {
		return webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mime, ClockRate: SampleRate, Channels: 2, SDPFmtpLine: parameters}, PayloadType: payloadType,
		}
	}
	for parameters, want := range map[string]uint8{"111/111": 63, "111/111/111": 63, "0/5": 0, "": 0, "300/300": 0, "111x": 0} {
		f := &Feed{sender: newSender("test", nil, slog.New(slog.DiscardHandler))}
		ctx := bound{codecs: []webrtc.RTPCodecParameters{codec(mimeTypeRED, parameters, 63), codec(webrtc.MimeTypeOpus, "", 111)}}
		if got, err := f.Bind(ctx); err != nil || got.PayloadType != 111 || f.wires[0].red != want {
			t.Errorf("%q: RED is sent as %d, want %d (%v, %v)", parameters, f.wires[0].red, want, got.PayloadType, err)
		}
	}
}

// bound is a connection that a feed is bound to, and that nothing is sent over.
type bound struct {
	webrtc.TrackLocalContext
	codecs []webrtc.RTPCodecParameters
}

func (c bound) CodecParameters() []webrtc.RTPCodecParameters           { return c.codecs }
func (c bound) HeaderExtensions() []webrtc.RTPHeaderExtensionParameter { return nil }
func (c bound) ID() string                                             { return "" }
func (c bound) SSRC() webrtc.SSRC                                      { return 1 }
func (c bound) WriteStream() webrtc.TrackLocalWriter                   { return nowhere{} }
