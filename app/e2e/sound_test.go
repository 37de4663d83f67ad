package e2e_test

import (
	"testing"

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
