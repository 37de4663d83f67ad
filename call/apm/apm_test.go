package apm_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"parley/call/apm"
	"parley/call/apm/roomtest"
)

const second = apm.SampleRate

func block(x []float64, at int) []int16 {
	b := make([]int16, apm.BlockSize)
	for i := range b {
		b[i] = int16(max(-32768, min(32767, math.Round(x[at+i]))))
	}
	return b
}

// run plays far and hears near and far's echo, and returns what is left of that.
func run(t testing.TB, options apm.Options, far, heard []float64) []float64 {
	t.Helper()
	p, err := apm.New(options)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	out := make([]float64, 0, len(heard))
	for at := 0; at+apm.BlockSize <= len(heard); at += apm.BlockSize {
		if err := p.Render(block(far, at)); err != nil {
			t.Fatal(err)
		}
		b := block(heard, at)
		if err := p.Capture(b, 50*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		for _, v := range b {
			out = append(out, float64(v))
		}
	}
	return out
}

func add(x, y []float64) []float64 {
	z := make([]float64, len(x))
	for i := range z {
		z[i] = x[i] + y[i]
	}
	return z
}

// loss is by how many dB what is left is softer than what was heard, from one second to another.
func loss(heard, left []float64, from, to float64) float64 {
	a, b := int(from*second), min(int(to*second), len(left))
	return roomtest.DB(roomtest.RMS(heard[a:b]) / roomtest.RMS(left[a:b]))
}

func TestTheEchoIsTakenOut(t *testing.T) {
	far := roomtest.Speech(12, 1)
	for _, delay := range []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 80 * time.Millisecond, 120 * time.Millisecond} {
		heard := add(roomtest.Room(far, delay, roomtest.FromDB(-8)), roomtest.Hiss(len(far)))
		for _, gain := range []bool{false, true} {
			left := run(t, apm.Options{Echo: true, Noise: true, Gain: gain}, far, heard)
			soon, settled := loss(heard, left, 2, 4), loss(heard, left, 8, 12)
			t.Logf("after %v, gain %v: %.0f dB from second 2 to 4, %.0f dB from 8 on", delay, gain, soon, settled)
			if soon < 25 || settled < 45 {
				t.Errorf("an echo after %v, gain %v, is softer by %.0f dB from second 2 on, and by %.0f from 8 on", delay, gain, soon, settled)
			}
		}
	}
}

func TestTheEchoIsTakenOutThoughClocksDrift(t *testing.T) {
	const ppm = 200
	far := roomtest.Speech(20, 2)
	echo := roomtest.Room(far, 80*time.Millisecond, roomtest.FromDB(-8))
	heard := roomtest.Hiss(len(far))
	for i := range heard { // the microphone's clock is faster
		at := float64(i) * (1 - ppm*1e-6)
		n := int(at)
		if n+1 < len(echo) {
			heard[i] += echo[n] + (at-float64(n))*(echo[n+1]-echo[n])
		}
	}
	left := run(t, apm.Options{Echo: true, Noise: true}, far, heard)
	if settled := loss(heard, left, 10, 20); settled < 15 {
		t.Errorf("it is softer by %.0f dB", settled)
	} else {
		t.Logf("softer by %.0f dB", settled)
	}
}

func TestAVoiceAlonePasses(t *testing.T) {
	near := add(roomtest.Speech(8, 3), roomtest.Hiss(8*second))
	left := run(t, apm.Options{Echo: true, Noise: true}, make([]float64, len(near)), near)
	if l := loss(near, left, 3, 8); math.Abs(l) > 2 {
		t.Errorf("it is softer by %.1f dB", l)
	}
}

func TestNoiseIsTakenOut(t *testing.T) {
	noise := roomtest.Hiss(8 * second)
	for i := range noise {
		noise[i] *= 40
	}
	gently := run(t, apm.Options{Noise: true}, make([]float64, len(noise)), noise)
	if l := loss(noise, gently, 4, 8); l < 5 || l > 8 {
		t.Errorf("gently, it is made softer by %.1f dB", l)
	}
	firmly := run(t, apm.Options{Noise: true, Noisy: true}, make([]float64, len(noise)), noise)
	if l := loss(noise, firmly, 4, 8); l < 10 {
		t.Errorf("firmly, it is made softer by %.1f dB", l)
	}
}

