package video_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/call/video"
)

// lateOne lets one in so many packets of a wire come that much later, and returns a function that tells when the first packet of each frame came.
func lateOne(w *wire, one int, late time.Duration) (arrived func() []time.Time) {
	var mu sync.Mutex
	var first []time.Time // of each frame
	last := uint32(0)
	w.drop = func(n int, h *rtp.Header, payload []byte) bool {
		mu.Lock()
		defer mu.Unlock()
		comes := time.Now()
		if n%one == one-1 {
			comes = comes.Add(late)
			raw, _ := (&rtp.Packet{Header: *h, Payload: payload}).Marshal()
			time.AfterFunc(late, func() { w.deliver(raw) })
		}
		switch at := len(first) - 1; {
		case at < 0 || h.Timestamp != last:
			first, last = append(first, comes), h.Timestamp
		case comes.Before(first[at]):
			first[at] = comes
		}
		return n%one == one-1
	}
	return func() []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return first
	}
}

func TestWhatPicturesWaitedIsToldAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const late = 120 * time.Millisecond
		var arrived func() []time.Time
		c := newCall(t, func(w *wire) { arrived = lateOne(w, 40, late) })
		defer c.end(t)
		time.Sleep(10 * time.Second)
		settled := c.viewer.Stats()
		time.Sleep(10 * time.Second)
		c.sender.SetSource(nil)
		time.Sleep(time.Second)
		in := c.viewer.Stats()
		n := in.JitterBufferEmittedCount - settled.JitterBufferEmittedCount
		came, pictures := arrived(), c.viewer.pictures(t)
		if in.JitterBufferEmittedCount != len(came) || n < 290 {
			t.Fatalf("%d frames came, %d are told of, %d of them since it settled", len(came), in.JitterBufferEmittedCount, n)
		}
		came, pictures = came[len(came)-n:], pictures[len(pictures)-n:]
		waited := time.Duration(0)
		for i := range came {
			waited += pictures[i].at.Sub(came[i])
		}
		if told := in.JitterBufferDelay - settled.JitterBufferDelay; (told - waited).Abs() > time.Millisecond {
			t.Errorf("pictures waited for %v in all, and %v is told", waited, told)
		}
		target := (in.JitterBufferTargetDelay - settled.JitterBufferTargetDelay) / time.Duration(n)
		minimum := (in.JitterBufferMinimumDelay - settled.JitterBufferMinimumDelay) / time.Duration(n)
		if target < late-time.Millisecond || target > late+time.Millisecond || minimum != target {
			t.Errorf("of %v that packets are late, each picture was to wait for %v, and for the network's sake for %v", late, target, minimum)
		}
	})
}

func TestAWaitForTheSoundIsToldApartFromWhatTheNetworkCallsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const soundAhead = 36 * time.Millisecond // by how much a picture may come before its sound
		v := &voice{late: 200 * time.Millisecond}
		c := talk(t, v, func(*wire) {})
		time.Sleep(5 * time.Second)
		in := c.viewer.Stats()
		target := in.JitterBufferTargetDelay / time.Duration(in.JitterBufferEmittedCount) // the delay follows by and by
		if off := target - (v.late - soundAhead); off.Abs() > 2*time.Millisecond || in.JitterBufferMinimumDelay != 0 {
			t.Errorf("on an even path with sound that is heard after %v, each picture was to wait for %v; for the network's sake all for %v", v.late, target, in.JitterBufferMinimumDelay)
		}
		c.end(t)
	})
}

// A request is not made again before it can have been answered, however little is known of the path by repairs.
func TestOnALongPathAPacketIsNotAskedForAgainBeforeItCanHaveCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const trip = 300 * time.Millisecond
		filter, lost := only(60)
		var asked []time.Time
		c := newCall(t, nil)
		c.wire.drop = filter
		distant := newWire()
		v := watchWith(video.ReceiverConfig{
			Track: distant, RequestKeyFrame: c.sender.RequestKeyFrame, RoundTripTime: func() time.Duration { return trip },
			RequestRepair: func([]uint16) { asked = append(asked, time.Now()) },
		})
		c.wire.copyTo(distant)
		<-lost
		time.Sleep(2 * time.Second)
		c.end(t)
		distant.close()
		if err := <-v.done; err != nil {
			t.Error(err)
		}
		if len(asked) < 2 {
			t.Fatalf("it was asked for at %v", asked)
		}
		for i := 1; i < len(asked); i++ {
			if apart := asked[i].Sub(asked[i-1]); apart < trip {
				t.Errorf("request %d came %v after the one before, on a path of %v there and back", i, apart, trip)
			}
		}
	})
}
