package audio

import (
	"math"

	"github.com/pion/sdp/v3"
)

// LevelURI names the RTP header extension in which a sender says how loud each packet is (RFC 6464), so that nobody needs to decode it to
// know who speaks.
const LevelURI = sdp.AudioLevelURI

const (
	levelVoice   = 0x80 // the sender thinks that this is a voice
	levelSilence = 127  // -dBov: the least
)

// levelByte writes a level of 0 to 1 (full scale) as RFC 6464 has it: in decibels below the loudest that there can be.
func levelByte(rms float64, voice bool) byte {
	level := byte(levelSilence)
	if rms > 0 {
		level = byte(math.Round(min(levelSilence, max(0, -20*math.Log10(rms)))))
	}
	if voice {
		level |= levelVoice
	}
	return level
}

// readLevel reads what levelByte wrote.
func readLevel(extension []byte) (rms float64, voice, ok bool) {
	if len(extension) == 0 {
		return 0, false, false
	}
	if level := extension[0] &^ levelVoice; level < levelSilence {
		rms = math.Pow(10, -float64(level)/20)
	}
	return rms, extension[0]&levelVoice != 0, true
}
