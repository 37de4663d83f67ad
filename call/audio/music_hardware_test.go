package audio_test

import (
	"slices"
	"testing"
	"time"

	"parley/call/apm"
	"parley/call/audio"
	"parley/devices/soundtest"
	"parley/devices/tone"
)

// TestRealDevicesOfTwoChannelsKeepThemApart lets Ann's microphone, a sound server's, hear one voice on the left and another on the right, and
// listens to Ben's speaker: first to music, and then to a voice.
func TestRealDevicesOfTwoChannelsKeepThemApart(t *testing.T) {
	sides := []string{"front-left", "front-right"}
	server := soundtest.Start(t)
	server.Use()
	server.AddSpeakerOf("Stage", audio.SampleRate, sides...)
	server.AddSpeakerOf("Hi-Fi", audio.SampleRate, sides...)
	server.AddMicrophone("Above the stage", "Stage")
	ann, ben := real(t), real(t)
	ann.SetProcessing(apm.Options{}) // which would take tones out of a voice; out of music it does not
	way := newPath(steady(10 * time.Millisecond))
	tap(t, ann, way)
	ben.Receive(way, 0)
	if err := ann.SetMicrophone("Above the stage"); err != nil {
		t.Fatal(err)
	}
	if err := ben.SetSpeaker("Hi-Fi"); err != nil {
		t.Fatal(err)
	}
	duet := make([]int16, 2*60*audio.SampleRate)
	fill := band(tone.NewSource(0).Fill, tone.NewSource(1).Fill)
	for at := 0; at < len(duet); at += 2 * audio.BlockSize {
		fill(duet[at:][:2*audio.BlockSize])
	}
	server.Play("Stage", duet, audio.SampleRate, sides...)
	for _, k := range []struct {
		music bool
		want  [2][]int
	}{
		{true, [2][]int{{0}, {1}}},
		{false, [2][]int{{0, 1}, {0, 1}}},
	} {
		ann.SetMusic(k.music)
		time.Sleep(2 * time.Second)
		recording := server.RecordOf("Hi-Fi", audio.SampleRate, sides...)
		time.Sleep(4 * time.Second)
		both := recording.Stop()
		for which, want := range k.want {
			var voices []int
			tones := tone.Detect(side(both, which))
			for voice := range tone.Voices {
				if tone.InOrder(tones, voice) >= 5 {
					voices = append(voices, voice)
				}
			}
			if !slices.Equal(voices, want) {
				t.Errorf("music %v: channel %d plays the voices %v, want %v", k.music, which, voices, want)
			}
		}
	}
}
