package ui_test

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

func (d *desk) tests() []string {
	d.media.mu.Lock()
	defer d.media.mu.Unlock()
	return slices.Clone(d.media.tests)
}

func TestTheOwnSoundIsTestedByTheKeyboardAlone(t *testing.T) {
	for name, words := range map[string]string{
		"Play a test sound": "Playing a sound", "Record 5 seconds and play them back": "Recording: say something",
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, ui.Options{}, nil)
			d.win.Resize(fyne.NewSize(1280, 800))
			d.win.Canvas().Focus(d.named(name).(fyne.Focusable))
			d.key(fyne.KeySpace)
			d.expect(words)
			d.key(fyne.KeySpace) // the focus is on Stop now
			d.expectNot(words)
			if got := d.tests(); len(got) != 2 || got[1] != "stop" {
				t.Errorf("asked for %q", got)
			}
			if a, ok := d.win.Canvas().Focused().(fyne.Accessible); !ok || a.AccessibilityLabel() != "Record 5 seconds and play them back" {
				t.Errorf("the focus is on %v", d.win.Canvas().Focused())
			}
		})
	}
}

func TestATestOfTheSoundTellsItsPhaseAndHowFarItIs(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Resize(fyne.NewSize(1280, 800))
	d.media.change(func() { d.media.test = call.SoundTest{Phase: call.SoundTestPlaying} })
	d.expect("Playing it back")
	before := test.RenderObjectToMarkup(d.win.Content())
	d.media.mu.Lock()
	d.media.test.Done = 0.5 // nobody is told
	d.media.mu.Unlock()
	d.until("progress", func() bool { return test.RenderObjectToMarkup(d.win.Content()) != before })
}

func TestATestOfTheSoundThatFailsSaysWhy(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Resize(fyne.NewSize(1280, 800))
	d.press("Record 5 seconds and play them back")
	d.media.change(func() { d.media.test = call.SoundTest{Err: fmt.Errorf("recording: %w", devices.ErrGone)} })
	d.expect("The test ended early. The microphone was unplugged.")
	d.press("Record 5 seconds and play them back")
	d.expectNot("The test ended early")
}

func TestWhatCannotBeTestedIsNotOffered(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.media.set(devices.KindMicrophone, call.Choice{On: true, Err: devices.ErrNotFound})
	d.press("Record 5 seconds and play them back")
	if got := d.tests(); len(got) != 0 {
		t.Errorf("asked for %q", got)
	}
	d.press("Play a test sound")
	if got := d.tests(); !slices.Equal(got, []string{"chime"}) {
		t.Errorf("asked for %q", got)
	}
}

func TestATestOfTheSoundEndsWithTheLobby(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.press("Play a test sound")
	d.press("Join")
	if got := d.tests(); !slices.Equal(got, []string{"chime", "stop"}) {
		t.Errorf("asked for %q", got)
	}
}

func TestHowLoudTheMicrophoneIsIsToldInWords(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Resize(fyne.NewSize(1280, 800))
	for _, c := range []struct {
		loudness call.Loudness
		words    string
	}{{call.LoudnessQuiet, "A little quiet"}, {call.LoudnessClipping, "Too loud: it distorts"}} {
		d.media.mu.Lock()
		d.media.loudness = c.loudness
		d.media.mu.Unlock()
		d.expect(c.words)
	}
	d.media.mu.Lock()
	d.media.loudness = call.LoudnessGood
	d.media.mu.Unlock()
	d.until("no complaint", func() bool { return !d.says("Too loud") && !d.says("A little quiet") })
}
