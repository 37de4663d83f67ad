package audio_test

import (
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"parley/devices"
)

// soak is how long a call lasts: a minute, or what PARLEY_SOAK says, such as 1h. An hour takes some minutes.
func soak(t *testing.T) time.Duration {
	t.Helper()
	said := os.Getenv("PARLEY_SOAK")
	if said == "" {
		return time.Minute
	}
	d, err := time.ParseDuration(said)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestALongCallLeavesNothingBehind processes, sends and plays, while every ten seconds a microphone is switched, somebody comes and goes, and a
// chime sounds.
func TestALongCallLeavesNothingBehind(t *testing.T) {
	length := soak(t)
	bubble(t, func(t *testing.T) {
		c := call{path: newPath(steady(40 * time.Millisecond))}
		c.here.hardware, c.there.hardware = true, true
		c.here.make = voice(-20, -60, 1)
		c.start(t, "mouth")
		if err := c.listener.SetSpeaker(devices.None); err != nil { // which keeps no recording
			t.Fatal(err)
		}
		measure := func() (goroutines int, heap uint64) {
			synctest.Wait()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return runtime.NumGoroutine(), m.HeapAlloc
		}
		var goroutines int
		var heap uint64
		for n := range int(length / (10 * time.Second)) {
			if n == 2 {
				goroutines, heap = measure()
			}
			if err := c.singer.SetMicrophone([]string{"hum", "mouth"}[n%2]); err != nil {
				t.Fatal(err)
			}
			guest := newPath(steady(0))
			r := c.listener.Receive(guest, 0)
			chime := c.listener.Play(make([]int16, 4800))
			time.Sleep(10 * time.Second)
			<-chime.Done()
			r.Close()
			<-r.Done()
			c.wire.sent()
			c.here.mu.Lock()
			c.here.microphones = c.here.microphones[len(c.here.microphones)-1:]
			c.here.mu.Unlock()
		}
		after, heapAfter := measure()
		t.Logf("after %v: %d goroutines and %d KB, of %d and %d KB", length, after, heapAfter>>10, goroutines, heap>>10)
		if after > goroutines || heapAfter > heap+1<<20 {
			t.Errorf("after %v there are %d goroutines, not %d, and %d KB, not %d", length, after, goroutines, heapAfter>>10, heap>>10)
		}
		if s := c.receiver.Stats(); s.TotalSamplesReceived < uint64(length/time.Second)*47500 || s.ConcealedSamples > s.TotalSamplesReceived/500 {
			t.Errorf("what was received: %+v", s)
		}
	})
}
