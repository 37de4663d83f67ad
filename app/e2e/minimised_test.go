package e2e_test

import (
	"testing"

	"parley/app/e2e"
)

// Without a window manager nothing is ever minimised, so the display has one.
func TestAMinimisedWindowIsSentNoPicturesAndHasThemAtOnceWhenItIsBack(t *testing.T) {
	_, url := e2e.StartServer(t, "0")
	window := e2e.StartDisplay(t, "1400x900")
	e2e.Start(t, window.Env(), "openbox")
	ann := e2e.Join(t, window.Env(), "--microphone", "tone", "--speaker", "none", "--server", url, "--name", "Ann", "standup")
	ben := silent(t, "--server", url, "--name", "Ben", "standup")
	window.AwaitMoving(ben.PID())

	encoders := func() int { return ben.Last().Person("Ann").OutVideo.ActiveEncoders }
	e2e.Eventually(t, "Ben encodes his picture for Ann", func() bool { return encoders() == 1 })
	window.Do("windowminimize")
	e2e.Eventually(t, "Ben encodes nothing", func() bool { return encoders() == 0 })
	ann.AwaitMore("his sound all the while", func(r e2e.Report) int { return r.Person("Ben").InAudio.TotalSamplesReceived }, 48000)

	window.Do("windowactivate")
	e2e.Eventually(t, "Ben encodes again", func() bool { return encoders() == 1 })
	window.AwaitMoving(ben.PID())
}
