package apm

import "math"

// Levels are in dB, times in blocks.
const (
	echoTaken  = 20.0  // of a sound by the canceller: what is left of it is echo alone; it takes less where somebody talks too
	remembered = 8.0   // over which that is judged: the echo of a syllable outlasts the gap behind it
	addedNoise = 3.0   // what is louder than before is noise that the canceller put in place of echo
	aboveFloor = 9.0   // how much louder talk is than the background
	leastFloor = -75.0 // below full scale: a background that is softer counts as that loud
	floorRises = 0.03  // a block: 3 dB a second, slower than talk pauses
	lingers    = 300   // after talk, for which its gain stays: longer than who talks pauses
	echoHaste  = 30    // times as soon it goes where what is left is echo
	fades      = 10    // in which it goes then
	littleTook = 10.0  // of a sound by the canceller, so that somebody near does talk, and not an echo that it has not learnt
	spares     = 50    // after that, for which a voice is still spared

	hum = 0.987 // of a one-pole filter against hum and a constant voltage: 1 - 2π·100/48000
)

// near tells whether somebody near the microphone talks. That alone is to be made louder: neither what is left of an echo nor the background when nobody
// has said anything for a while. It goes by how much was taken out, since what is left of an echo may be as loud as a soft voice.
type near struct {
	last, passed float64 // of the filter
	heard        float64 // energy of the block before processing
	allHeard     float64 // that of the last blocks
	allLeft      float64 // and after it
	floor        float64 // by how much the background after it is louder than leastFloor
	lasts        int     // blocks for which somebody still counts as talking
	spared       int     // blocks for which a voice still counts as not to be taken for echo
	share        float64 // of the gain that is applied
}

// hear takes note of a block before processing. Hum does not count: it is taken out whoever talks.
func (n *near) hear(samples []int16) {
	n.heard = 0
	for _, s := range samples {
		n.passed = hum * (n.passed + float64(s) - n.last)
		n.last = float64(s)
		n.heard += n.passed * n.passed
	}
}

// judge takes note of the same block after it, and returns which share of the gain is applied at its start and at its end.
func (n *near) judge(samples []int16) (from, to float64) {
	left := 0.0
	for _, s := range samples {
		left += float64(s) * float64(s)
	}
	n.allHeard += (n.heard - n.allHeard) / remembered
	n.allLeft += (left - n.allLeft) / remembered
	loud := level(left)
	n.floor = max(0, min(loud-leastFloor, n.floor+floorRises))
	n.spared--
	switch taken := level(n.allHeard) - level(n.allLeft); {
	case taken > echoTaken:
		n.lasts -= echoHaste
	case loud > leastFloor+n.floor+aboveFloor && loud < level(n.heard)+addedNoise:
		n.lasts = lingers
		if taken < littleTook {
			n.spared = spares
		}
	default:
		n.lasts--
	}
	n.lasts, n.spared = max(0, n.lasts), max(0, n.spared)
	from = n.share
	if n.lasts > 0 {
		n.share = 1 // at once: a word is known by its beginning
	} else {
		n.share = max(0, n.share-1.0/fades)
	}
	return from, n.share
}

// level is that of a block with so much energy, in dB below full scale.
func level(energy float64) float64 { return 10 * math.Log10((energy+1)/BlockSize/(1<<30)) }

// mix puts gained into samples, at a share that goes from one number to the other.
func mix(samples, gained []int16, from, to float64) {
	if from == 1 && to == 1 {
		copy(samples, gained)
		return
	}
	for i, s := range gained {
		share := from + (to-from)*float64(i)/BlockSize
		samples[i] = int16(math.Round(share*float64(s) + (1-share)*float64(samples[i])))
	}
}
