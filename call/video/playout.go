package video

import (
	"math"
	"slices"
	"time"

	"parley/call/codec"
)

// playoutClock says when to show each frame: as long after it was captured as frames take on their way, except for the
// slowest few in a hundred. It has no clock of its own, and belongs to the decoding goroutine.
//
// What a frame took, from an unknown moment at the sender until it could be decoded, is known up to a constant, which the
// fastest frame of the last seconds stands for. On an even path all are as fast as that and are shown at once. Where some
// need repairs, each is held for as long as these took, all but the slowest, or are expected to take, so that they make no stumble. The
// delay grows when a frame shows that it was too short, as fast as the sound of that moment can follow, at once where there is none, and shrinks by a
// tenth of the time, which nobody sees.
type playoutClock struct {
	epoch   time.Time     // where the sender's clock is taken to stand at zero
	media   time.Duration // of the latest frame, on that clock
	last    uint32        // its timestamp
	begun   bool
	window  transitWindow
	repairs repairWindow
	delay   time.Duration // now in force, over the fastest
	minimum time.Duration // that the network calls for
	target  time.Duration // that the sound calls for as well
	sync    time.Duration // how much later than the fastest frame the sound is
	sound   time.Time     // when the sound of the latest frame is to be heard at the earliest, for the sake of the picture
}

const (
	// even is by how much a frame may be late without being seen to stumble: less than what a screen takes for a picture or two.
	even = 20 * time.Millisecond
	// longestDelay is what the network may bring about; a conversation suffers from more than from a stumble.
	longestDelay = 500 * time.Millisecond
	// What frames took before counts for no more than calmDelay once all of the last calmFor took less than one in calmer of it: the trouble is
	// over, and a conversation suffers from a long delay at once, and from one stumble more but little.
	calmDelay  = 150 * time.Millisecond
	calmFor    = 2 * time.Second
	calmFrames = 20 // of them at the least
	calmer     = 3
	// longestSync is what the sound may add to that.
	longestSync = 400 * time.Millisecond
	// syncTolerance is by how much the picture may come before the sound, and lateTolerance, by how much after it. The sound waits for all but
	// soundTolerance of what the network calls for: were it for the picture's delay as it is, each would wait for the other to become shorter.
	syncTolerance  = 36 * time.Millisecond
	lateTolerance  = 36 * time.Millisecond
	soundTolerance = 25 * time.Millisecond
	// By one in creep of the time the delay grows even where the sound does not follow.
	creep = 40
	// credible is the most by which a timestamp may be off before the sender is taken to have begun anew.
	credible = 3 * time.Second
)

// schedule takes the next frame in order and returns when to show it. heard is when the sound of its moment is heard; zero
// where that is not known.
func (c *playoutClock) schedule(f codedFrame, heard time.Time) time.Time {
	step := since(f.timestamp, c.last, codec.ClockRate)
	media, ready := c.media+step, f.ready
	if !c.begun || step <= 0 || c.window.off(ready.Sub(c.epoch)-media) > credible {
		*c = playoutClock{epoch: ready, begun: true, window: transitWindow{sorted: c.window.sorted[:0]}}
		step, media = 0, 0
	}
	c.last, c.media = f.timestamp, media
	transit := ready.Sub(c.epoch) - media
	c.window.add(transit, ready)
	if f.repaired {
		c.repairs.add(f.completed.Sub(c.epoch)-media, ready)
	}
	fastest := c.epoch.Add(media + c.window.least())

	c.minimum = max(max(c.window.most(), c.repairs.most(ready))-c.window.least(), f.repairs)
	if c.minimum < even {
		c.minimum = 0
	}
	c.minimum = min(c.minimum, longestDelay)
	if most, ok := c.window.lately(ready); ok && calmer*(most-c.window.least()) < c.minimum {
		c.minimum = min(c.minimum, calmDelay)
	}
	c.meet(heard, fastest, step)
	c.move(transit-c.window.least(), step)
	c.sound = fastest.Add(c.minimum - soundTolerance)
	return fastest.Add(c.delay)
}

