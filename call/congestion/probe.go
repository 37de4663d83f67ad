package congestion

import "time"

const (
	probeFirst   = 2.5 // times the rate, at the start
	probeNext    = 2.0
	probeFor     = 25 * time.Millisecond
	probeLeast   = 4 // packets
	probeWait    = 1500 * time.Millisecond
	probeFailed  = 2 * time.Second // then longer, up to
	probeMost    = 4 * time.Second
	probePoliced = 15 * time.Second // after loss that came of the rate: what drops without a queue lets short clusters pass
	policedLow   = 150_000          // bit/s; a storm that ends while a lower rate is tried looks alike, and with less than this there is no picture,
	probeLow     = 2 * time.Second  // so that one does not wait as long
	probeAnswer  = time.Second      // beyond the round trip, until a probe is given up
	probeMargin  = 0.95
	probeCarried = 0.85 // of the probe's rate must arrive for it to have been borne
	probeDemand  = 1.5  // times what the call could use is enough to know
)

// Probe is a wish for a cluster of padding: Bytes of it at Rate, at once.
type Probe struct {
	Rate  int // bit/s
	Bytes int
}

// probing keeps the one probe that is under way, and knows when the next is due.
type probing struct {
	cluster  int // number of the last one
	open     bool
	wished   bool
	rate     float64
	wait     time.Duration
	next     time.Duration // when the next may be wished for
	deadline time.Duration // until which the wish holds, or all is waited for
	tally    tally
}

// tally is what is known of the packets of one cluster.
type tally struct {
	sent, bytes, lastSize     int
	firstSent, lastSent       time.Duration
	received, got             int // packets, bytes
	firstSize                 int
	firstArrived, lastArrived time.Duration
	told                      int
}

func (t *tally) send(at time.Duration, size int) {
	if t.sent == 0 {
		t.firstSent = at
	}
	t.sent++
	t.bytes += size
	t.lastSent, t.lastSize = at, size
}

func (t *tally) arrive(a arrival) {
	t.told++
	if !a.ok {
		return
	}
	if t.received == 0 || a.at < t.firstArrived {
		t.firstArrived, t.firstSize = a.at, a.size
	}
	t.received++
	t.got += a.size
	t.lastArrived = max(t.lastArrived, a.at)
}

// rates returns how fast the cluster was sent and how fast it arrived; false when too little of it did.
func (t *tally) rates(lost float64) (sent, arrived float64, ok bool) {
	out, in := t.lastSent-t.firstSent, t.lastArrived-t.firstArrived
	if t.received < probeLeast || float64(t.received) < 0.8*(1-lost)*float64(t.sent) || out <= 0 {
		return 0, 0, false
	}
	sent = float64(8*(t.bytes-t.lastSize)) / out.Seconds()
	// What arrives faster than it was sent was held up somewhere and let go at once: that shows no more than the sending rate.
	in = max(in, out/4)
	return sent, float64(8*(t.got-t.firstSize)) / in.Seconds() / (float64(t.received) / float64(t.sent)), true
}

// due says whether to wish for a probe now, and of which rate.
func (p *probing) due(now time.Duration, target, ceiling float64) bool {
	if p.open || p.wished || now < p.next || target >= 0.9*ceiling {
		return false
	}
	factor := probeNext
	if p.cluster == 0 {
		factor = probeFirst
	}
	p.rate, p.wished, p.tally, p.deadline = min(target*factor, ceiling), true, tally{}, now+probeAnswer
	p.cluster++
	return true
}

// begin opens the cluster when its first packet is about to go out.
func (p *probing) begin(deadline time.Duration) {
	p.wished, p.open, p.tally, p.deadline = false, true, tally{}, deadline
}

// over closes the cluster, and sets when the next may follow: at once where this one showed that the path bears more than was known.
func (p *probing) over(now time.Duration, more bool) {
	p.open, p.wished = false, false
	if more {
		p.wait, p.next = probeFailed, now
		return
	}
	p.next = now + max(p.wait, probeFailed)
	p.wait = min(2*max(p.wait, probeFailed), probeMost)
}
