package tone

import "math"

// Fit fits a sine of that frequency, in Hz, to sound of that many samples a second, and returns its level and that of all the rest, in dB relative
// to a sine of full scale.
func Fit(pcm []int16, hz, rate float64) (level, rest float64) {
	angle := func(i int) float64 { return 2 * math.Pi * hz * float64(i) / rate }
	var s, c float64
	for i, v := range pcm {
		s, c = s+float64(v)*math.Sin(angle(i)), c+float64(v)*math.Cos(angle(i))
	}
	n := float64(len(pcm))
	s, c = 2*s/n, 2*c/n
	left := 0.0
	for i, v := range pcm {
		d := float64(v) - s*math.Sin(angle(i)) - c*math.Cos(angle(i))
		left += d * d
	}
	const full = 32768
	return 20 * math.Log10(math.Hypot(s, c)/full), 10 * math.Log10(2*left/n/full/full+1e-20)
}
