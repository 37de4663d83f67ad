package devices

import (
	"math"
	"slices"
	"testing"
	"time"

	"parley/devices/tone"
)

func TestBlocksHave480SamplesWhateverTheDeviceGives(t *testing.T) {
	var got []int16
	capture := captureInto(1, func(samples []int16, _ time.Time) {
		if len(samples) != BlockSamples {
			t.Fatalf("a block of %d", len(samples))
		}
		got = append(got, samples...)
	})
	var want []int16
	for size := 1; size < 2000; size = size*3 + 1 {
		in := make([]int16, size)
		for i := range in {
			in[i] = int16(len(want) + i)
		}
		want = append(want, in...)
		capture(nil, in)
	}
	if whole := len(want) / BlockSamples * BlockSamples; !slices.Equal(got, want[:whole]) {
		t.Error("samples were lost, doubled or moved")
	}
}

func TestBlocksThatArriveTogetherWereCapturedOneAfterTheOther(t *testing.T) {
	var captured []time.Time
	capture := captureInto(1, func(_ []int16, at time.Time) { captured = append(captured, at) })
	before := time.Now()
	capture(nil, make([]int16, 3*BlockSamples))
	for i, at := range captured {
		if want := before.Add(time.Duration(i-3) * BlockDuration); at.Before(want) || at.After(want.Add(time.Since(before))) {
			t.Errorf("block %d of 3 was captured %v from the arrival", i, at.Sub(before))
		}
	}
}

func TestSamplesComeOutOfASpeakerInTheOrderTheyWereMade(t *testing.T) {
	var next int16
	play := playFrom(1, func(samples []int16) {
		for i := range samples {
			samples[i] = next
			next++
		}
	})
	var got []int16
	for size := 1; size < 2000; size = size*3 + 1 {
		out := make([]int16, size)
		play(out, nil)
		got = append(got, out...)
	}
	for i, v := range got {
		if v != int16(i) {
			t.Fatalf("sample %d is %d", i, v)
		}
	}
}

func TestMovingSamplesDoesNotAllocate(t *testing.T) {
	for _, rate := range []uint32{SampleRate, 44100, 16000} {
		capture := capturing(1, func([]int16, time.Time) {})(rate)
		play := playing(1, func([]int16) {})(rate)
		samples := make([]int16, 441)
		if n := testing.AllocsPerRun(100, func() { capture(nil, samples); play(samples, nil) }); n != 0 {
			t.Errorf("at %d Hz: %v allocations", rate, n)
		}
	}
}

func TestADeviceOfAnotherRateGetsAndGivesAsMuchTime(t *testing.T) {
	for _, rate := range []uint32{8000, 44100, 96000, 192000} {
		captured, played := 0, 0
		capture := capturing(1, func(samples []int16, _ time.Time) { captured += len(samples) })(rate)
		play := playing(1, func(samples []int16) { played += len(samples) })(rate)
		samples := make([]int16, rate/20)
		for range 200 {
			capture(nil, samples)
			play(samples, nil)
		}
		for what, n := range map[string]int{"captured": captured, "played": played} {
			if off := n - 10*SampleRate; off < -2*BlockSamples || off > 2*BlockSamples {
				t.Errorf("at %d Hz, ten seconds are %d samples %s", rate, n, what)
			}
		}
	}
}

func TestChannelsStayApartWhateverTheRate(t *testing.T) {
	for _, rate := range []uint32{16000, 44100, SampleRate, 96000} {
		heard := 0
		capture := capturing(2, func(samples []int16, _ time.Time) {
			heard += len(samples)
			for i, s := range samples {
				if i%2 == 1 && s != 0 {
					t.Fatalf("at %d Hz: what is on the left is heard on the right", rate)
				}
			}
		})(rate)
		play := playing(2, func(samples []int16) {
			for i := range samples {
				samples[i] = int16(1000 * (i % 2))
			}
		})(rate)
		in, out := make([]int16, 2*333), make([]int16, 2*333)
		for i := range in {
			in[i] = int16(1000 * (1 - i%2))
		}
		for n := range 300 {
			capture(nil, in)
			play(out, nil)
			for i, s := range out {
				if i%2 == 0 && s != 0 || n > 10 && i%2 == 1 && s < 990 {
					t.Fatalf("at %d Hz: %d is played on channel %d of silence and 1000", rate, s, i%2)
				}
			}
		}
		if want := 2 * 300 * 333 * SampleRate / int(rate); heard < want-4*BlockSamples || heard > want {
			t.Errorf("at %d Hz: %d samples were heard, want %d", rate, heard, want)
		}
	}
}

func TestATonePassesEveryRateAloneHoweverManySamplesComeAtOnce(t *testing.T) {
	const hz = 1000
	for _, rate := range []uint32{8000, 16000, 22050, 32000, 44100, SampleRate, 96000, 192000} {
		for _, size := range []int{7, 441, 1024, 5000} {
			var captured []int16
			capture := capturing(1, func(samples []int16, _ time.Time) { captured = append(captured, samples...) })(rate)
			made := 0
			play := playing(1, func(samples []int16) {
				for i := range samples {
					samples[i] = int16(16384 * math.Sin(2*math.Pi*hz*float64(made)/SampleRate))
					made++
				}
			})(rate)
			var played []int16
			in, out := make([]int16, size), make([]int16, size)
			for at := 0; at < int(rate); at += size {
				for i := range in {
					in[i] = int16(16384 * math.Sin(2*math.Pi*hz*float64(at+i)/float64(rate)))
				}
				capture(nil, in)
				play(out, nil)
				played = append(played, out...)
			}
			for way, sound := range map[string]struct {
				samples []int16
				rate    float64
			}{"captured": {captured, SampleRate}, "played": {played, float64(rate)}} {
				n := len(sound.samples)
				level, rest := tone.Fit(sound.samples[n/10:n*9/10], hz, sound.rate)
				if math.Abs(level+6.02) > 0.1 || level-rest < 55 {
					t.Errorf("at %d Hz, %d samples at once, %s: a tone of -6 dBFS is at %.2f, and all else %.0f dB below", rate, size, way, level, level-rest)
				}
			}
		}
	}
}
