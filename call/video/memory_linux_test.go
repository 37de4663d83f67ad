package video_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/call/coded/codedtest"
)

// shrinking are the ways in which codecs let go of memory, and how much of it must go back to the system, in kB. Each function calls measure before and after.
var shrinking = map[string]struct {
	least int
	run   func(t *testing.T, measure func())
}{
	"SentPicturesBecomeSmaller": {20_000, func(t *testing.T, measure func()) {
		c := newLargeCall(t)
		measure()
		c.camera.resize(320, 180)
		time.Sleep(5 * time.Second)
		measure()
		c.end(t)
	}},
	"NobodyGetsPictures": {20_000, func(t *testing.T, measure func()) {
		c := newLargeCall(t)
		measure()
		unbind(t, c.sender, "peer")
		time.Sleep(5 * time.Second)
		measure()
		c.end(t)
	}},
	"ReceivedPicturesBecomeSmaller": {15_000, func(t *testing.T, measure func()) {
		large, small := keyFrames(t, 1920, 1080)[0], keyFrames(t, 320, 180)[0]
		w := newWire()
		v := watch(w, nil)
		w.deliverFrame(0, large)
		time.Sleep(5 * time.Second)
		measure()
		w.deliverFrame(uint16(len(large)), small)
		time.Sleep(5 * time.Second)
		measure()
		w.close()
		<-v.done
	}},
	"ATrackEnds": {15_000, func(t *testing.T, measure func()) {
		large := keyFrames(t, 1920, 1080)[0]
		w := newWire()
		v := watch(w, nil)
		w.deliverFrame(0, large)
		time.Sleep(5 * time.Second)
		measure()
		w.close()
		<-v.done
		time.Sleep(5 * time.Second)
		measure()
	}},
}

// newLargeCall is a call of which nothing arrives, so that nothing is decoded.
func newLargeCall(t *testing.T) *call {
	t.Helper()
	c := newCall(t, func(w *wire) { w.drop = func(int, *rtp.Header, []byte) bool { return true } })
	c.camera.resize(1280, 720)
	time.Sleep(5 * time.Second)
	return c
}

// deliverFrame delivers the packets of a frame, the first of which has that number.
func (w *wire) deliverFrame(first uint16, payloads [][]byte) {
	for i, payload := range payloads {
		sequence := first + uint16(i)
		w.deliver(packetOf(sequence, uint32(first)*3000, i == len(payloads)-1, payload...))
	}
}

// Each way is taken in a process of its own, in which glibc has one store and gives nothing of it back by itself.
func TestMemoryOfCodecsGoesBackWhen(t *testing.T) {
	if way := os.Getenv("PARLEY_TEST_SHRINKS"); way != "" {
		synctest.Test(t, func(t *testing.T) {
			shrinking[way].run(t, func() {
				debug.FreeOSMemory()
				fmt.Printf("%d kB\n", codedtest.OwnMemory(t))
			})
		})
		return
	}
	for way, c := range shrinking {
		t.Run(way, func(t *testing.T) {
			again := exec.Command(os.Args[0], "-test.run", "^TestMemoryOfCodecsGoesBackWhen$")
			again.Env = append(os.Environ(), "PARLEY_TEST_SHRINKS="+way, codedtest.GivesNothingBack)
			out, err := again.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var before, after int
			if _, err := fmt.Sscanf(string(out), "%d kB\n%d kB", &before, &after); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Logf("%d kB before, %d after", before, after)
			if before-after < c.least {
				t.Errorf("%d kB before, %d after: less than %d go back", before, after, c.least)
			}
		})
	}
}
