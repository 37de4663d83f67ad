package soundtest

import (
	"math"
	"math/rand/v2"
	"time"
)

// Sounds that are found again in what the other side heard: a hundred ms of six pitches each, no two alike, so that none is taken for another
// however late it comes. They have the pitches of a voice and come at random times.
const (
	rate        = 48000
	blip        = rate / 10
	pitches     = 6
	closest     = rate / 4        // between the starts of two sounds
	furthest    = rate / 2        //
	latest      = rate            // after which a sound is not looked for
	coarse      = 8               // of so many samples one is looked at first
	alikeEnough = 0.5             // correlation from which on a sound counts as found again
	loud        = 0.4 * (1 << 15) // its amplitude
)

// Blips returns that much of the sounds that [Delays] looks for, from a seed: 16-bit, mono, 48000 samples a second.
func Blips(length time.Duration, seed uint64) []int16 {
	dice := rand.New(rand.NewPCG(seed, 1))
	samples := make([]int16, int(length.Seconds()*rate))
	for at := closest; at+blip <= len(samples); at += closest + dice.IntN(furthest-closest) {
		phase, hz := 0.0, 0.0
		for i := range blip {
			if i%(blip/pitches) == 0 {
				hz = 400 + 2400*dice.Float64()
			}
			phase += 2 * math.Pi * hz / rate
			edge := math.Sin(math.Pi * float64(i) / blip)
			samples[at+i] = int16(loud * edge * edge * math.Sin(phase))
		}
	}
	return samples
}

// Delay is how much later than it was said a sound was heard.
type Delay struct {
	Said  time.Duration // when, from the start of the recording
	Took  time.Duration // negative if it was not heard
	Level float64       // by how many dB it was louder than it was said
}

// Delays finds each sound of [Blips] that a mouth said in what an ear heard, two recordings by one clock; see [Table.Said]. A sound
// that cannot be recognised was not heard.
func Delays(mouth, ear []int16) []Delay {
	var found []Delay
	for at := 0; at+blip+latest <= min(len(mouth), len(ear)); {
		if mouth[at] > -64 && mouth[at] < 64 {
			at++
			continue
		}
		d := Delay{Said: toTime(at), Took: -1}
		if lag, ok := match(mouth[at:at+blip], ear[at:at+blip+latest]); ok {
			d.Took = toTime(lag)
			d.Level = 10 * math.Log10(energy(ear[at+lag:][:blip])/energy(mouth[at:][:blip]))
		}
		found = append(found, d)
		at += blip
	}
	return found
}

func toTime(samples int) time.Duration { return time.Duration(samples) * time.Second / rate }

// match returns where a sound is best found in what was heard, and whether that is it.
func match(sound, heard []int16) (lag int, ok bool) {
	rough, heardRoughly := thin(sound), thin(heard)
	best := 0.0
	for l := 0; l+len(rough) <= len(heardRoughly); l++ {
		if c := likeness(rough, heardRoughly[l:]); c > best {
			best, lag = c, l*coarse
		}
	}
	if best < alikeEnough {
		return 0, false
	}
	best = 0
	middle := lag
	for l := max(0, middle-coarse); l <= middle+coarse && l+len(sound) <= len(heard); l++ {
		if c := likeness(sound, heard[l:]); c > best {
			best, lag = c, l
		}
	}
	return lag, true
}

func energy(x []int16) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

// thin takes the mean of every few samples.
func thin(x []int16) []int16 {
	y := make([]int16, len(x)/coarse)
	for i := range y {
		sum := 0
		for _, v := range x[i*coarse:][:coarse] {
			sum += int(v)
		}
		y[i] = int16(sum / coarse)
	}
	return y
}

// likeness is the normalised correlation of x with the start of y.
func likeness(x, y []int16) float64 {
	var xy, xx, yy float64
	for i, v := range x {
		a, b := float64(v), float64(y[i])
		xy, xx, yy = xy+a*b, xx+a*a, yy+b*b
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}
