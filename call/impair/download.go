package impair

import "time"

// download is what somebody else sends through the same queue, as fast as it goes: one connection of TCP (RFC 5681, with the cut of RFC 9438), which fills the
// queue until something is dropped, goes slower, and fills it again. Its packets take their turn at the rate, and are in nobody's way otherwise.
type download struct {
	begun     bool
	window    float64 // packets that may be under way
	threshold float64 // of it, from which on it grows slowly
	acks      []time.Duration
	dropped   int           // packets that nothing will be heard of
	noticed   time.Duration // when that will be known
	settled   time.Duration // when the last cut will have shown: what was dropped until then led to it
}

const (
	downloadPacket = 1500 // bytes
	downloadFirst  = 10   // packets
	downloadCut    = 0.7
)

// goOn lets it send and hear until now.
func (d *download) goOn(now time.Duration, send func(at time.Duration) (left time.Duration, ok bool), way time.Duration) {
	if !d.begun {
		*d = download{begun: true, window: downloadFirst, threshold: MostInFlight, acks: d.acks[:0]}
		d.send(now, send, way)
	}
	for {
		at := now + 1
		if len(d.acks) > 0 {
			at = d.acks[0]
		}
		switch {
		case d.dropped > 0 && d.noticed <= min(at, now):
			at = d.noticed
			d.cut(at, way)
		case at <= now:
			d.acks = d.acks[1:]
			if d.window < d.threshold {
				d.window++
			} else {
				d.window += 1 / d.window
			}
		default:
			return
		}
		d.send(at, send, way)
	}
}

// cut is what it does once it is known that something was dropped.
func (d *download) cut(at, way time.Duration) {
	d.dropped = 0
	if at >= d.settled {
		d.window = max(2, downloadCut*d.window)
		d.threshold = d.window
		d.settled = at + 2*way
	}
}

func (d *download) send(at time.Duration, send func(time.Duration) (time.Duration, bool), way time.Duration) {
	for float64(len(d.acks)+d.dropped) < min(d.window, MostInFlight) {
		left, ok := send(at)
		if ok {
			d.acks = append(d.acks, left+2*way)
			continue
		}
		if d.dropped++; d.dropped == 1 {
			d.noticed = left + 2*way
		}
	}
}
