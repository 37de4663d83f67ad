package rigtest

import (
	"testing"

	"parley/app/e2e"
	"parley/devices/tone"
)

// awaitTones waits until the recording holds the tones of a voice in order.
func awaitTones(t *testing.T, lately func() []int16, voice int) {
	t.Helper()
	e2e.Eventually(t, "the sound card plays the tones of the other side in order", func() bool {
		return tone.InOrder(tone.Detect(lately()), voice) >= tone.Tones
	})
}

func energy(of string) func(e2e.Report) float64 {
	return func(r e2e.Report) float64 { return r.Person(of).InAudio.TotalAudioEnergy }
}

func TestASoundCardIsHeardInACallAndPlaysIt(t *testing.T) {
	plugInSoundCard(t)
	_, server := e2e.StartServer(t, "0")
	heard := listen(t)
	ben := friend(t, server)
	ann := join(t, member, server, "Ann", "--camera", "none", "--microphone", card, "--speaker", card)
	awaitTones(t, heard, ben.PID()%tone.Voices)
	silence := energy("Ann")(ben.Last())
	if silence > 1e-3 {
		t.Errorf("a microphone that hears nothing sends sound of the energy %v", silence)
	}
	sing(t, 0)
	e2e.Eventually(t, "Ben hears what Ann's microphone hears", func() bool { return energy("Ann")(ben.Last()) > silence+0.01 })
	_ = ann
}

func TestASoundCardUnpluggedInMidCallIsMissed(t *testing.T) {
	plugInSoundCard(t)
	t.Cleanup(func() { plugInSoundCard(t) })
	_, server := e2e.StartServer(t, "0")
	ben := friend(t, server)
	ann := join(t, member, server, "Ann", "--camera", "pattern", "--microphone", card, "--speaker", card)
	awaitPicture(t, ben, "Ann")
	unplugSoundCard(t)
	ann.Await("microphone.*unplugged")
	ann.Await("speaker.*unplugged")
	awaitPicture(t, ann, "Ben")
	awaitPicture(t, ben, "Ann")
}
