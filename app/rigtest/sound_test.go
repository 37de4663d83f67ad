package rigtest

import (
	"testing"

	"parley/app/e2e"
	"parley/devices/tone"
)

// awaitTones waits until the recording holds some tones of a voice in order. The guest is too slow to play all without a gap.
func awaitTones(t *testing.T, lately func() []int16, voice int) {
	t.Helper()
	e2e.Eventually(t, "the sound card plays the tones of the other side in order", func() bool {
		return tone.InOrder(tone.Detect(lately()), voice) >= tone.Tones/2
	})
}

// awaitVoice waits until somebody hears another's microphone hear something.
func awaitVoice(t *testing.T, at *e2e.Participant, of string) {
	t.Helper()
	first := at.Last().Person(of).InAudio.TotalAudioEnergy
	e2e.Eventually(t, of+"'s microphone is heard", func() bool { return at.Last().Person(of).InAudio.TotalAudioEnergy > first+0.01 })
}

func TestASoundCardIsHeardInACallAndPlaysIt(t *testing.T) {
	plugInSoundCard(t)
	_, server := e2e.StartServer(t, "0")
	heard := listen(t)
	ben := friend(t, server)
	join(t, member, server, "Ann", "--camera", "none", "--microphone", card, "--speaker", card)
	awaitTones(t, heard, ben.PID()%tone.Voices)
	if silence := ben.Last().Person("Ann").InAudio.TotalAudioEnergy; silence > 0.001 {
		t.Errorf("a microphone that hears nothing sends sound of the energy %v", silence)
	}
	sing(t, 0)
	awaitVoice(t, ben, "Ann")
}

func TestASoundCardUnpluggedInMidCallIsMissedAndTakenAgain(t *testing.T) {
	plugInSoundCard(t)
	t.Cleanup(func() { plugInSoundCard(t) })
	_, server := e2e.StartServer(t, "0")
	heard := listen(t)
	sing(t, 0)
	ben := friend(t, server)
	ann := join(t, member, server, "Ann", "--camera", "none", "--microphone", card, "--speaker", card)
	awaitVoice(t, ben, "Ann")
	awaitTones(t, heard, ben.PID()%tone.Voices)

	unplugSoundCard(t)
	ann.Await("microphone .*unplugged.*the call goes on without that microphone")
	ann.Await("speaker .*unplugged.*the call goes on without that speaker")
	awaitPicture(t, ann, "Ben")

	plugInSoundCard(t)
	sing(t, 0)
	awaitVoice(t, ben, "Ann")
	awaitTones(t, listen(t), ben.PID()%tone.Voices)
}
