package peer

import "time"

// lossTrial finds out whether what is lost on the way from the peer is lost because too much is sent. Radio links lose a part of the packets at any rate; a
// browser takes that for a reason to send less and less, until the picture is a stamp. Parley puts its own losses to the test (package congestion), and
// does it here with the peer's: for some seconds the peer may send less (REMB). Is as much lost as before, then it is not for the rate, and the
// peer is not told of it. That does no harm before the verdict, nor where a queue comes about, which ends it.
type lossTrial struct {
	forgives bool    // nothing is said of what is lost
	rate     float64 // bit/s, before the trial
	loss     float64 // 0 to 1, likewise
	came     heard   // meanwhile
	began    time.Time
	ended    time.Time // the last one
}

const (
	trialFrom   = 0.16                    // of the packets lost: with less a browser gets by, and what it is told of it sends again sooner than when asked
	trialFew    = 30                      // packets a second, that say nothing
	trialLess   = 0.6                     // of the rate before
	trialDelay  = 1500 * time.Millisecond // until the peer's packets are fewer
	trialLasts  = 3500 * time.Millisecond
	trialSame   = 0.5 // of the loss before: if there is less, it was for the rate
	trialWorse  = 1.5 // times the loss before, and so much more, is another loss
	trialMore   = 0.05
	trialStands = 30 * time.Second // that is, its verdict
)

// note takes what came within a second.
func (t *lossTrial) note(h heard, now time.Time) {
	switch {
	case !t.began.IsZero():
		t.goOn(h, now)
	case h.waits() || t.forgives && h.loss() > trialWorse*t.loss+trialMore:
		t.forgives = false
	case !t.ended.IsZero() && now.Sub(t.ended) < trialStands:
	case h.packets >= trialFew && h.loss() >= trialFrom:
		*t = lossTrial{forgives: true, rate: h.rate(), loss: h.loss(), began: now}
	default:
		t.forgives = false
	}
}

// goOn goes on with the trial.
func (t *lossTrial) goOn(h heard, now time.Time) {
	if now.Sub(t.began) < trialDelay {
		return
	}
	t.came.packets += h.packets
	t.came.lost += h.lost
	t.came.waited += h.waited
	if now.Sub(t.began) >= trialLasts {
		t.forgives = t.came.loss() >= trialSame*t.loss && !t.came.waits()
		t.began, t.ended, t.came = time.Time{}, now, heard{}
	}
}

// ceiling returns what the peer is to be told now that it may send at the most, in bit/s; false is nothing.
func (t *lossTrial) ceiling(now time.Time) (bitRate float64, ok bool) {
	switch {
	case !t.began.IsZero():
		return trialLess * t.rate, true
	case !t.ended.IsZero() && now.Sub(t.ended) < ceilingEnds:
		return ceilingNone, true
	}
	return 0, false
}
