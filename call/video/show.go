package video

import (
	"time"

	"parley/devices/frame"
)

// waiting is a picture that was decoded before its time.
type waiting struct {
	picture   *frame.Frame
	timestamp uint32
	at        time.Time // to show it
	paused    bool      // the sender had none for a while before it
}

// queue holds the pictures that wait, in order. The zero value is empty.
type queue struct {
	pictures [2]waiting // the next, and one by which to see whether it has been overtaken
	n        int
}

func (q *queue) full() bool { return q.n == len(q.pictures) }

// add takes w over. A frame without a picture, which only others refer to, is not kept.
func (q *queue) add(w waiting) {
	if w.picture != nil {
		q.pictures[q.n] = w
		q.n++
	}
}

// take removes the first one.
func (q *queue) take() waiting {
	first := q.pictures[0]
	q.pictures[0], q.pictures[1] = q.pictures[1], waiting{}
	q.n--
	return first
}

// next returns when the first is due; zero where there is none.
func (q *queue) next() time.Time { return q.pictures[0].at }

// due says whether the first is to be shown at now; overtaken, whether the second is so too, so that the first is too late.
func (q *queue) due(now time.Time) (due, overtaken bool) {
	return q.n > 0 && !q.pictures[0].at.After(now), q.n > 1 && !q.pictures[1].at.After(now)
}

func (q *queue) clear() {
	for q.n > 0 {
		q.take().picture.Release()
	}
}

// showNext shows the next picture if it is due, or drops it if the one after it is due too, and says whether it did either.
func (r *Receiver) showNext(now time.Time) bool {
	due, overtaken := r.ahead.due(now)
	if !due {
		return false
	}
	next := r.ahead.take()
	if !overtaken {
		r.show(next, now)
		return true
	}
	next.picture.Release()
	r.countLate()
	return true
}

// countLate notes a picture that comes too late to be shown.
func (r *Receiver) countLate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.late++
}

// show puts a picture out, unless another receiver has shown it, or a later one.
func (r *Receiver) show(w waiting, now time.Time) {
	age := time.Duration(0)
	if r.cfg.Measure {
		age = patternAge(w.picture)
	}
	if age != 0 {
		w.picture.Captured = now.Add(-age)
	}
	width, height := w.picture.Size()
	if !r.order.put(r, w.timestamp, r.cfg.Out, w.picture) {
		r.countLate()
		return
	}
	if !r.begun && r.cfg.OnFirstFrame != nil {
		r.cfg.OnFirstFrame()
	}
	r.begun = true

	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.FrameWidth, r.stats.FrameHeight, r.stats.DecodedAge = width, height, age
	r.freezes.shown(now, w.paused)
}