// meet sets the target by when the sound of a frame is heard that could be shown at fastest.
func (c *playoutClock) meet(heard, fastest time.Time, step time.Duration) {
	needed := c.minimum
	switch {
	case heard.IsZero():
		c.sync -= c.sync / 64
	case c.sync == 0:
		c.sync = heard.Sub(fastest)
	default:
		c.sync += (heard.Sub(fastest) - c.sync) / 4
	}
	if !heard.IsZero() {
		// The sound is told to wait as well, and takes a while; the picture does not leave it behind.
		needed = min(needed, max(c.sync+lateTolerance, c.delay+step/creep))
	}
	c.target = max(needed, min(c.sync-syncTolerance, c.minimum+longestSync))
}

// move lets the delay follow the target. late is how late the frame at hand is anyway, and step the time since the one before.
func (c *playoutClock) move(late, step time.Duration) {
	if c.delay > c.target {
		c.delay = max(c.target, c.delay-step/10)
		return
	}
	c.delay = min(c.target, max(c.delay+step/2, late))
}

// transitWindow knows what the frames of the last seconds took. The zero value is ready.
type transitWindow struct {
	ring   [256]transit // from first on, oldest first
	first  int
	sorted []time.Duration // of the same frames
}

type transit struct {
	took time.Duration
	when time.Time
}

const (
	windowTime = 10 * time.Second
	// slowest is the share of the frames that are not waited for, of 1000. Of the first few frames as many are not waited for as of
	// fewFrames.
	slowest   = 25
	fewFrames = 120
)

func (w *transitWindow) add(took time.Duration, now time.Time) {
	for n := len(w.sorted); n > 0 && (n == len(w.ring) || now.Sub(w.ring[w.first].when) > windowTime); n = len(w.sorted) {
		i, _ := slices.BinarySearch(w.sorted, w.ring[w.first].took)
		w.sorted = slices.Delete(w.sorted, i, i+1)
		w.first = (w.first + 1) % len(w.ring)
	}
	w.ring[(w.first+len(w.sorted))%len(w.ring)] = transit{took, now}
	i, _ := slices.BinarySearch(w.sorted, took)
	w.sorted = slices.Insert(w.sorted, i, took)
}

// least returns what the fastest took.
func (w *transitWindow) least() time.Duration { return w.sorted[0] }

// most returns what all but the slowest took.
func (w *transitWindow) most() time.Duration {
	n := len(w.sorted)
	return w.sorted[max(0, n-1-max(n, fewFrames)*slowest/1000)]
}

// lately returns what the slowest frame of the last calmFor took, and false when there were few of them.
func (w *transitWindow) lately(now time.Time) (most time.Duration, ok bool) {
	most = math.MinInt64
	n := len(w.sorted)
	for i := range n {
		t := w.ring[(w.first+n-1-i)%len(w.ring)]
		if now.Sub(t.when) > calmFor {
			return most, i >= calmFrames
		}
		most = max(most, t.took)
	}
	return most, false
}

// off returns how far took is from what the others took.
func (w *transitWindow) off(took time.Duration) time.Duration {
	if len(w.sorted) == 0 {
		return 0
	}
	return (took - w.sorted[0]).Abs()
}

// repairWindow knows what the frames of the last seconds took that needed repairs. The zero value is ready.
type repairWindow struct {
	ring [64]transit
	next int
}

func (w *repairWindow) add(took time.Duration, now time.Time) {
	w.ring[w.next] = transit{took, now}
	w.next = (w.next + 1) % len(w.ring)
}

// most returns what all but the slowest took, and the least of all durations where there was but one.
func (w *repairWindow) most(now time.Time) time.Duration {
	most, second := time.Duration(math.MinInt64), time.Duration(math.MinInt64)
	for i := range w.ring {
		if t := &w.ring[i]; !t.when.IsZero() && now.Sub(t.when) <= windowTime && t.took > second {
			most, second = max(most, t.took), min(most, t.took)
		}
	}
	return second
}
