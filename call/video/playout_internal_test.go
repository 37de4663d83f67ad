package video

import (
	"math/rand/v2"
	"testing"
	"time"

	"parley/call/codec"
)

// stream makes frames, thirty a second, that take a while each.
type stream struct {
	clock playoutClock
	n     int
}

// next lets one frame take that long, and returns for how long after the fastest possible time it is held, or late.
func (s *stream) next(took time.Duration, heard time.Time) (at time.Time, held time.Duration) {
	captured := moment(time.Duration(s.n) * time.Second / 30)
	f := codedFrame{timestamp: uint32(s.n * 3000), ready: captured.Add(took), completed: captured.Add(took)}
	s.n++
	at = s.clock.schedule(f, heard)
	return at, at.Sub(captured)
}

func TestAnEvenStreamIsNotHeld(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var s stream
	for range 1000 {
		took := 50*ms + time.Duration(random.IntN(15))*ms
		if _, held := s.next(took, time.Time{}); held > took {
			t.Fatalf("frame %d took %v and is shown after %v", s.n, took, held)
		}
	}
}

func TestAnUnevenStreamIsHeldForAsLongAsMostTake(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var s stream
	late := 0
	var last time.Time
	for range 3000 {
		took := 50*ms + time.Duration(random.IntN(120))*ms
		at, held := s.next(took, time.Time{})
		if s.n > 60 && held < took {
			late++
		}
		if s.n > 300 && (at.Sub(last) < 20*ms || at.Sub(last) > 60*ms) {
			t.Errorf("frame %d is shown %v after the one before", s.n, at.Sub(last))
		}
		last = at
		if held > 50*ms+130*ms && s.n > 60 {
			t.Fatalf("frame %d is held for %v", s.n, held)
		}
	}
	if late > 150 {
		t.Errorf("%d of 3000 frames were late", late)
	}
}

func TestTheDelayFallsSlowlyToNothing(t *testing.T) {
	var s stream
	for n := range 300 {
		s.next(50*ms+time.Duration(n%2)*200*ms, time.Time{})
	}
	_, before := s.next(50*ms, time.Time{})
	for n := range 500 {
		_, held := s.next(50*ms, time.Time{})
		if before-held > 4*ms {
			t.Fatalf("within a frame the delay fell by %v", before-held)
		}
		if before = held; n > 400 && (held-50*ms).Abs() > ms {
			t.Fatalf("%d frames later the delay is %v", n, held)
		}
	}
}

func TestAfterAStormTheDelayIsSoonOneThatAConversationBears(t *testing.T) {
	var s stream
	for n := range 150 {
		s.next(50*ms+time.Duration(n%2)*450*ms, time.Time{})
	}
	if _, held := s.next(50*ms, time.Time{}); held < 400*ms {
		t.Fatalf("in the storm frames are held for %v", held)
	}
	var held time.Duration
	for range 6 * 30 {
		_, held = s.next(50*ms, time.Time{})
	}
	if held > 50*ms+calmDelay {
		t.Errorf("6 s after it frames are held for %v", held)
	}
}

func TestTheDelayStaysWhileFramesAreLateNowAndThen(t *testing.T) {
	var s stream
	late := 0
	for n := range 900 {
		took := 50 * ms
		if n%15 == 14 {
			took = 450 * ms
		}
		if _, held := s.next(took, time.Time{}); n > 150 && held < took-ms {
			late++
		}
	}
	if late > 0 {
		t.Errorf("%d frames were late", late)
	}
}

func TestADelayNeverExceedsItsBounds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var c playoutClock
	now := moment(0)
	stamp := uint32(0)
	for range 20_000 {
		now = now.Add(time.Duration(random.IntN(50)) * ms)
		switch random.IntN(10) {
		case 0:
			stamp = random.Uint32()
		default:
			stamp += uint32(random.IntN(9000))
		}
		var heard time.Time
		if random.IntN(2) == 0 {
			heard = now.Add(time.Duration(random.IntN(6000)-3000) * ms)
		}
		f := codedFrame{timestamp: stamp, ready: now, completed: now, repaired: random.IntN(3) == 0, repairs: time.Duration(random.IntN(2000)) * ms}
		at := c.schedule(f, heard)
		if at.Sub(now) > longestDelay+longestSync {
			t.Fatalf("a frame is held for %v", at.Sub(now))
		}
		if len(c.window.sorted) > len(c.window.ring) || c.delay < 0 || c.target > longestDelay+longestSync {
			t.Fatalf("%+v", c)
		}
	}
}

func TestALongerPathIsNoDelayForLong(t *testing.T) {
	var s stream
	for range 300 {
		s.next(50*ms, time.Time{})
	}
	for range 600 {
		s.next(150*ms, time.Time{})
	}
	if _, held := s.next(150*ms, time.Time{}); (held - 150*ms).Abs() > ms {
		t.Errorf("frames that take 150 ms are shown after %v", held)
	}
}

// report returns what a sender says of a stream whose clock it began at a timestamp of its own.
func report(at time.Duration, began uint32, rate time.Duration) SenderReport {
	return func() (time.Time, uint32, bool) {
		// The sender's wall clock is of another time zone, as it were.
		return moment(at).Add(-3 * time.Hour), began + uint32(at*rate/time.Second), true
	}
}

