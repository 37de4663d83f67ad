package ui

import (
	"fmt"
	"math"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"parley/call"
	"parley/devices"
)

// soundCheck is the line of the lobby in which the own sound is tried out: how loud the microphone is and whether that is
// right, a test sound, and a recording that is played back.
type soundCheck struct {
	env  *env
	box  *fyne.Container
	line *fyne.Container

	words               *text
	meter               *meter
	progress            *progress
	chime, record, stop *button
	wrong               *complaint

	seen  atomic.Pointer[soundState] // by the pulse
	tried devices.Kind               // that the last test was about
}

// soundState is what changes by itself, in steps that can be seen.
type soundState struct {
	heard    int // of the microphone
	sent     int // of what others get of it
	loudness call.Loudness
	done     int // percent of the test
}

func newSoundCheck(env *env) *soundCheck {
	s := &soundCheck{env: env, meter: newMeter(), progress: newProgress(), wrong: newComplaint()}
	s.seen.Store(&soundState{})
	s.words = newText(&text{size: textSmall, color: colorQuiet, shrink: true})
	act := func(words, label string, do func()) *button {
		return newButton(&button{words: words, small: true, tappable: tappable{label: label, onTapped: do}})
	}
	s.chime = act("Test sound", "Play a test sound", func() { s.tried = devices.KindSpeaker; env.media.PlayChime() })
	s.record = act("Record 5 s", "Record 5 seconds and play them back", func() { s.tried = devices.KindMicrophone; env.media.RecordAndPlay() })
	s.stop = act("Stop", "Stop the sound test", func() { env.media.StopSoundTest() })
	s.line = container.New(layoutFunc{min: fyne.NewSize(260, 22), layout: s.place},
		s.words, s.meter, s.progress, s.chime, s.record, s.stop)
	s.box = container.New(&column{gap: 6}, s.line, s.wrong.box)
	return s
}

// place puts the words at the beginning, what can be done at the end, and the meter between them.
func (s *soundCheck) place(_ []fyne.CanvasObject, size fyne.Size) {
	right := size.Width
	for _, b := range []*button{s.stop, s.record, s.chime} {
		if b.Visible() {
			own := b.MinSize()
			right -= own.Width
			put(b, right, (size.Height-own.Height)/2, own.Width, own.Height)
			right -= 14
		}
	}
	const leastMeter = 48
	words := min(s.words.measure(s.words.content).Width, max(0, right-leastMeter-14))
	put(s.words, 0, (size.Height-s.words.MinSize().Height)/2, words, s.words.MinSize().Height)
	put(s.meter, words+14, (size.Height-6)/2, right-words-14, 6)
	put(s.progress, words+14, (size.Height-6)/2+8, right-words-14, 2)
}

// update reads afresh how the test goes, and says whether the place it needs changed.
func (s *soundCheck) update() bool {
	test := s.env.media.SoundTest()
	running := test.Phase != call.SoundTestIdle
	missing := func(kind devices.Kind) bool {
		c := s.env.media.Choice(kind)
		return c.Label == devices.None || c.On && c.Err != nil && !c.Open
	}
	begun := running && (s.chime.focused || s.record.focused)
	ended := !running && s.stop.focused
	s.chime.Hidden, s.record.Hidden, s.stop.Hidden = running, running, !running
	switch { // the focus stays in the line
	case begun:
		s.env.window.Canvas().Focus(s.stop)
	case ended:
		s.env.window.Canvas().Focus(s.record)
	}
	s.progress.Hidden = !running
	s.chime.enable(!missing(devices.KindSpeaker))
	s.record.enable(!missing(devices.KindMicrophone) && !missing(devices.KindSpeaker))
	s.show()
	return s.wrong.set(s.failure(test.Err))
}

// failure is why a test failed, in the words that notes use too.
func (s *soundCheck) failure(err error) error {
	if err == nil {
		return nil
	}
	kind := s.tried
	if kind == "" {
		kind = devices.KindSpeaker
	}
	t := s.env.host.failure(kind, named(kind, s.env.media.Choice(kind).Label), err)
	return fmt.Errorf("the test ended early. %s %s", t.what, t.why)
}

// look says whether anything that changes by itself looks different now. It runs in the pulse's goroutine.
func (s *soundCheck) look() bool {
	now := soundState{
		heard:    meterStep(s.env.media.Level()),
		sent:     meterStep(s.env.media.LevelSent()),
		loudness: s.env.media.Loudness(),
		done:     int(math.Round(100 * s.env.media.SoundTest().Done)),
	}
	return *s.seen.Swap(&now) != now
}

// show draws what look has seen.
func (s *soundCheck) show() {
	seen := s.seen.Load()
	test := s.env.media.SoundTest()
	words, color := loudnessWords(seen.loudness), colorCaution
	if words == "" {
		words, color = "Microphone", colorQuiet
	}
	switch test.Phase {
	case call.SoundTestChime:
		words, color = "Playing a sound", colorText
	case call.SoundTestRecording:
		words, color = "Recording: say something", colorText
	case call.SoundTestPlaying:
		words, color = "Playing it back", colorText
	}
	s.words.recolor(color)
	if words != s.words.content {
		s.words.set(words)
	}
	s.meter.set(seen.heard, seen.sent, seen.loudness == call.LoudnessClipping)
	s.progress.set(seen.done)
	s.line.Refresh()
}

// loudnessWords says what is wrong with how loud the microphone is; nothing when it is right.
func loudnessWords(l call.Loudness) string {
	switch l {
	case call.LoudnessQuiet:
		return "A little quiet"
	case call.LoudnessClipping:
		return "Too loud: it distorts"
	}
	return ""
}
