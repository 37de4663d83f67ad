package audio

import "time"

const (
	// SampleRate is that of all samples, in Hz. It is also the clock of the RTP timestamps (RFC 7587 section 4.1).
	SampleRate = 48000
	// BlockSize is what devices hand over at once, in samples: 10 ms.
	BlockSize = SampleRate / 100

	frameSize = 2 * BlockSize       // what one packet of ours holds
	fullScale = 1 << 15             // the amplitude that counts as 1
	maxFrame  = SampleRate * 3 / 25 // 120 ms, the most that one Opus packet holds
	minFrame  = SampleRate / 400    // 2.5 ms, the grid of all lengths in Opus
	blockTime = 10 * time.Millisecond
)

// toSamples and toDuration convert without overflow for as long as a call may last.
func toSamples(d time.Duration) int64 {
	return int64(d/time.Second)*SampleRate + int64(d%time.Second*SampleRate/time.Second)
}

func toDuration(samples int64) time.Duration {
	return time.Duration(samples/SampleRate)*time.Second + time.Duration(samples%SampleRate)*time.Second/SampleRate
}