// speaker plays the sample that was captured that long ago.
type speaker struct {
	began   uint32
	late    time.Duration
	minimum time.Duration // that it is told to be late by
}

func (s *speaker) HoldUntil(timestamp uint32, at time.Time) {
	s.minimum = at.Sub(moment(since(timestamp, s.began, soundRate)))
}

func (s *speaker) Playing(now time.Time) (uint32, bool) {
	return s.began + uint32(now.Add(-s.late).Sub(moment(0))*soundRate/time.Second), true
}

func TestThePictureMeetsTheSound(t *testing.T) {
	const pictureBegan, soundBegan = 4_294_900_000, 12_345
	for _, c := range []struct{ picture, sound time.Duration }{
		{30 * ms, 30 * ms}, {30 * ms, 60 * ms}, {30 * ms, 150 * ms}, {100 * ms, 400 * ms}, {200 * ms, 230 * ms},
	} {
		speaker := &speaker{began: soundBegan, late: c.sound}
		sync := &LipSync{
			Video: report(time.Second, pictureBegan, codec.ClockRate), Audio: report(1300*ms, soundBegan, soundRate),
			Sound: func() Sound { return speaker },
		}
		var clock playoutClock
		for n := range 300 {
			captured := moment(time.Duration(n) * time.Second / 30)
			ready := captured.Add(c.picture)
			f := codedFrame{timestamp: pictureBegan + uint32(n*3000), ready: ready, completed: ready}
			at := clock.schedule(f, sync.companion(f.timestamp).heard(ready))
			if at.Before(ready) {
				at = ready
			}
			skew := at.Sub(captured) - c.sound
			if n > 60 && skew.Abs() > 40*ms {
				t.Fatalf("%+v: frame %d is shown %v after its sound", c, n, skew)
			}
		}
	}
}

func TestASoundThatIsAbsurdlyLateIsNotWaitedFor(t *testing.T) {
	for _, late := range []time.Duration{-time.Hour, 2 * time.Second, 10 * time.Second, time.Hour} {
		speaker := &speaker{late: late}
		sync := &LipSync{Video: report(0, 0, codec.ClockRate), Audio: report(0, 0, soundRate), Sound: func() Sound { return speaker }}
		var clock playoutClock
		for n := range 300 {
			ready := moment(time.Duration(n)*time.Second/30 + 50*ms)
			f := codedFrame{timestamp: uint32(n * 3000), ready: ready, completed: ready}
			if at := clock.schedule(f, sync.companion(f.timestamp).heard(ready)); at.Sub(ready) > longestSync {
				t.Fatalf("%v late: a frame is held for %v", late, at.Sub(ready))
			}
		}
	}
}

func TestTheSoundMeetsAPictureThatTheNetworkDelays(t *testing.T) {
	const path, needed = 50 * ms, 60 * ms // what both take on their way, and what the sound waits for by itself
	speaker := &speaker{late: path + needed}
	sync := &LipSync{Video: report(0, 0, codec.ClockRate), Audio: report(0, 0, soundRate), Sound: func() Sound { return speaker }}
	var clock playoutClock
	for n := range 1500 {
		captured := moment(time.Duration(n) * time.Second / 30)
		f := codedFrame{timestamp: uint32(n * 3000), ready: captured.Add(path), completed: captured.Add(path)}
		if n < 900 {
			f.repairs = 350 * ms
		}
		sound := sync.companion(f.timestamp)
		at := clock.schedule(f, sound.heard(f.ready))
		sound.hold(clock.sound)
		skew := at.Sub(captured) - speaker.late
		if n > 30 && skew.Abs() > 40*ms { // all the while, as the one is delayed more and the other follows, and back
			t.Fatalf("frame %d is shown %v after its sound, held for %v and %v", n, skew, clock.delay, speaker.late)
		}
		if n == 1499 && (clock.delay > 25*ms || speaker.late > path+needed) {
			t.Errorf("the picture is still held for %v and the sound for %v", clock.delay, speaker.late-path)
		}
		// The sound follows by 50 ms a second.
		speaker.late += min(max(max(path+needed, speaker.minimum)-speaker.late, -50*ms/30), 50*ms/30)
	}
}

func TestAPictureIsHeldForAsLongAsItMustWhereItsSoundDoesNotFollow(t *testing.T) {
	const path, needed = 50 * ms, calmDelay
	speaker := &speaker{late: path}
	sync := &LipSync{Video: report(0, 0, codec.ClockRate), Audio: report(0, 0, soundRate), Sound: func() Sound { return speaker }}
	var clock playoutClock
	for n := range 6 * 30 {
		ready := moment(time.Duration(n)*time.Second/30 + path)
		f := codedFrame{timestamp: uint32(n * 3000), ready: ready, completed: ready, repairs: needed}
		clock.schedule(f, sync.companion(f.timestamp).heard(ready))
	}
	if clock.delay != needed {
		t.Errorf("after 6 s frames are held for %v, and repairs take %v", clock.delay, needed)
	}
}
