package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"parley/app/e2e"
	"parley/devices/soundtest"
	"parley/devices/tone"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "parley-e2e")
	if err != nil {
		panic(err)
	}
	if err := e2e.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// desk is a place to sit: a display, and a speaker that a test can listen to.
type desk struct {
	*e2e.Display
	*e2e.Participant
	heard *soundtest.Recording // what the speaker plays
}

// newDesk opens a window that dials the room.
func newDesk(t *testing.T, sound *soundtest.Server, speaker string, args ...string) *desk {
	t.Helper()
	d := &desk{Display: e2e.StartDisplay(t, "1280x800")}
	sound.AddSpeaker(speaker)
	args = append([]string{"--microphone", "tone", "--speaker", speaker}, args...)
	d.Participant = e2e.Join(t, append(d.Display.Env(), sound.Env()...), args...)
	d.heard = sound.Record(speaker)
	return d
}

// lately is how much of a recording is listened to, in samples: two rounds of tones and a bit.
const lately = 4 * tone.SampleRate

// seesAndHears waits until the desk shows the other's picture moving, and checks that its speaker plays the other's tones.
func (d *desk) seesAndHears(t *testing.T, other *e2e.Participant) {
	t.Helper()
	d.AwaitMoving(other.PID())
	voice := other.PID() % tone.Voices
	e2e.Eventually(t, "the speaker plays the tones of the other side in order", func() bool {
		pcm := d.heard.Samples()
		return tone.InOrder(tone.Detect(pcm[max(0, len(pcm)-lately):]), voice) >= tone.Tones
	})
}

func TestTwoWindowsSeeAndHearEachOther(t *testing.T) {
	sound := soundtest.Start(t)
	server, url := e2e.StartServer(t, "0")
	ann := newDesk(t, sound, "Speaker of Ann", "--server", url, "--name", "Ann", "standup")
	ben := newDesk(t, sound, "Speaker of Ben", "--server", url, "--name", "Ben", "standup")
	ann.seesAndHears(t, ben.Participant)
	ben.seesAndHears(t, ann.Participant)
	ann.Keep("two-windows")

	ben.Display.Key("ctrl+h")
	server.Await(`reason=left`)
	e2e.FilmShows(t, ann.Film(), "Ben left")
}

func TestWhoIsLostIsToldFromWhoLeft(t *testing.T) {
	server, url := e2e.StartServer(t, "0")
	window := e2e.StartDisplay(t, "1280x800")
	ann := e2e.Join(t, window.Env(), "--microphone", "tone", "--speaker", "none", "--server", url, "--name", "Ann", "standup")
	ben := silent(t, "--server", url, "--name", "Ben", "standup")
	ann.AwaitPictures(1)
	ben.Kill()
	ann.Await(`state=reconnecting`)
	lost := window.Film()
	server.Await(`reason=timeout`)
	left := window.Film()
	e2e.FilmShows(t, lost, "Reconnecting")
	e2e.FilmShows(t, left, "Ben left: the connection was lost")
}

func TestACallNeedsNoServerButTheOneInTheApp(t *testing.T) {
	sound := soundtest.Start(t)
	ann := newDesk(t, sound, "Speaker of Ann", "--port", "0", "--name", "Ann", "standup")
	ann.AwaitText("open to this computer only")
	link := ann.Await(`link=(parley://\S+)`)[1]
	ben := newDesk(t, sound, "Speaker of Ben", "--name", "Ben", link)
	ann.seesAndHears(t, ben.Participant)
	ben.seesAndHears(t, ann.Participant)
}

// silent is a participant without window and sound, whom the others see and hear.
func silent(t *testing.T, args ...string) *e2e.Participant {
	t.Helper()
	return e2e.Join(t, nil, append([]string{"--no-window", "--microphone", "tone", "--speaker", "none"}, args...)...)
}

func TestEachOfThreeEncodesOnceAndSeesTheOtherTwo(t *testing.T) {
	_, url := e2e.StartServer(t, "0")
	window := e2e.StartDisplay(t, "1280x800")
	ann := e2e.Join(t, window.Env(), "--microphone", "tone", "--speaker", "none", "--server", url, "--name", "Ann", "trio")
	ben := silent(t, "--server", url, "--name", "Ben", "trio")
	cleo := silent(t, "--server", url, "--name", "Cleo", "trio")
	for _, p := range []*e2e.Participant{ann, ben, cleo} {
		p.AwaitPictures(2)
		if n := p.Last().Encoders; n != 1 {
			t.Errorf("a sender with two receivers runs %d encoders, want 1", n)
		}
	}
	window.AwaitMoving(ben.PID())
	window.AwaitMoving(cleo.PID())
	window.Keep("three")
}

func TestACallOutlivesItsServer(t *testing.T) {
	server, url := e2e.StartServer(t, "0")
	ann := silent(t, "--server", url, "--name", "Ann", "standup")
	ben := silent(t, "--server", url, "--name", "Ben", "standup")
	ann.AwaitPictures(1)
	ben.AwaitPictures(1)

	before := ann.Last()
	server.Kill()
	e2e.Eventually(t, "Ann notices that the server is gone", func() bool { return ann.Last().State == "reconnecting" })
	ann.AwaitPictures(1)
	ben.AwaitPictures(1)
	if gap := ann.Last().Peers[0].InVideo.TotalFreezesDuration - before.Peers[0].InVideo.TotalFreezesDuration; gap > 1 {
		t.Errorf("the picture stood still for %.1f s while the server was gone", gap)
	}

	port := url[strings.LastIndex(url, ":")+1 : strings.LastIndex(url, "/")]
	e2e.StartServer(t, port)
	for _, p := range []*e2e.Participant{ann, ben} {
		e2e.Eventually(t, "everybody is back in the room", func() bool { return p.Last().State == "joined" })
	}
	cleo := silent(t, "--server", url, "--name", "Cleo", "standup")
	for _, p := range []*e2e.Participant{ann, ben, cleo} {
		p.AwaitPictures(2)
	}
}
