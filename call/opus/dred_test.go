package opus_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"parley/call/opus"
)

func needDRED(t testing.TB) {
	t.Helper()
	if !opus.HasDRED() {
		t.Skip("this libopus has no DRED")
	}
}

// described is speech of which each packet describes 200 ms before it.
func described(t testing.TB) (all [][]byte) {
	t.Helper()
	e := newEncoder(t, 1, opus.Voice)
	must(t, e.SetBitRate(56_000), e.SetFEC(true), e.SetLoss(20), e.SetDRED(200*time.Millisecond))
	return packets(t, e, 1, speech(5*time.Second))
}

// outline is the level of a sound in steps of 10 ms, in dB.
func outline(sound []int16) (levels []float64) {
	for part := range slices.Chunk(sound, opus.SampleRate/100) {
		levels = append(levels, max(-60, power(part)))
	}
	return levels
}

func difference(a, b []float64) (mean float64) {
	for i := range a {
		mean += math.Abs(a[i]-b[i]) / float64(len(a))
	}
	return mean
}

// TestABurstIsBetterDescribedThanGuessed loses 120 ms and hears whether syllables rise and fall where they did.
func TestABurstIsBetterDescribedThanGuessed(t *testing.T) {
	needDRED(t)
	const lost = 6
	all, dred := described(t), opus.NewDRED()
	whole := decode(t, newDecoder(t, 1), 1, all)
	fromDRED, fromNothing, places := 0.0, 0.0, 0
	for first := 50; first+lost < len(all); first += 17 {
		if dred.Load(all[first+lost], lost*frame) < lost*frame {
			continue // it was silent for a while
		}
		filled := func(fill func(d *opus.Decoder, before int, pcm []int16) error) float64 {
			d := newDecoder(t, 1)
			decode(t, d, 1, all[:first])
			var heard []int16
			for n := range lost {
				pcm := make([]int16, frame)
				must(t, fill(d, (lost-n)*frame, pcm))
				heard = append(heard, pcm...)
			}
			return difference(outline(whole[first*frame:][:lost*frame]), outline(heard))
		}
		fromDRED += filled(func(d *opus.Decoder, before int, pcm []int16) error { return d.DecodeDRED(dred, before, pcm) })
		fromNothing += filled(func(d *opus.Decoder, _ int, pcm []int16) error { return d.Conceal(pcm) })
		places++
	}
	if places < 8 {
		t.Fatalf("only %d bursts were described", places)
	}
	if r, g := fromDRED/float64(places), fromNothing/float64(places); r > g/2 {
		t.Errorf("described, the level is off by %.1f dB, and guessed by %.1f", r, g)
	}
}

func TestAPacketTellsHowFarItReaches(t *testing.T) {
	needDRED(t)
	dred := opus.NewDRED()
	for _, p := range described(t)[150:160] {
		if n := dred.Reach(p); n < 8*frame || n > 14*frame {
			t.Errorf("200 ms were asked for, and a packet reaches %d samples", n)
		}
		if bare := opus.Unpad(slices.Clone(p)); len(bare) >= len(p) || dred.Reach(bare) != 0 {
			t.Errorf("without its padding, a packet of %d bytes has %d, and reaches %d samples", len(p), len(bare), dred.Reach(bare))
		}
		if !opus.HasFEC(p) && opus.HasFEC(opus.Unpad(slices.Clone(p))) {
			t.Error("FEC is found without padding only")
		}
	}
	e := newEncoder(t, 1, opus.Voice)
	if err := e.SetDRED(2 * time.Second); !errors.Is(err, opus.ErrArgument) {
		t.Errorf("2 s of DRED: %v", err)
	}
}

func TestReadingDREDAllocatesNothing(t *testing.T) {
	needDRED(t)
	packet, dred, d, pcm := described(t)[150], opus.NewDRED(), newDecoder(t, 2), make([]int16, 2*frame)
	n := testing.AllocsPerRun(50, func() {
		dred.Reach(packet)
		dred.Load(packet, 4*frame)
		must(t, d.DecodeDRED(dred, 4*frame, pcm))
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestWithoutDREDNothingIsFound(t *testing.T) {
	var none *opus.DRED
	if n := none.Reach(make([]byte, 100)) + none.Load(make([]byte, 100), frame); n != 0 {
		t.Errorf("%d samples", n)
	}
	if opus.HasDRED() {
		return
	}
	if opus.NewDRED() != nil {
		t.Error("there is a reader")
	}
	if err := newEncoder(t, 1, opus.Voice).SetDRED(time.Second); !errors.Is(err, opus.ErrUnsupported) {
		t.Errorf("setting it: %v", err)
	}
}

func BenchmarkDRED(b *testing.B) {
	needDRED(b)
	all, dred, d, pcm := described(b), opus.NewDRED(), newDecoder(b, 2), make([]int16, 2*frame)
	decode(b, d, 2, all[:100]) // before any sound a decoder has nothing to do
	for name, read := range map[string]func(packet []byte){
		"reach":        func(packet []byte) { dred.Reach(packet) },
		"load 200 ms":  func(packet []byte) { dred.Load(packet, 10*frame) },
		"decode 20 ms": func([]byte) { must(b, d.DecodeDRED(dred, 4*frame, pcm)) },
	} {
		b.Run(name, func(b *testing.B) {
			dred.Load(all[150], 10*frame)
			n := 100
			b.ReportAllocs()
			for b.Loop() {
				read(all[n%len(all)])
				n++
			}
		})
	}
}
