package audio

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"parley/call/apm"
	"parley/call/apm/roomtest"
)

// TestAClockThatIsFastIsFoundOut lets blocks come late by some ms, as threads are, and samples get lost.
func TestAClockThatIsFastIsFoundOut(t *testing.T) {
	for _, ppm := range []float64{0, 30, -200, 200} {
		var c clock
		dice := rand.New(rand.NewPCG(1, 1))
		start, lost, worst := time.Now(), 0, 0.0
		for n := range 200 * 100 {
			if n == 90*100 {
				lost = 300
			}
			due := float64((n+1)*BlockSize+lost) / (SampleRate * (1 + ppm*1e-6))
			late := time.Duration(2 * dice.ExpFloat64() * float64(time.Millisecond))
			c.add(BlockSize, start.Add(time.Duration(due*float64(time.Second))+late))
			if n > 15*100 {
				worst = max(worst, math.Abs(c.fast*1e6-ppm))
			}
		}
		if worst > 25 {
			t.Errorf("a clock that is fast by %.0f ppm is taken to be off by up to %.0f more", ppm, worst)
		} else {
			t.Logf("%.0f ppm: off by %.1f at the most, %.1f at the end", ppm, worst, c.fast*1e6-ppm)
		}
	}
}

func TestAClockThatStoodStillIsMeasuredAnew(t *testing.T) {
	var c clock
	now := time.Now()
	for range 3 {
		for range 3000 {
			now = now.Add(9999 * time.Microsecond)
			c.add(BlockSize, now)
		}
		now = now.Add(time.Minute)
	}
	if fast := c.fast * 1e6; fast < 90 || fast > 110 {
		t.Errorf("a clock that is fast by 100 ppm, with pauses, is taken to be fast by %.0f", fast)
	}
}

// twoClocks plays far on a speaker whose clock is faster than the microphone's by so many ppm, and hears its echo in a room. Each device's blocks
// come when its clock says so, and some ms late. It returns what was heard, and what is left of it.
func twoClocks(t *testing.T, far, echo []float64, ppm float64) (heard, left []float64) {
	t.Helper()
	clean := newCleaner(slog.Default())
	defer clean.close()
	clean.set(apm.Options{Echo: true, Noise: true})
	speed := 1 + ppm*1e-6
	heard = roomtest.Hiss(int(float64(len(far)) / speed))
	for i := range heard {
		heard[i] += roomtest.At(echo, float64(i)*speed)
	}
	var speaker, microphone clock
	dice := rand.New(rand.NewPCG(2, 2))
	start, samples, played := time.Now(), make([]int16, BlockSize), 0
	take := func(x []float64, at int) []int16 {
		for i := range samples {
			samples[i] = int16(max(-32768, min(32767, math.Round(x[at+i]))))
		}
		return samples
	}
	late := func() time.Duration { return time.Duration(dice.ExpFloat64() * float64(time.Millisecond)) }
	for n := 0; n+BlockSize <= len(heard); n += BlockSize {
		for ; float64(played) <= float64(n)*speed && played+BlockSize <= len(far); played += BlockSize {
			speaker.add(BlockSize, start.Add(time.Duration(float64(played)/speed/SampleRate*float64(time.Second))+late()))
			clean.render(take(far, played), speaker.fast)
		}
		microphone.add(BlockSize, start.Add(toDuration(int64(n))+late()))
		block := take(heard, n)
		clean.capture(block, time.Now(), microphone.fast)
		for _, v := range block {
			left = append(left, float64(v))
		}
	}
	return heard, left
}

func TestTheEchoStaysAwayThoughClocksDrift(t *testing.T) {
	const seconds = 60
	far := roomtest.Speech(seconds, 2)
	echo := roomtest.Room(far, 60*time.Millisecond, roomtest.FromDB(-8))
	for _, ppm := range []float64{200, -200} {
		heard, left := twoClocks(t, far, echo, ppm)
		loss := func(from, to int) float64 {
			return roomtest.DB(roomtest.RMS(heard[from*SampleRate:to*SampleRate]) / roomtest.RMS(left[from*SampleRate:to*SampleRate]))
		}
		if soon := loss(2, 4); soon < 25 {
			t.Errorf("%+.0f ppm: after 2 s the echo is softer by %.0f dB", ppm, soon)
		}
		worst := math.Inf(1)
		for s := 10; s+2 < seconds; s += 2 {
			worst = min(worst, loss(s, s+2))
		}
		if worst < 45 {
			t.Errorf("%+.0f ppm: at times the echo is softer by no more than %.0f dB", ppm, worst)
		}
		t.Logf("%+.0f ppm: softer by %.0f dB after 2 s, and by %.0f or more from 10 s on", ppm, loss(2, 4), worst)
	}
}
