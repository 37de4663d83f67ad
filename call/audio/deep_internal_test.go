package audio

import (
	"log/slog"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/call/opus"
)

// describing returns packets that describe what was before them, where libopus has DRED.
func describing(n int) [][]byte {
	s := newSender("test", nil, slog.New(slog.DiscardHandler))
	if opus.HasDRED() {
		s.need = need{percent: deepLoss * 100, rate: voiceRates.usual, deep: 2 * deepSpan}
	}
	s.tune()
	return sung(s.encoder, n)
}

func TestFillingABurstAllocatesNothing(t *testing.T) {
	e := &Engine{log: slog.New(slog.DiscardHandler)}
	r := newReceiver(e, nil, 0)
	e.mixer.add(r, nil)
	packets, out := describing(64), make([]int16, Channels*BlockSize)
	packet := rtp.Packet{Header: rtp.Header{Version: 2}}
	n, now := 0, time.Now()
	step := func() {
		packet.SequenceNumber, packet.Timestamp, packet.Payload = uint16(n), uint32(n*frameSize), packets[n%len(packets)]
		if n%20 < 15 { // five in a row are lost
			r.push(&packet, now)
		}
		for range 2 {
			e.mixer.mix(out, now)
			now = now.Add(blockTime)
		}
		n++
	}
	for range 400 {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n != 0 {
		t.Errorf("%v allocations each 20 ms", n)
	}
	if s := r.Stats(); opus.HasDRED() != (s.DREDSamples > 0) {
		t.Errorf("%d samples were described", s.DREDSamples)
	}
}
