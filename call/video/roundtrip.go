package video

import (
	"slices"
	"time"
)

// roundTrip learns how long it takes from a request for a packet to the packet. The zero value is ready.
type roundTrip struct {
	samples [15]time.Duration // the last ones, a ring
	known   int
	median  time.Duration
	told    time.Duration // by somebody else, for as long as nothing was measured; 0 is unknown
}

const (
	defaultTrip  = 100 * time.Millisecond
	shortestTrip = time.Millisecond
	longestTrip  = 2 * time.Second
	tripSlack    = 15 * time.Millisecond // what both ends add; who answers once in a round trip takes that for longer, too
)

// note takes the time from the first request for a packet to its coming. When a round failed this is too long, so it counts
// for little more than what was usual: only where most take longer, the estimate grows.
func (r *roundTrip) note(took time.Duration) {
	took = min(max(took, shortestTrip), longestTrip)
	if r.known > 0 {
		took = min(took, r.median*3/2)
	}
	r.samples[r.known%len(r.samples)] = took
	r.known++
	n := min(r.known, len(r.samples))
	sorted := r.samples
	slices.Sort(sorted[:n])
	r.median = sorted[n/2]
}

// tell takes what is known from elsewhere, ICE for instance; 0 is nothing.
func (r *roundTrip) tell(trip time.Duration) { r.told = min(max(trip, 0), longestTrip) }

// estimate returns the round trip.
func (r *roundTrip) estimate() time.Duration {
	switch {
	case r.known > 0:
		return r.median
	case r.told > 0:
		return r.told
	}
	return defaultTrip
}

// patient is how long to wait for an answer before the request is made again.
func (r *roundTrip) patient() time.Duration {
	trip := r.estimate()
	return trip + max(tripSlack, trip/10)
}

// reordering learns by how much packets are late that others overtook on their way. The zero value is ready.
type reordering struct{ learnt time.Duration }

const (
	leastReordering  = 5 * time.Millisecond
	mostReordering   = 60 * time.Millisecond
	reorderingMemory = 64 // packets
)

// overtaken takes by how much a packet was late; 0 for one that was not late but lost.
func (r *reordering) overtaken(late time.Duration) {
	if late > 0 {
		late = min(late*5/4+time.Millisecond, mostReordering)
	}
	if late > r.learnt {
		r.learnt = late
	} else {
		r.learnt -= (r.learnt - late) / reorderingMemory
	}
}

// estimate returns how long a packet that is missing may just be late.
func (r *reordering) estimate() time.Duration { return max(r.learnt, leastReordering) }
