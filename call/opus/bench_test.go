package opus_test

import (
	"testing"
	"time"

	"parley/call/apm/roomtest"
	"parley/call/opus"
)

// speech is that of a room's simulation.
func speech(length time.Duration) []int16 {
	out := make([]int16, 0, length*opus.SampleRate/time.Second)
	for _, s := range roomtest.Speech(int(length.Seconds()), 1) {
		out = append(out, int16(max(-32768, min(32767, s))))
	}
	return out
}

// BenchmarkEncode and the others take a frame of 20 ms.
func BenchmarkEncode(b *testing.B) {
	for name, dred := range map[string]time.Duration{"voice": 0, "voice with DRED": 200 * time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			e := newEncoder(b, 1, opus.Voice)
			must(b, e.SetBitRate(40_000), e.SetFEC(true), e.SetLoss(20))
			if dred > 0 {
				if !opus.HasDRED() {
					b.Skip("this libopus has no DRED")
				}
				must(b, e.SetBitRate(56_000), e.SetDRED(dred))
			}
			said, packet, at := speech(5*time.Second), make([]byte, 1500), 0
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Encode(said[at:at+frame], packet); err != nil {
					b.Fatal(err)
				}
				at = (at + frame) % (len(said) - frame)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	e, d := newEncoder(b, 1, opus.Voice), newDecoder(b, 2)
	must(b, e.SetBitRate(40_000), e.SetFEC(true), e.SetLoss(20))
	all, pcm := packets(b, e, 1, speech(5*time.Second)), make([]int16, 2*frame)
	decode(b, d, 2, all) // before any sound a decoder has nothing to do
	for name, decode := range map[string]func(packet []byte) error{
		"packet": func(packet []byte) error {
			_, err := d.Decode(packet, pcm)
			return err
		},
		"FEC":     func(packet []byte) error { return d.DecodeFEC(packet, pcm) },
		"conceal": func([]byte) error { return d.Conceal(pcm) },
	} {
		b.Run(name, func(b *testing.B) {
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(all[n%len(all)]); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}
