package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"parley/app/e2e"
)

// listedOn returns the label under which the app lists a screen or window of a display: the one that contains these words.
func listedOn(t *testing.T, display *e2e.Display, kind, words string) string {
	t.Helper()
	var label string
	e2e.Eventually(t, fmt.Sprintf("a %s called %q is listed", kind, words), func() bool {
		p := e2e.Start(t, display.Env(), "parley", "devices", "--json")
		if status := p.Wait(); status != 0 {
			t.Fatalf("parley devices ended with status %d", status)
		}
		var list []struct{ Kind, Label string }
		if err := json.Unmarshal([]byte(p.Output()), &list); err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if d.Kind == kind && strings.Contains(d.Label, words) {
				label = d.Label
			}
		}
		return label != ""
	})
	return label
}

// callOn opens the window of a call on a display, in a room called elsewhere. It returns the process whose picture is large in it.
func callOn(t *testing.T, display *e2e.Display, url string) (window *e2e.Participant, picture int) {
	t.Helper()
	window = e2e.Join(t, display.Env(), "--microphone", "none", "--speaker", "none", "--server", url, "--name", "Dora", "elsewhere")
	other := silent(t, "--server", url, "--name", "Emil", "elsewhere")
	display.AwaitMoving(other.PID())
	return window, other.PID()
}

// What is shared is the window of a call elsewhere: its test picture reaches the one who looks in no other way.
func TestAWindowThatIsSharedIsSeenMoving(t *testing.T) {
	t.Parallel()
	_, url := e2e.StartServer(t, "0")
	desktop := e2e.StartDisplay(t, "1024x768")
	shown, picture := callOn(t, desktop, url)

	watching := e2e.StartDisplay(t, "1280x800")
	ann := e2e.Join(t, watching.Env(), "--microphone", "none", "--speaker", "none", "--server", url, "--name", "Ann", "standup")
	ben := e2e.Join(t, desktop.Env(), "--no-window", "--camera", "none", "--microphone", "none", "--speaker", "none",
		"--share", listedOn(t, desktop, "window", "elsewhere"), "--server", url, "--name", "Ben", "standup")
	ben.Await("others see the window")
	watching.AwaitMoving(picture)
	watching.AwaitText("Ben")
	watching.Keep("shared-window")

	shown.Stop()
	ben.Await("it is not shared")
	ann.Await("joined")
}

func TestAScreenThatIsSharedIsSeenMoving(t *testing.T) {
	t.Parallel()
	_, url := e2e.StartServer(t, "0")
	desktop := e2e.StartDisplay(t, "1024x768")
	_, picture := callOn(t, desktop, url)

	watching := e2e.StartDisplay(t, "1280x800")
	e2e.Join(t, watching.Env(), "--microphone", "none", "--speaker", "none", "--server", url, "--name", "Ann", "standup")
	ben := e2e.Join(t, desktop.Env(), "--no-window", "--microphone", "none", "--speaker", "none",
		"--share", listedOn(t, desktop, "screen", ""), "--server", url, "--name", "Ben", "standup")
	ben.Await("others see the screen")
	watching.AwaitMoving(picture)
	watching.AwaitMoving(ben.PID()) // his camera beside it
	watching.Keep("shared-screen")
}
