package audio

import "time"

const (
	// SampleRate is that of all samples, in Hz. It is also the clock of the RTP timestamps (RFC 7587 section 4.1).
	SampleRate = 48000
	// BlockSize is what devices hand over at once, in samples of each channel: 10 ms.
	BlockSize = SampleRate / 100
	// Channels is how many channels all sound has on its way in from a microphone and out to a speaker: left and right, whose samples take
	// turns. A voice is on both alike.
	Channels = 2

	frameSize = 2 * BlockSize // what one packet of ours holds
	fullScale = 1 << 15       // the amplitude that counts as 1
	blockTime = 10 * time.Millisecond
)

// downmix makes one channel of two that is as loud as either where both are alike. one has half as many samples as both.
func downmix(one, both []int16) {
	for i := range one {
		one[i] = int16((int(both[Channels*i]) + int(both[Channels*i+1])) / Channels)
	}
}

// toBoth lets both channels be the one.
func toBoth(both, one []int16) {
	for i, s := range one {
		both[Channels*i], both[Channels*i+1] = s, s
	}
}

// toSamples and toDuration convert without overflow for as long as a call may last.
func toSamples(d time.Duration) int64 {
	return int64(d/time.Second)*SampleRate + int64(d%time.Second*SampleRate/time.Second)
}

func toDuration(samples int64) time.Duration {
	return time.Duration(samples/SampleRate)*time.Second + time.Duration(samples%SampleRate)*time.Second/SampleRate
}
