package rigtest

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"parley/app/e2e"
)

// listed is a line of parley devices --json.
type listed struct {
	Kind    string `json:"kind"`
	Label   string `json:"label"`
	Default bool   `json:"default"`
	Test    bool   `json:"test"`
	Error   string `json:"error"`
}

// list returns the hardware that the app lists for a user, by kind and label.
func list(t *testing.T, account string) map[string]listed {
	t.Helper()
	p := e2e.StartAs(t, account, nil, "parley", "devices", "--json")
	if status := p.Wait(); status != 0 {
		t.Fatalf("parley devices ended with status %d", status)
	}
	var lines []listed
	if err := json.Unmarshal([]byte(p.Output()), &lines); err != nil {
		t.Fatalf("%v in:\n%s", err, p.Output())
	}
	all := map[string]listed{}
	for _, l := range lines {
		if !l.Test {
			all[l.Kind+" "+l.Label] = l
		}
	}
	return all
}

// join joins the room of a server as one of the users, by default with no device but the first camera, and in small pictures: the guest is slow.
func join(t *testing.T, account, server, name string, args ...string) *e2e.Participant {
	t.Helper()
	args = append([]string{
		"--no-window", "--server", server, "--name", name, "--size", "320x180@5",
		"--camera", firstCamera, "--microphone", "tone", "--speaker", "none",
	}, args...)
	return e2e.JoinAs(t, account, nil, append(args, "rig")...)
}

// friend joins with the test sources.
func friend(t *testing.T, server string) *e2e.Participant {
	t.Helper()
	return join(t, member, server, "Ben", "--camera", "pattern")
}

// awaitPicture waits until five more pictures of somebody have come.
func awaitPicture(t *testing.T, at *e2e.Participant, of string) {
	t.Helper()
	at.AwaitMore("pictures of "+of, func(r e2e.Report) int { return r.Person(of).InVideo.FramesDecoded }, 5)
}

func TestWhoMayUseThemSeesEveryDevice(t *testing.T) {
	plugIn(t, 2)
	plugInSoundCard(t)
	found := list(t, member)
	for _, want := range []string{"camera " + firstCamera, "camera " + secondCamera, "microphone " + card, "speaker " + card} {
		if l, ok := found[want]; !ok || l.Error != "" {
			t.Errorf("%s is listed: %v, with the error %q", want, ok, l.Error)
		}
	}
	if !found["camera "+firstCamera].Default {
		t.Errorf("the first camera is not the default in %v", found)
	}
}

func TestWhoMayNotUseThemIsToldSo(t *testing.T) {
	plugIn(t, 2)
	for _, label := range []string{firstCamera, secondCamera} {
		if l := list(t, outsider)["camera "+label]; !strings.Contains(l.Error, "not allowed") {
			t.Errorf("%s is listed with the error %q, want not allowed", label, l.Error)
		}
	}
}

func TestTwoCamerasAreSeenInACall(t *testing.T) {
	plugIn(t, 2)
	_, server := e2e.StartServer(t, "0")
	ann := join(t, member, server, "Ann")
	ben := join(t, member, server, "Ben", "--camera", secondCamera)
	awaitPicture(t, ben, "Ann")
	awaitPicture(t, ann, "Ben")
	if in := ben.Last().Person("Ann").InVideo; in.FrameWidth != 320 || in.FrameHeight != 180 {
		t.Errorf("the picture is %dx%d, want 320x180 as the camera was asked for", in.FrameWidth, in.FrameHeight)
	}
}

func TestACameraThatIsDeniedComesIntoTheRunningCallOnceItIsAllowed(t *testing.T) {
	plugIn(t, 1)
	_, server := e2e.StartServer(t, "0")
	ben := friend(t, server)
	ann := join(t, outsider, server, "Ann")
	ann.Await("not allowed")
	awaitPicture(t, ann, "Ben")
	if err := os.Chmod(firstNode, 0o666); err != nil {
		t.Fatal(err)
	}
	awaitPicture(t, ben, "Ann")
}

func TestWhoHasTheCameraIsNamed(t *testing.T) {
	plugIn(t, 1)
	_, server := e2e.StartServer(t, "0")
	holder := e2e.StartAs(t, member, nil, "v4l2-ctl", "-d", firstNode, "--stream-mmap")
	holder.Await("<") // it prints one a picture
	friend(t, server)
	ann := join(t, member, server, "Ann")
	ann.Await(fmt.Sprintf("in use by another program: v4l2-ctl, process %d", holder.PID()))
	awaitPicture(t, ann, "Ben")
}

func TestACameraUnpluggedInMidCallIsReplacedAndComesBack(t *testing.T) {
	plugIn(t, 2)
	_, server := e2e.StartServer(t, "0")
	ben := friend(t, server)
	ann := join(t, member, server, "Ann")
	awaitPicture(t, ben, "Ann")
	run(t, "v4l2-ctl", "-d", firstNode, "-c", "disconnect=1")
	ann.Await(secondCamera)
	ann.Await("unplugged")
	awaitPicture(t, ben, "Ann")
	awaitPicture(t, ann, "Ben")
}

func TestACallGoesOnWhenEveryCameraIsUnpluggedAndTakesOneThatComes(t *testing.T) {
	plugIn(t, 1)
	_, server := e2e.StartServer(t, "0")
	ben := friend(t, server)
	ann := join(t, member, server, "Ann")
	awaitPicture(t, ben, "Ann")
	unplugCameras(t)
	ann.Await("unplugged")
	awaitPicture(t, ann, "Ben")
	plugIn(t, 1)
	awaitPicture(t, ben, "Ann")
}

func TestACameraThatWasWishedForIsTakenWhenItIsPluggedIn(t *testing.T) {
	unplugCameras(t)
	_, server := e2e.StartServer(t, "0")
	ben := friend(t, server)
	ann := join(t, member, server, "Ann")
	ann.Await("not found")
	awaitPicture(t, ann, "Ben")
	plugIn(t, 1)
	awaitPicture(t, ben, "Ann")
}
