package congestion

import "time"

const (
	lossWindow = 60                     // packets at the least, over which loss is judged
	lossLeast  = 600 * time.Millisecond // and at the least sent over this long
	lossRate   = time.Second            // over which what is delivered is measured
	lossRise   = 0.06                   // by so much more than usual makes it suspicious,
	lossMuch   = 0.10                   // and so much at all, once a verdict is old,
	lossUsed   = 0.5                    // where so much of the rate is made use of,
	lossLeap   = 0.15                   // and so much more than usual, whatever the verdict was

	lossTestRate = 0.65                    // of what was sent, for the test,
	lossTestLow  = 0.80                    // or so much of what was delivered, whichever is less
	lossTestLess = 0.85                    // of what was sent: with more, a test says nothing against the rate,
	lossTestMiss = 1.30                    // nor anything for it, with so much more than its own rate
	lossSettles  = 150 * time.Millisecond  // until a new rate is what is sent
	lossTestMost = 3600 * time.Millisecond // that a test takes
	lossTrust    = 10 * time.Second        // for which the outcome holds, and twice as long each time that it is the same, up to
	lossTrustAll = 2 * time.Minute
	lossDoubt    = 2 * time.Second // likewise where the test said little

	lossMet     = time.Minute // for which it is known what rate was found guilty, and what of it was borne
	lossNear    = 0.03        // more than usual there, and the rate is high enough:
	lossEases   = 0.95        // it goes on with so much of it,
	lossEasesTo = 0.75        // down to so much of what was borne
	lossBelow   = 0.85        // of that; what is lost with less is not lost for the rate
)

// lossControl tells loss that comes of sending too much from loss that the path has at any rate.
type lossControl struct {
	report stretch       // what the last report tells of
	window stretch       // what is judged next,
	since  time.Duration // of which this was sent at the earliest
	usual  float64       // loss that was not ours
	all    float64       // smoothed, for the statistics
	path   float64       // of that, what was lost while there was no queue

	testing  bool
	until    time.Duration // the test, at the most
	before   stretch       // what led to it
	rose     bool          // that was more than usual; else a verdict was old
	rate     float64       // the target then
	trusted  time.Duration // until when the usual loss is not put to the test again
	trust    time.Duration
	odd      int           // windows in a row in which more was lost than usual
	met      time.Duration // when the rate was last found guilty; 0 is never
	meetings int           // of those, one soon after the other
	borne    float64       // bit/s that arrived then
	crowded  int           // windows in a row in which far too much was lost beside a rival
}

// verdict is what a window of losses led to.
type verdict int

const (
	fine     verdict = iota
	suspect          // a test begins: lower the rate
	innocent         // the test is over: the loss stays, so the rate comes back
	guilty           // the test is over: the loss went with the rate
	slightly         // near a rate that was found guilty, somewhat more is lost than usual
)

// tell notes what became of packets, in the order in which they were sent.
func (l *lossControl) tell(s stretch) {
	l.report.join(s)
	if s.from >= l.since {
		l.window.join(s)
	}
}

// forget leaves out what was told and not judged yet.
func (l *lossControl) forget() { l.report, l.window = stretch{}, stretch{} }

// afresh leaves what was sent before that moment out of what is judged next: it was sent at another rate.
func (l *lossControl) afresh(since time.Duration) { l.window, l.since = stretch{}, since }

// recall takes back that a packet was lost.
func (l *lossControl) recall(size int) {
	l.report.recall(size)
	l.window.recall(size)
}

// gap notes that many packets that were lost while the path was gone: that counts in the statistics alone.
func (l *lossControl) gap(lost int) { l.all += (1 - l.all) * min(1, float64(lost)/100) }

