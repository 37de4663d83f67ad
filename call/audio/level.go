package audio

import (
	"math"
	"sync"
	"time"
)

const (
	levelFloor = -60.0 // dBFS, shown as 0
	levelDecay = 1.6   // of the whole scale a second: fast enough to follow syllables, slow enough to be seen
)

// meter says how loud a sound is: for people, on a scale of decibels that falls smoothly, and for statistics, as the W3C has it.
// Any goroutine may use it; the zero value is silent.
type meter struct {
	mu       sync.Mutex // held for a few instructions
	shown    float64
	at       time.Time
	linear   float64
	energy   float64
	measured int64
}

// add measures a block of sound of so many channels that was heard at now: their mean. It does not allocate.
func (m *meter) add(samples []int16, channels int, now time.Time) {
	if len(samples) == 0 {
		return
	}
	rms := rootMeanSquare(samples)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown = max(perceptual(rms), m.fallen(now))
	m.at = now
	m.linear = rms
	m.energy += rms * rms * float64(len(samples)/channels) / SampleRate
	m.measured += int64(len(samples) / channels)
}

// level returns 0 to 1: -60 dBFS and less to full scale.
func (m *meter) level(now time.Time) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fallen(now)
}

func (m *meter) fallen(now time.Time) float64 {
	return max(0, m.shown-levelDecay*now.Sub(m.at).Seconds())
}

// totals returns the audioLevel, totalAudioEnergy and totalSamplesDuration of https://www.w3.org/TR/webrtc-stats/.
func (m *meter) totals() (level, energy, seconds float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.linear, m.energy, float64(m.measured) / SampleRate
}

// restart counts the totals from now on.
func (m *meter) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.energy, m.measured = 0, 0
}

// silence says that no sound comes any more.
func (m *meter) silence() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown, m.linear = 0, 0
}

// rootMeanSquare is the level of samples, 1 being full scale.
func rootMeanSquare(samples []int16) float64 {
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum/float64(len(samples))) / fullScale
}

func perceptual(rms float64) float64 {
	if rms <= 0 {
		return 0
	}
	return min(1, max(0, 1-20*math.Log10(rms)/levelFloor))
}
