package video

import (
	"testing"
	"time"
)

func TestALadderGoesDownInSizeAndFrames(t *testing.T) {
	all := steps(nil, cameraLadder, 1280, 720)
	want := [][3]int{
		{1280, 720, 0},
		{1280, 720, 20},
		{960, 540, 0},
		{960, 540, 20},
		{640, 360, 0},
		{640, 360, 20},
		{480, 270, 0},
		{480, 270, 20},
		{320, 180, 0},
		{320, 180, 15},
		{160, 90, 0},
		{160, 90, 15},
	}
	if len(all) != len(want) {
		t.Fatalf("%d steps", len(all))
	}
	for i, s := range all {
		if [3]int{s.width, s.height, s.fps} != want[i] {
			t.Errorf("step %d is %dx%d at %d", i, s.width, s.height, s.fps)
		}
		if i > 0 && s.floor >= all[i-1].floor {
			t.Errorf("step %d needs %d bit/s, the one above %d", i, s.floor, all[i-1].floor)
		}
	}
	screen := steps(nil, screenLadder, 1920, 1080)
	for i, want := range [][3]int{ // frames go first
		{1920, 1080, 0}, {1920, 1080, 15}, {1920, 1080, 10}, {1920, 1080, 5}, {1440, 810, 5}, {960, 540, 5},
	} {
		if s := screen[i]; [3]int{s.width, s.height, s.fps} != want || i > 0 && s.floor >= screen[i-1].floor {
			t.Errorf("step %d of a screen is %+v, want %v and fewer bit/s", i, s, want)
		}
	}
	if small := steps(nil, cameraLadder, 64, 48); len(small) != 2 || small[1].width != 64 {
		t.Errorf("a source smaller than the smallest picture: %+v", small)
	}
}

func TestTheRateDecidesTheRung(t *testing.T) {
	for _, c := range []struct{ width, height, bitRate, wantHeight, wantFPS int }{
		{640, 360, 400_000, 360, 0}, // 360p30 holds at 400 kbit/s,
		{640, 360, 250_000, 360, 0}, // and at the share of a path that loses a fifth
		{1280, 720, 2_000_000, 720, 0},
		{1280, 720, 450_000, 540, 0},
		{1280, 720, 250_000, 360, 0},
		{1280, 720, 10_000, 90, 15},
	} {
		var climb climber
		s := steps(nil, cameraLadder, c.width, c.height)
		if got := s[climb.climb(time.Unix(0, 0), s, c.bitRate, 0, false)]; got.height != c.wantHeight || got.fps != c.wantFPS {
			t.Errorf("%dx%d at %d bit/s: %dx%d at %d", c.width, c.height, c.bitRate, got.width, got.height, got.fps)
		}
	}
}

func TestOneFallsSoonAndClimbsSlowly(t *testing.T) {
	s := steps(nil, cameraLadder, 1280, 720)
	now := time.Unix(0, 0)
	var c climber
	c.climb(now, s, 2_000_000, 0, false)
	changes := 0
	at := c.at
	walk := func(d time.Duration, rate func(i int) int) {
		for i := range int(d / (100 * time.Millisecond)) {
			now = now.Add(100 * time.Millisecond)
			if c.climb(now, s, rate(i), 0, false); c.at != at {
				changes, at = changes+1, c.at
			}
		}
	}
	walk(500*time.Millisecond, func(int) int { return 280_000 })
	if s[at].height != 360 {
		t.Errorf("280 kbit/s for half a second: %d rows", s[at].height)
	}
	changes = 0
	walk(4*time.Second, func(int) int { return 2_000_000 })
	if changes != 0 {
		t.Error("it went up within four seconds of a fall")
	}
	walk(2*time.Second, func(int) int { return 2_000_000 })
	if s[at].height != 720 {
		t.Errorf("2 Mbit/s for six seconds: %d rows", s[at].height)
	}
	changes = 0
	floor := s[at].floor
	walk(time.Minute, func(i int) int { return floor + (i%5-2)*floor/20 })
	if changes > 1 {
		t.Errorf("%d changes for a rate that wavers by a tenth about a floor", changes)
	}
}

// The rate of a path comes and goes over seconds, and a probe shows more than it bears in the long run.
func TestOneDoesNotHuntBetweenTwoRungs(t *testing.T) {
	s := steps(nil, cameraLadder, 1280, 720)
	floor := s[3].floor
	for name, rate := range map[string]func(since time.Duration) int{
		"ten seconds more than the floor and ten less, by a tenth": func(since time.Duration) int {
			if since%(20*time.Second) < 10*time.Second {
				return floor * 9 / 10
			}
			return floor * 11 / 10
		},
		"twice as much for a second of ten": func(since time.Duration) int {
			if since%(10*time.Second) > 9*time.Second {
				return floor * 2 * 9 / 10
			}
			return floor * 9 / 10
		},
	} {
		var c climber
		began := time.Unix(0, 0)
		at, changes := c.climb(began, s, floor, 0, false), 0
		for since := time.Duration(0); since < 2*time.Minute; since += 100 * time.Millisecond {
			if now := c.climb(began.Add(since), s, rate(since), 0, false); now != at {
				at, changes = now, changes+1
			}
		}
		if changes != 1 {
			t.Errorf("%s: %d changes in two minutes", name, changes)
		}
	}
}

func TestWhatBeginsWithAKeyFrameAnywayGoesDownAtOnce(t *testing.T) {
	s := steps(nil, cameraLadder, 1280, 720)
	for _, afresh := range []bool{false, true} {
		now := time.Unix(0, 0)
		var c climber
		c.climb(now, s, 2_000_000, 0, false)
		before := s[c.at]
		now = now.Add(33 * time.Millisecond)
		after := s[c.climb(now, s, before.floor*9/10, 0, afresh)]
		if down := after.floor < before.floor; down != afresh {
			t.Errorf("with a tenth less than %dx%d needs, and a key frame: %v, it is %dx%d", before.width, before.height, afresh, after.width, after.height)
		}
		c.climb(now, s, before.floor*9/10, 0, false)
		for range 40 { // in 4 s
			now = now.Add(100 * time.Millisecond)
			c.climb(now, s, 2_000_000, 0, true)
		}
		if up := s[c.at].floor > after.floor; up {
			t.Errorf("a key frame is no reason to go up: to %dx%d", s[c.at].width, s[c.at].height)
		}
	}
}

func TestAMachineThatDoesNotKeepUpGoesDownARung(t *testing.T) {
	var l loadMeter
	now := time.Unix(0, 0)
	live := func(d, took time.Duration) {
		for range int(d / (33 * time.Millisecond)) {
			now = now.Add(33 * time.Millisecond)
			l.add(now, took, 10)
		}
	}
	live(10*time.Second, 10*time.Millisecond)
	if l.rungs != 0 {
		t.Errorf("%d rungs less for a third of the time", l.rungs)
	}
	live(3500*time.Millisecond, 30*time.Millisecond)
	if l.rungs != 1 {
		t.Errorf("%d rungs less for nine tenths of the time", l.rungs)
	}
	live(5*time.Second, 5*time.Millisecond)
	if l.rungs != 1 {
		t.Error("it went up again at once")
	}
	live(10*time.Second, 5*time.Millisecond)
	if l.rungs != 0 {
		t.Error("it did not go up again")
	}
}
