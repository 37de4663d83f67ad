package e2e_test

import (
	"math"
	"testing"
	"time"

	"parley/app/e2e"
	"parley/devices/soundtest"
	"parley/devices/tone"
)

// awaitTones waits until the last seconds of a recording hold the other's tones in order.
func awaitTones(t *testing.T, heard *soundtest.Recording, of *e2e.Participant) {
	t.Helper()
	e2e.Eventually(t, "the speaker plays the tones of the other side in order", func() bool {
		pcm := heard.Samples()
		return tone.InOrder(tone.Detect(pcm[max(0, len(pcm)-lately):]), of.PID()%tone.Voices) >= tone.Tones
	})
}

func TestSoundFollowsSpeakersThatComeAndGo(t *testing.T) {
	t.Parallel()
	sound := soundtest.Start(t)
	sound.AddSpeaker("Headset")
	sound.AddSpeaker("Table")
	_, url := e2e.StartServer(t, "0")
	ben := silent(t, "--server", url, "--name", "Ben", "standup")
	ann := e2e.Join(t, sound.Env(), "--no-window", "--microphone", "tone", "--speaker", "Headset", "--server", url, "--name", "Ann", "standup")
	awaitTones(t, sound.Record("Headset"), ben)

	table := sound.Record("Table")
	sound.Remove("Headset")
	ann.Await(`unplugged.*the speaker "Table" is used meanwhile`)
	awaitTones(t, table, ben)

	sound.AddSpeaker("Headset")
	ann.Await(`the speaker "Headset" can be used now`)
	awaitTones(t, sound.Record("Headset"), ben)
}

func TestSoundComesBackWithTheSoundServer(t *testing.T) {
	t.Parallel()
	sound := soundtest.Start(t)
	sound.AddSpeaker("Headset")
	_, url := e2e.StartServer(t, "0")
	ben := silent(t, "--server", url, "--name", "Ben", "standup")
	ann := e2e.Join(t, sound.Env(), "--no-window", "--microphone", "tone", "--speaker", "Headset", "--server", url, "--name", "Ann", "standup")
	awaitTones(t, sound.Record("Headset"), ben)

	sound.Kill()
	ann.Await("the call goes on without that speaker")
	ann.AwaitPictures(1)
	sound.Restart()
	sound.AddSpeaker("Headset")
	awaitTones(t, sound.Record("Headset"), ben)
}

// awaitSpeech waits until, of what Ann says from now on, Ben hears ten sounds in a row, soon and as loud as one another.
func awaitSpeech(t *testing.T, table *soundtest.Table) {
	t.Helper()
	now := time.Duration(len(table.Said("Ann"))) * time.Second / tone.SampleRate
	e2e.Eventually(t, "Ben hears ten things in a row that Ann says", func() bool {
		from := int(now * tone.SampleRate / time.Second)
		said, heard := table.Said("Ann"), table.Heard("Ben")
		if from = max(from, len(said)-10*tone.SampleRate); from > len(heard) {
			return false
		}
		run, level := 0, 0.0
		for _, d := range soundtest.Delays(said[from:], heard[from:]) {
			if run > 0 && math.Abs(d.Level-level) > 6 {
				run = 0
			}
			if run++; d.Took < 0 || d.Took > 400*time.Millisecond {
				run = 0
			}
			level = d.Level
			if run == 10 {
				t.Logf("heard after %v at %.1f dB", d.Took, d.Level)
				return true
			}
		}
		return false
	})
}

func TestSpeechComesBackWithTheSoundServer(t *testing.T) {
	t.Parallel()
	sound := soundtest.Start(t)
	table := sound.AddTable("Ann", "Ben")
	ann, ben := talkTo(t, sound, table, "none", 1)
	awaitSpeech(t, table)

	sound.Kill()
	ann.Await("the call goes on without that microphone")
	ann.Await("the call goes on without that speaker")
	ben.Await("the call goes on without that speaker")
	sound.Restart()
	table = sound.AddTable("Ann", "Ben")
	table.Talk("Ann", soundtest.Blips(2*time.Minute, 2))
	awaitSpeech(t, table)
}

func TestAMicrophoneThatVanishesIsToldAndHeardWhenItIsBack(t *testing.T) {
	t.Parallel()
	sound := soundtest.Start(t)
	table := sound.AddTable("Ann", "Ben")
	ann, _ := talkTo(t, sound, table, "none", 3)
	awaitSpeech(t, table)

	sound.Remove("Microphone of Ann")
	ann.Await(`unplugged.*the microphone "Microphone of Ben" is used meanwhile`)
	table.AddMicrophone("Microphone of Ann", "Ann")
	ann.Await(`the microphone "Microphone of Ann" can be used now`)
	awaitSpeech(t, table)
}
