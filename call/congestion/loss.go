package congestion

import (
	"math"
	"time"
)

const (
	lossWindow   = 60                     // packets at the least, over which loss is judged
	lossLeast    = 600 * time.Millisecond // and at the least this long
	lossRise     = 0.06                   // by so much more than usual makes it suspicious
	lossTestRate = 0.65                   // of the rate, for the test
	lossTestFor  = 900 * time.Millisecond
	lossRate     = time.Second      // over which what is delivered is measured for it
	lossTrust    = 15 * time.Second // for which the outcome holds
)

// lossControl tells loss that comes of sending too much from loss that the path has at any rate.
type lossControl struct {
	sent, lost int           // in this window
	began      time.Duration // of this window
	fraction   float64       // of the last window
	noise      float64       // by how much that may be off by chance
	usual      float64       // loss that was not ours
	all        float64       // smoothed, for the statistics
	path       float64       // of that, what was lost while there was no queue

	testing   bool
	since     time.Duration // the test
	before    float64       // the loss that led to it
	rate      float64       // the target then
	delivered float64       // then
	trusted   time.Duration // until when the usual loss is not put to the test again
}

// verdict is what a window of losses led to.
type verdict int

const (
	fine     verdict = iota
	suspect          // a test begins: lower the rate
	innocent         // the test is over: the loss stays, so the rate comes back
	guilty           // the test is over: the loss went with the rate
)

// add notes packets whose fate was told, of which some were lost, and says what follows once there were enough. What is lost while there is a
// queue found that full: it says nothing of the path, and the queue lowers the rate by itself.
func (l *lossControl) add(now, roundTrip time.Duration, queued bool, told, lost int, target, delivered float64) verdict {
	if told == 0 {
		return fine
	}
	weight := min(1, float64(told)/100)
	l.all += (float64(lost)/float64(told) - l.all) * weight
	if queued && !l.testing {
		l.sent, l.lost, l.began = 0, 0, now
		return fine
	}
	l.path += (float64(lost)/float64(told) - l.path) * weight
	if l.testing && now-l.since < roundTrip+150*time.Millisecond {
		return fine // this was sent before
	}
	l.sent += told
	l.lost += lost
	if now-l.began < lossLeast || l.sent < lossWindow {
		if !l.testing || now-l.since < 4*lossTestFor {
			return fine
		}
	}
	if l.testing && now-l.since < lossTestFor+roundTrip {
		return fine
	}
	n := float64(max(l.sent, 1))
	l.fraction = max(0, float64(l.lost)/n)
	l.noise = 2 * math.Sqrt(l.fraction*(1-l.fraction)/n)
	l.sent, l.lost, l.began = 0, 0, now
	return l.judge(now, target, delivered)
}

func (l *lossControl) judge(now time.Duration, target, delivered float64) verdict {
	switch {
	case l.testing:
		l.testing = false
		// If the path is full, it delivers as much at the lower rate as it did at the higher one.
		full := max(l.usual, 1-(1-l.before)/lossTestRate)
		if l.fraction+l.noise/2 < (l.before+full)/2 {
			return guilty
		}
		l.usual, l.trusted = (l.fraction+l.before)/2, now+lossTrust
		return innocent
	case l.fraction-l.noise > l.usual+lossRise && (now >= l.trusted || l.fraction > 2*l.usual+3*lossRise):
		l.testing, l.since, l.before, l.rate, l.delivered = true, now, l.fraction, target, delivered
		return suspect
	case l.fraction < l.usual:
		l.usual += (l.fraction - l.usual) / 6
	default:
		l.usual += (l.fraction - l.usual) / 12
	}
	return fine
}
