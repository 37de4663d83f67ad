package audio

import (
	"math"
	"slices"
	"sync"
)

// Loudness is how well the own microphone can be heard, judged over the last seconds in which somebody talked.
type Loudness string

// The degrees of loudness.
const (
	LoudnessUnknown  Loudness = ""         // nobody talked yet
	LoudnessQuiet    Loudness = "quiet"    // talk is under about -38 dBFS: others will strain to hear it
	LoudnessGood     Loudness = "good"     //
	LoudnessClipping Loudness = "clipping" // samples are at full scale again and again: it distorts
)

// Levels of talk are in dBFS, times in blocks of 10 ms.
const (
	quietBelow, goodAbove = -38.0, -36.0
	loudnessMemory        = 300 // of talk, over which its level is averaged
	loudnessLeast         = 50  // of talk, before it is judged

	clipped      = 32700 // a sample from there on is at full scale
	clippedRun   = 2     // so many of them in a row are not a peak, but a peak cut off
	clipWindow   = 500
	clipsToWarn  = 8
	clipsToClear = 1

	talkWindow      = 50
	talkStarts      = 25    // of the window, that are as loud as talk
	talkEnds        = 10    //
	aboveFloor      = 12.0  // how much louder talk is than the background
	belowPeak       = 20.0  // how far a voice goes down between its vowels; the echo of a slammed door goes on falling
	leastTalk       = -55.0 // nobody talks more softly than that
	highestFloor    = -36.0 // what is louder is no background any more
	lowestFloor     = -90.0
	floorPiece      = 50 // the floor is the least level of so many pieces: talk has a pause in 4 s
	floorPieces     = 8
	floorSmoothness = 0.2

	usualTalk = -25.0 // of nobody who talked yet
)

// talk tells talk from other sounds, by its level over the background and how long it lasts, and judges how loud it is.
// Any goroutine may use it once made; add does not allocate.
type talk struct {
	mu sync.Mutex // held for the measuring of a block

	highPassed float64 // the filter against hum, rumble and the constant voltage of cheap sound cards
	lastSample float64

	levels [talkWindow]float64 // dBFS of the last blocks
	at     int
	floor  [floorPieces]float64 // the least level in each of the last pieces
	smooth float64
	blocks int

	talking  bool
	power    float64 // mean of the talk so far
	measured int     // blocks of talk in power
	clips    [clipWindow]bool
	clipped  int // of clips
	loudness Loudness
}

func newTalk() *talk {
	t := &talk{}
	t.reset()
	return t
}

// reset forgets everything, as when another microphone takes over.
func (t *talk) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.highPassed, t.lastSample = 0, 0
	t.at, t.blocks, t.smooth = 0, 0, 0
	for i := range t.levels {
		t.levels[i] = lowestFloor
	}
	for i := range t.floor {
		t.floor[i] = math.Inf(1)
	}
	t.talking, t.power, t.measured = false, 0, 0
	clear(t.clips[:])
	t.clipped, t.loudness = 0, LoudnessUnknown
}

// add takes in the next block of the microphone.
func (t *talk) add(samples []int16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	power := t.measure(samples)
	level := max(lowestFloor, 10*math.Log10(power))
	t.noteClipping(samples)
	t.noteFloor(level, power)
	t.levels[t.at%talkWindow] = level
	t.at++
	t.blocks++

	threshold := t.threshold()
	loud := 0
	for _, l := range t.levels {
		if l > threshold {
			loud++
		}
	}
	if t.talking {
		t.talking = loud >= talkEnds
	} else {
		t.talking = loud >= talkStarts
	}
	if t.talking && level > threshold {
		t.measured = min(t.measured+1, loudnessMemory)
		t.power += (power - t.power) / float64(t.measured)
	}
	t.judge()
}

// measure returns the power of a block from about 100 Hz on, 1 being that of full scale.
func (t *talk) measure(samples []int16) float64 {
	const keep = 0.987 // of a one-pole filter: 1 - 2π·100/48000
	sum := 0.0
	for _, s := range samples {
		x := float64(s) / fullScale
		t.highPassed = keep * (t.highPassed + x - t.lastSample)
		t.lastSample = x
		sum += t.highPassed * t.highPassed
	}
	return sum / float64(max(1, len(samples)))
}

// noteFloor follows the background: the least level, smoothed, of the last seconds. The first of them are all it
// knows at the start, so that a noise is not taken for talk because it is new.
func (t *talk) noteFloor(level, power float64) {
	if t.blocks == 0 {
		t.smooth = power
	}
	t.smooth += floorSmoothness * (power - t.smooth)
	piece := &t.floor[t.blocks/floorPiece%floorPieces]
	if t.blocks%floorPiece == 0 {
		*piece = math.Inf(1)
	}
	*piece = min(*piece, max(level, 10*math.Log10(t.smooth)))
}

// background is how loud it is when nobody talks, as far as is known.
func (t *talk) background() float64 { return slices.Min(t.floor[:]) }

// clarity is by how many dB talk is louder than the background. Nothing counts as background that was not heard for as long as nobody talks without a pause.
func (t *talk) clarity() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.blocks < floorPieces*floorPiece {
		return math.Inf(1)
	}
	talk := usualTalk
	if t.measured >= loudnessLeast {
		talk = 10 * math.Log10(t.power)
	}
	return talk - t.background()
}

// threshold is the level from which on a block may be talk.
func (t *talk) threshold() float64 {
	peak := lowestFloor
	for _, l := range t.levels {
		peak = max(peak, l)
	}
	return max(min(t.background(), highestFloor)+aboveFloor, peak-belowPeak, leastTalk)
}

func (t *talk) noteClipping(samples []int16) {
	run, cut := 0, false
	for _, s := range samples {
		if s >= clipped || s <= -clipped {
			run++
			cut = cut || run >= clippedRun
		} else {
			run = 0
		}
	}
	was := &t.clips[t.at%clipWindow]
	if *was {
		t.clipped--
	}
	if *was = cut; cut {
		t.clipped++
	}
}

func (t *talk) judge() {
	level := 10 * math.Log10(t.power)
	switch {
	case t.clipped >= clipsToWarn, t.loudness == LoudnessClipping && t.clipped >= clipsToClear:
		t.loudness = LoudnessClipping
	case t.measured < loudnessLeast:
		t.loudness = LoudnessUnknown
	case level < quietBelow, t.loudness == LoudnessQuiet && level < goodAbove:
		t.loudness = LoudnessQuiet
	default:
		t.loudness = LoudnessGood
	}
}

func (t *talk) state() (talking bool, loudness Loudness) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.talking, t.loudness
}
