package audio

import "time"

const (
	minTarget     = 20 * time.Millisecond
	maxTarget     = 400 * time.Millisecond
	bucketWidth   = 5 * time.Millisecond
	firstGuess    = 25 * time.Millisecond // the target before anything is known
	guessed       = 0.5                   // packets that it counts as much as: it is believed until some 33 came
	buckets       = int(maxTarget / bucketWidth)
	inTime        = 0.985                // share of packets that the target is to wait for
	forgetting    = 1.0 / 250            // weight of one packet: about 5 s of them count
	descent       = 2 * time.Millisecond // that the wait falls by with each packet, once it is calm: about as fast as it can be played off unheard
	fastestWindow = 2 * time.Second      // how long the fastest packet stays the measure
	pathChange    = time.Second          // a later arrival than this after a pause is a new path or a clock that stood still

	frameTime    = frameSize * time.Second / SampleRate
	longestReach = 5         // frames that a copy may be older than the packet that brings it and be waited for
	reachMemory  = 1.0 / 500 // weight of one packet: about 10 s of them count
	reachWorth   = 0.003     // share of frames that must be had from copies to wait for these
	lossMemory   = 500       // packets after one that was missing, in which all copies that are sent are waited for
	depthHolds   = 50        // packets after which it is believed that fewer copies are sent: the first ones of a spurt have less
)

// arrivals learns how irregularly the packets of one person come, and from it how long to make them wait.
//
// The transit of a packet is its arrival less its timestamp, on two clocks whose difference nobody knows; but
// compared with the fastest packet of the last seconds it says how late the packet was. The target is the lateness
// that all but 1.5 % of the packets stay below, as a histogram that forgets slowly tells, but no more than that of the latest packet since it is calm.
//
// A lost frame of which a later packet brings a copy comes as much later as the two are apart. When that happens again and again, the
// target is longer by it: its reach. So it is for all copies that are sent once one was needed.
type arrivals struct {
	epoch     time.Time        // arrival times count from here
	measured  bool             // the following four are known
	fastest   [2]time.Duration // the least transit, of the window before and of this one
	windowEnd time.Time
	last      time.Time // arrival of the newest packet
	transit   time.Duration
	jitter    float64 // samples, as in RFC 3550 appendix A.8

	share      [buckets]float64 // of packets, by lateness
	count      int
	calm       calm
	remembered time.Duration             // the lateness that enough of the packets stay below, as far as they are remembered
	waits      time.Duration             // and of those that matter
	rescue     [longestReach + 1]float64 // share of frames that came as copies, by how many frames later
	depth      int                       // of how many frames before it a packet has copies
	fewer      int                       // packets in a row that had less
	whole      int                       // packets since one was missing, or, at first, lossMemory
	need       time.Duration             // for what was learnt: the target, but for its bounds

	minimum time.Duration // of the target; see Receiver.HoldUntil
	wish    time.Duration // what that is to become,
	heldAt  time.Time     // when that was said last,
	eased   time.Time     // and when it was last brought nearer
}

// add notes that a packet with the unwrapped timestamp ts came at now, and says whether that was later than was waited for.
func (a *arrivals) add(ts int64, now time.Time) (unexpected bool) {
	if a.epoch.IsZero() {
		a.epoch = now
		a.share[firstGuess/bucketWidth-1] = 1
		a.whole = lossMemory
	}
	transit := now.Sub(a.epoch) - toDuration(ts)
	switch {
	case !a.measured, now.Sub(a.last) > pathChange && transit > a.least()+pathChange, now.Sub(a.last) > 2*fastestWindow:
		a.fastest = [2]time.Duration{transit, transit}
		a.windowEnd = now.Add(fastestWindow)
	case now.After(a.windowEnd):
		a.fastest = [2]time.Duration{a.fastest[1], transit}
		a.windowEnd = now.Add(fastestWindow)
	default:
		a.fastest[1] = min(a.fastest[1], transit)
		a.jitter += (float64(toSamples((transit - a.transit).Abs())) - a.jitter) / 16
	}
	a.transit, a.last, a.measured = transit, now, true
	a.ease(now)
	a.count++
	late := a.lateness(ts, now)
	unexpected = late > a.target()
	a.calm.add(late, a.remembered)
	a.learn(late)
	for i := range a.rescue {
		a.rescue[i] *= 1 - reachMemory
	}
	a.whole++
	a.remembered = a.spread()
	a.waits = max(min(a.remembered, a.calm.latest()), min(a.remembered, a.waits-descent))
	a.need = min(maxTarget, a.waits+time.Duration(a.reach())*frameTime)
	return unexpected
}

// rescued notes that a frame was not there, and that a packet whose timestamp is so many samples later can stand in for it.
func (a *arrivals) rescued(later int64) {
	a.whole = 0
	if frames := (later + frameSize - 1) / frameSize; frames > 0 {
		a.rescue[min(frames, longestReach)] += reachMemory
	}
}

// rebase says that the timestamps to come have nothing to do with those before. What was learnt stays.
func (a *arrivals) rebase() { a.measured = false }

func (a *arrivals) least() time.Duration { return min(a.fastest[0], a.fastest[1]) }

// lateness is how much longer than the fastest packet a sample of that timestamp takes if it is handed on at now.
func (a *arrivals) lateness(ts int64, now time.Time) time.Duration {
	return now.Sub(a.epoch) - toDuration(ts) - a.least()
}

func (a *arrivals) learn(late time.Duration) {
	weight := max(forgetting, 1/(float64(a.count)+guessed)) // the first packets say more
	for i := range a.share {
		a.share[i] *= 1 - weight
	}
	a.share[min(int(late/bucketWidth), buckets-1)] += weight
}

// spread is the upper end of the bucket below which enough of the packets came.
func (a *arrivals) spread() time.Duration {
	sum, total := 0.0, 0.0
	for _, share := range a.share {
		total += share
	}
	for i, share := range a.share {
		sum += share
		if sum >= inTime*total {
			return time.Duration(i+1) * bucketWidth
		}
	}
	return maxTarget
}

// carried notes of how many samples before it a packet brought copies.
func (a *arrivals) carried(before int64) {
	frames := min(int(before/frameSize), longestReach)
	if a.fewer++; frames >= a.depth || a.fewer > depthHolds {
		a.depth, a.fewer = frames, 0
	}
}

// reach is the age of the copies that are worth waiting for, in frames. Where any are needed, those are that are sent: the sender knows what it loses before
// the receiver has learnt it, and each change of the wait is a change of the sound.
func (a *arrivals) reach() int {
	for frames := longestReach; frames > 0; frames-- {
		if a.rescue[frames] >= reachWorth || frames <= a.depth && a.lossy() {
			return frames
		}
	}
	return 0
}

// lossy says whether packets were missing lately.
func (a *arrivals) lossy() bool { return a.whole < lossMemory && !a.epoch.IsZero() }

// target is how long samples should wait.
func (a *arrivals) target() time.Duration {
	if a.need == 0 {
		return max(firstGuess, a.minimum)
	}
	return max(a.need, minTarget, a.minimum)
}

// due is how long the first packet of a spurt waits: a little less than the target where that is more than is needed, since a speaker asks once a block, and
// a lack so small is not mended.
func (a *arrivals) due() time.Duration {
	return max(a.need, a.target()-slack)
}
