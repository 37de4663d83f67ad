package apm_test

import (
	"math"
	"testing"
	"time"

	"parley/call/apm"
	"parley/call/apm/roomtest"
)

// gained is by how many dB the gain makes louder what a microphone hears while far is played, from one second to another.
func gained(t *testing.T, far, heard []float64) func(from, to float64) float64 {
	plain := run(t, apm.Options{Echo: true, Noise: true}, far, heard)
	louder := run(t, apm.Options{Echo: true, Noise: true, Gain: true}, far, heard)
	return func(from, to float64) float64 { return -loss(plain, louder, from, to) }
}

// part is x from one second to another, and nothing before and after.
func part(x []float64, from, to int) []float64 {
	y := make([]float64, len(x))
	copy(y[from*second:to*second], x[from*second:to*second])
	return y
}

func soft(x []float64) []float64 {
	for i := range x {
		x[i] *= 0.2
	}
	return x
}

func TestWhatIsLeftOfAnEchoIsNotMadeLouder(t *testing.T) {
	far := roomtest.Voice(20, 1, 115)
	heard := add(roomtest.Room(far, 80*time.Millisecond, roomtest.FromDB(-8)), roomtest.Hiss(len(far)))
	if by := gained(t, far, heard)(3, 20); math.Abs(by) > 0.5 {
		t.Errorf("it is louder by %.1f dB", by)
	}
}

func TestABackgroundIsMadeNoLouderAfterAWhile(t *testing.T) {
	near := roomtest.Voice(24, 2, 190)
	heard := add(soft(add(part(near, 0, 8), part(near, 20, 24))), roomtest.Hiss(len(near)))
	by := gained(t, make([]float64, len(near)), heard)
	if talk := by(4, 8); talk < 6 {
		t.Errorf("a voice is louder by %.1f dB", talk)
	}
	if pause := by(13, 20); math.Abs(pause) > 0.5 {
		t.Errorf("five seconds later the background is louder by %.1f dB", pause)
	}
	if before, after := by(4, 8), by(20, 20.5); after < before-3 {
		t.Errorf("the voice was louder by %.1f dB, and is by %.1f when it comes again", before, after)
	}
}

// Who answers has to be heard from the first word on, and is in the middle of what the other says.
func TestAnAnswerIsMadeAsLoudAsWhatWasSaidBefore(t *testing.T) {
	near := roomtest.Voice(24, 2, 190)
	far := part(roomtest.Voice(24, 1, 115), 8, 24)
	said := soft(add(part(near, 0, 8), part(near, 16, 24)))
	heard := add(add(said, roomtest.Room(far, 80*time.Millisecond, roomtest.FromDB(-8))), roomtest.Hiss(len(far)))
	by := gained(t, far, heard)
	before, listening, answer := by(4, 8), by(12, 16), by(16, 17)
	if before < 6 || answer < before-3 {
		t.Errorf("what is said first is louder by %.1f dB, and the answer by %.1f", before, answer)
	}
	if math.Abs(listening) > 0.5 {
		t.Errorf("between them, what is left of the echo is louder by %.1f dB", listening)
	}
}

// A fan or a hum is there when somebody talks, and when nobody does.
func TestAVoiceIsMadeLouderThoughThereIsNoise(t *testing.T) {
	near := soft(roomtest.Voice(12, 2, 190))
	for name, noise := range map[string]func(i int) float64{
		"a constant voltage": func(int) float64 { return 10000 },
		"a hum":              func(i int) float64 { return 5000 * math.Sin(2*math.Pi*50*float64(i)/second) },
	} {
		heard := add(near, roomtest.Hiss(len(near)))
		for i := range heard {
			heard[i] += noise(i)
		}
		if by := gained(t, make([]float64, len(near)), heard)(3, 12); by < 6 {
			t.Errorf("beside %s, a voice is louder by %.1f dB", name, by)
		}
	}
	heard := roomtest.Hiss(len(near))
	for i := range heard {
		heard[i] = near[i] + 8*heard[i] // 16 dB below the voice
	}
	if by := gained(t, make([]float64, len(near)), heard)(3, 12); by < 6 {
		t.Errorf("beside a fan, a voice is louder by %.1f dB", by)
	}
}