func TestAQuietVoiceIsMadeLouder(t *testing.T) {
	near := roomtest.Speech(12, 4)
	for i := range near {
		near[i] *= 0.1
	}
	left := run(t, apm.Options{Gain: true}, make([]float64, len(near)), near)
	if l := -loss(near, left, 6, 12); l < 3 {
		t.Errorf("it is louder by %.1f dB", l)
	}
}

func TestWithoutOptionsSoundIsLeftAsItIs(t *testing.T) {
	p, err := apm.New(apm.Options{Echo: true, Noise: true, Gain: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Set(apm.Options{}); err != nil {
		t.Fatal(err)
	}
	near := roomtest.Speech(2, 5)
	for at := 0; at < second; at += apm.BlockSize {
		in := block(near, at)
		out := block(near, at)
		if err := p.Capture(out, 0); err != nil {
			t.Fatal(err)
		}
		for i := range in {
			if in[i] != out[i] {
				t.Fatalf("sample %d went from %d to %d", at+i, in[i], out[i])
			}
		}
	}
}

func TestWhatIsNoBlockAndWhatIsClosedIsRefused(t *testing.T) {
	p, err := apm.New(apm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, apm.BlockSize - 1, apm.BlockSize + 1} {
		if err := p.Render(make([]int16, n)); !errors.Is(err, apm.ErrBlock) {
			t.Errorf("%d samples to render: %v", n, err)
		}
		if err := p.Capture(make([]int16, n), 0); !errors.Is(err, apm.ErrBlock) {
			t.Errorf("%d samples to capture: %v", n, err)
		}
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	full := make([]int16, apm.BlockSize)
	for doing, err := range map[string]error{"render": p.Render(full), "capture": p.Capture(full, 0), "set": p.Set(apm.Options{})} {
		if !errors.Is(err, apm.ErrClosed) {
			t.Errorf("%s when closed: %v", doing, err)
		}
	}
}

func TestOptionsMayChangeWhileSoundGoesThrough(t *testing.T) {
	p, err := apm.New(apm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		samples := make([]int16, apm.BlockSize)
		for range 300 {
			if err := p.Render(samples); err != nil {
				t.Error(err)
			}
		}
	}()
	samples := make([]int16, apm.BlockSize)
	for i := range 300 {
		if err := p.Set(apm.Options{Echo: i%2 == 0, Noise: i%3 == 0, Gain: i%5 == 0}); err != nil {
			t.Error(err)
		}
		if err := p.Capture(samples, time.Hour); err != nil {
			t.Error(err)
		}
	}
	<-ended
}

func TestNothingIsAllocated(t *testing.T) {
	p, err := apm.New(apm.Options{Echo: true, Noise: true, Gain: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	samples := make([]int16, apm.BlockSize)
	if n := testing.AllocsPerRun(100, func() { _, _ = p.Render(samples), p.Capture(samples, 0) }); n != 0 {
		t.Errorf("%v allocations a block", n)
	}
}

// BenchmarkBlock is the work of 10 ms: at 10 ms/op it takes a whole core. Its dB figures are the echo that is left in a synthetic room
// (80 ms, -8 dB, reverberation of 100 ms), and by how much somebody who talks at the same time is softer; see doubleTalk.
func BenchmarkBlock(b *testing.B) {
	for name, options := range map[string]apm.Options{
		"echo": {Echo: true}, "echo+noise": {Echo: true, Noise: true}, "all": {Echo: true, Noise: true, Gain: true},
	} {
		b.Run(name, func(b *testing.B) {
			far := roomtest.Speech(20, 1)
			echo := add(roomtest.Room(far, 80*time.Millisecond, roomtest.FromDB(-8)), roomtest.Hiss(len(far)))
			alone := run(b, options, far, echo)
			said, answered := conversation(20)
			p, err := apm.New(options)
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			render, capture := block(far, second), block(echo, second)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = p.Render(render), p.Capture(capture, 0)
			}
			b.ReportMetric(loss(echo, alone, 1.8, 2.8), "dB-2s")
			b.ReportMetric(loss(echo, alone, 10, 20), "dB-settled")
			b.ReportMetric(doubleTalk(b, options, said, answered), "dB-doubletalk")
		})
	}
}
