package rigtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"parley/app/e2e"
)

// openFiles counts what a process has open.
func openFiles(t *testing.T, pid int) int {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// Cameras and the sound card come and go at any moment of what an earlier event set off; the seed makes a failure come again.
func TestACallSurvivesRandomPlugs(t *testing.T) {
	const seed, events = 5, 60
	random := rand.New(rand.NewPCG(seed, seed))
	plugIn(t, 2)
	plugInSoundCard(t)
	t.Cleanup(func() { plugInSoundCard(t) })
	_, server := e2e.StartServer(t, "0")
	ben := friend(t, server)
	ann := join(t, member, server, "Ann", "--microphone", card, "--speaker", card)
	awaitPicture(t, ben, "Ann")
	awaitPicture(t, ann, "Ben")
	before, files := ann.Last().Process, openFiles(t, ann.PID())

	begun := time.Now()
	for range events {
		switch n := random.IntN(7); n {
		case 0, 1: // one camera goes, if it is there
			_ = exec.Command("v4l2-ctl", "-d", fmt.Sprint("/dev/video", n), "-c", "disconnect=1").Run()
		case 2:
			bound(t, "vivid", "vivid.0", false)
		case 3, 4:
			bound(t, "vivid", "vivid.0", true)
		case 5:
			unplugSoundCard(t)
		case 6:
			plugInSoundCard(t)
		}
		time.Sleep(time.Duration(100+random.IntN(900)) * time.Millisecond)
	}
	t.Logf("%d events in %v", events, time.Since(begun).Round(time.Second))

	plugIn(t, 2)
	plugInSoundCard(t)
	awaitPicture(t, ben, "Ann")
	awaitPicture(t, ann, "Ben")
	sing(t, 0)
	awaitVoice(t, ben, "Ann")
	e2e.Eventually(t, fmt.Sprintf("Ann's %d goroutines and %d open files are about as many as before", before.Goroutines, files), func() bool {
		return ann.Last().Process.Goroutines <= before.Goroutines+10 && openFiles(t, ann.PID()) <= files+5
	})
	t.Logf("before: %+v and %d open files, after: %+v and %d", before, files, ann.Last().Process, openFiles(t, ann.PID()))
}
