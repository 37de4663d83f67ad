package congestion_test

import (
	"fmt"
	"testing"
	"time"
)

// download is one connection of TCP on the same link (RFC 5681, with the cut of RFC 9438).
type download struct {
	link      *link
	window    float64 // packets
	threshold float64
	acks      []time.Duration
	dropped   []time.Duration // when that is noticed
	settled   time.Duration   // when the last cut has shown
	bytes     int
}

func newDownload(l *link) *download { return &download{link: l, window: 10, threshold: 1e9} }

func (d *download) step(now time.Duration) {
	for ; len(d.acks) > 0 && d.acks[0] <= now; d.acks = d.acks[1:] {
		if d.window < d.threshold {
			d.window++
		} else {
			d.window += 1 / d.window
		}
	}
	for ; len(d.dropped) > 0 && d.dropped[0] <= now; d.dropped = d.dropped[1:] {
		if now > d.settled {
			d.window = max(2, 0.7*d.window)
			d.threshold, d.settled = d.window, now+longestQueue
		}
	}
	for n := 0; n < 10 && float64(len(d.acks)+len(d.dropped)) < d.window; n++ {
		if at, ok := d.link.carry(now, 1500); ok {
			d.acks, d.bytes = append(d.acks, at+d.link.delay), d.bytes+1500
		} else {
			d.dropped = append(d.dropped, now+longestQueue+2*d.link.delay)
		}
	}
}

// Who makes room for a queue whenever there is one has nothing beside TCP, which fills it.
func TestBesideADownloadBothHaveAShare(t *testing.T) {
	const most, began, ended = 1_500_000, 10 * time.Second, 70 * time.Second
	for rate, least := range map[float64]float64{1_000_000: 150_000, 3_000_000: 700_000, 10_000_000: 1_000_000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			seeds(t, func(t *testing.T, seed uint64) {
				l := newLink(seed, always(rate))
				f := newFlow(seed, l, most)
				f.period = 50 * step
				run(0, began, f)
				d, before := newDownload(l), l.bytes
				for now := began; now < ended; now += step {
					d.step(now)
					f.step(now)
				}
				theirs := float64(8*d.bytes) / (ended - began).Seconds()
				ours := float64(8*(l.bytes-before))/(ended-began).Seconds() - theirs
				if ours < least || theirs < 0.3*rate {
					t.Errorf("seed %d: this side has %.0f bit/s, the download %.0f", seed, ours, theirs)
				}

				// Once it is over, the queue counts again.
				run(ended, ended+10*time.Second, f)
				l.longest = 0
				if mean := run(ended+10*time.Second, ended+20*time.Second, f)[0]; mean < 0.6*min(rate, most) {
					t.Errorf("seed %d: %.0f bit/s from 10 s after it", seed, mean)
				}
				if l.longest > 150*time.Millisecond {
					t.Errorf("seed %d: 10 s after it, the queue grows to %v", seed, l.longest)
				}
			})
		})
	}
}
