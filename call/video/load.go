package video

import "time"

const (
	loadWindow = time.Second
	overloaded = 0.70 // of the time between frames
	relaxed    = 0.35
	loadTimes  = 2 // windows in a row until a rung is given up
	relaxFirst = 8 * time.Second
	relaxMost  = 2 * time.Minute
)

// loadMeter sees whether this machine keeps up with encoding, and how many rungs of the ladder it has to do without. The time that it looks at
// is that on the wall: a processor that others use shows in it too.
type loadMeter struct {
	rungs  int // to do without
	busy   time.Duration
	frames int
	began  time.Time
	over   int     // windows in a row
	share  float64 // of the time that encoding took in the last window; 0 is not known
	calm   time.Time
	wait   time.Duration
}

// add notes that the encoding of one frame took so long.
func (l *loadMeter) add(now time.Time, took time.Duration, most int) {
	if l.began.IsZero() || now.Sub(l.began) > 3*loadWindow {
		l.began, l.busy, l.frames = now, 0, 0
		return
	}
	l.busy += took
	l.frames++
	window := now.Sub(l.began)
	if window < loadWindow {
		return
	}
	share := l.busy.Seconds() / window.Seconds()
	l.began, l.busy, l.frames, l.share = now, 0, 0, share
	l.judge(now, share, most)
}

func (l *loadMeter) judge(now time.Time, share float64, most int) {
	if share <= overloaded {
		l.over = 0
	}
	if share > relaxed {
		l.calm = time.Time{}
	} else if l.calm.IsZero() {
		l.calm = now
	}
	switch {
	case share > overloaded:
		l.over++
		if l.over >= loadTimes && l.rungs < most {
			l.rungs++
			l.over = 0
			l.wait = min(max(relaxFirst, 2*l.wait), relaxMost)
		}
	case l.rungs > 0 && !l.calm.IsZero() && now.Sub(l.calm) >= l.wait:
		l.rungs--
		l.calm = now
	}
}
