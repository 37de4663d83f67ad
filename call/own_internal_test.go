package call

import (
	"testing"
	"time"

	"parley/call/impair"
)

// While no report comes pictures wait on this side. One more of them would be late, and to be left out after it was made, at the price of a key frame.
func TestNoPictureIsMadeForAPersonToWhomPicturesWaitAlready(t *testing.T) {
	good := impair.Conditions{Delay: 30 * time.Millisecond, Rate: 1_000_000}
	overPaths(t, 1, good, func(p *pathed) {
		time.Sleep(8 * time.Second)
		before := p.seen(0).OutVideo
		p.set(impair.Conditions{Black: true}, 1)
		time.Sleep(600 * time.Millisecond)
		p.set(good, 1)
		time.Sleep(3 * time.Second)
		after := p.seen(0).OutVideo
		if made, sent := after.FramesEncoded-before.FramesEncoded, after.FramesSent-before.FramesSent; made != sent || sent < 90 {
			t.Errorf("of %d pictures that were made in 3.6 s, %d were sent", made, sent)
		}
		if n := after.KeyFramesEncoded - before.KeyFramesEncoded; n > 0 {
			t.Errorf("%d key frames were made", n)
		}
	})
}

// A machine whose encoder takes most of the time that there is between two pictures.
func TestAComputerThatDoesNotKeepUpIsToldAsTheCause(t *testing.T) {
	overPaths(t, 1, impair.Conditions{Delay: 20 * time.Millisecond}, func(p *pathed) {
		ann := p.sides[0]
		told := func() Person { return ann.People()[0] }
		time.Sleep(5 * time.Second)
		if now := told(); now.Quality != QualityGood || now.Cause != CauseNone {
			t.Errorf("before, it is %q because of %q", now.Quality, now.Cause)
		}
		ann.person("Ben").sent.camera.SetBusy(func() bool { // asked between the beginning and the end of each picture
			time.Sleep(30 * time.Millisecond)
			return false
		})
		time.Sleep(10 * time.Second)
		if now := told(); now.Quality != QualityPoor || now.Cause != CauseThisComputer {
			t.Errorf("it is %q because of %q, want %q because of %q", now.Quality, now.Cause, QualityPoor, CauseThisComputer)
		}
		if out := p.seen(0).OutVideo; out.QualityLimitationReason != "cpu" || out.QualityLimitationDurations["cpu"] < 5 || out.QualityLimitationDurations["cpu"] > 10 {
			t.Errorf("a picture is told to be limited by %q, for %v", out.QualityLimitationReason, out.QualityLimitationDurations)
		}
		if now := p.sides[1].People()[0]; now.Quality != QualityGood {
			t.Errorf("the other takes the call to be %q because of %q", now.Quality, now.Cause)
		}
	})
}