// judge says what follows from what was told, once that is enough. What is lost while there is a queue found that full: it says nothing of the path, and the
// queue lowers the rate by itself.
func (l *lossControl) judge(now time.Duration, queued, rival bool, target float64) verdict {
	report := l.report
	l.report = stretch{}
	if report.packets == 0 {
		return fine
	}
	weight, lost := min(1, float64(report.packets)/100), float64(report.lost)/float64(report.packets)
	l.all += (lost - l.all) * weight
	if queued && !l.testing {
		l.afresh(now)
		return fine
	}
	l.path += (lost - l.path) * weight
	if rival {
		return l.beside()
	}
	w := l.window
	switch enough := w.judgeable(); {
	case !enough && (!l.testing || now < l.until):
		return fine
	case l.testing:
		return l.outcome(now, &w)
	}
	l.window = stretch{}
	if rose := l.rises(now, &w); rose || l.due(now, &w, target) {
		l.testing, l.until, l.before, l.rose, l.rate, l.odd = true, now+lossTestMost, w, rose, target, 0
		l.afresh(now + lossSettles)
		return suspect
	}
	switch met := l.remembers(now) && w.sent() > lossBelow*l.borne; {
	case w.share() < l.usual:
		l.usual += (w.share() - l.usual) / 6
	case met && w.share() > l.usual+lossNear:
		return slightly
	case !met:
		l.usual += (w.share() - l.usual) / 12
	}
	return fine
}

// beside is what follows beside a rival: it loses something itself from time to time, and makes room then, which is no test.
func (l *lossControl) beside() verdict {
	l.testing = false
	w := l.window
	if !w.judgeable() {
		return fine
	}
	l.window = stretch{}
	more := l.path - l.usual
	if l.crowded++; more <= rivalFar {
		l.crowded = 0
	}
	if more <= rivalMuch {
		return fine
	}
	return slightly
}

// rises takes the next window, and says whether so much more was lost than usual that it has to be found out why. Of many windows one is far off by chance, after which any test looks as
// if less rate had helped. So on a path that was found to have losses of its own, a second one has to say the same.
func (l *lossControl) rises(now time.Duration, w *stretch) bool {
	rise := lossRise
	if now < l.trusted {
		rise = lossLeap
	}
	if l.odd++; w.share()-w.noise() <= l.usual+rise {
		l.odd = 0
	}
	return l.odd > 1 || l.odd > 0 && l.trust == 0
}

// due says whether a verdict is old and so much is lost that it has to be asked for again.
func (l *lossControl) due(now time.Duration, w *stretch, target float64) bool {
	return now >= l.trusted && l.trust > 0 && l.path > lossMuch && w.sent() > lossUsed*target
}

// testRate is what is sent in a test.
func (l *lossControl) testRate() float64 {
	return min(lossTestRate*l.before.sent(), lossTestLow*l.before.delivered())
}

// outcome compares what was lost in a test with what was before it. Where that says little, the test goes on.
func (l *lossControl) outcome(now time.Duration, w *stretch) verdict {
	// If the path is full, it delivers as much at the lower rate as it did at the higher one.
	full := max(l.usual, 1-l.before.delivered()/max(w.sent(), 1))
	before, most := l.before.share(), w.share()+w.noise()
	if !l.rose {
		before = min(before, l.usual)
	}
	switch lower := w.sent() <= lossTestLess*l.before.sent(); {
	case lower && most < min((before+full)/2, before-l.before.noise()):
		l.convict(now, w)
		return guilty
	case most < before && now < l.until:
		return fine
	case most < before, !lower && w.sent() > lossTestMiss*l.testRate():
		l.trusted = now + lossDoubt
	default:
		l.usual, l.trust = (w.share()+before)/2, min(max(2*l.trust, lossTrust), lossTrustAll)
		l.trusted = now + l.trust
	}
	l.testing, l.window = false, stretch{}
	return innocent
}

// convict takes it that the rate was too high.
func (l *lossControl) convict(now time.Duration, w *stretch) {
	if l.meetings++; !l.remembers(now) {
		l.meetings = 1
	}
	l.trust, l.met, l.borne = 0, now, l.before.delivered()
	l.usual = (l.usual + w.share()) / 2
	l.testing, l.window = false, stretch{}
}

// remembers says whether it is known what the path bears, which loses what is too much.
func (l *lossControl) remembers(now time.Duration) bool { return l.met > 0 && now-l.met <= lossMet }

// near says whether so much is lost on such a path that it is used to its end.
func (l *lossControl) near(now time.Duration) bool {
	return l.remembers(now) && l.path > l.usual+lossNear
}
