package peer

import (
	"time"

	"parley/call/congestion"
)

// Allowance is what the path to the other side bears now.
type Allowance struct {
	BitRate   int           // bit/s for new packets of sound and pictures together, headers included: without repairs, which take their share first
	Loss      float64       // of packets, 0 to 1, smoothed
	PathLoss  float64       // likewise, while none waited on the path: what less rate does not help against, and repair packets do
	RoundTrip time.Duration // 0 where it is not known
	Queue     time.Duration // for which packets wait on the path
	// Pictures says that some arrived, or that the other side does not tell. Before, no more than sound shows is known of the path, since there is nothing else
	// that could be sent to look for more.
	Pictures bool
	Opening  bool // it is not known yet how fast the first pictures arrive
}

const (
	allowancePeriod  = 50 * time.Millisecond
	allowanceQuantum = 0.01   // a smaller change is not told
	heldLeast        = 60_000 // bit/s: sound, and pictures as small as they get
	reportsUsual     = 25_000 // bit/s that are told of what comes, before that is known
	limitKept        = 0.97   // of what a limit leaves: encoders make somewhat more than they are told
	limitedLeast     = 30_000 // bit/s, however low a limit is, as on the narrowest path
)

func allowanceOf(s congestion.State) Allowance {
	repairs := min(float64(s.Repairs), repairShare*float64(s.Target))
	bitRate := s.Target - int(repairs)
	if s.Held {
		// Less of what is made now is made in vain. But to stop the smallest pictures would take a key frame.
		bitRate = max(bitRate/2, min(bitRate, heldLeast))
	}
	return Allowance{
		BitRate: bitRate, Loss: s.Loss, PathLoss: s.PathLoss, RoundTrip: s.RoundTrip, Queue: s.Queue, Pictures: s.Pictures || !s.Reported,
		Opening: s.Opening,
	}
}

// SetLimit says how much all that this side sends may take, in bit/s, repairs and what is told of what comes from the other side included; 0 is as much as the path
// bears. Sound does not wait: what it is given is up to who sends it. It returns true if that is another limit than before: then what is allowed may be another too.
func (c *Conn) SetLimit(bitRate int) (changed bool) {
	c.mu.Lock()
	changed, c.limit = bitRate != c.limit, bitRate
	l := c.current
	c.mu.Unlock()
	if l != nil {
		l.transport.limitTo(bitRate)
	}
	return changed
}

func (t *transport) limitTo(bitRate int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limit != bitRate {
		t.limit = bitRate
		t.look(time.Now())
	}
}

// SetDemand says how much this side could use of the path, in bit/s: more is not looked for. 0 is as much as there is.
func (c *Conn) SetDemand(bitRate int) {
	c.mu.Lock()
	c.demand = bitRate
	l := c.current
	c.mu.Unlock()
	if l != nil {
		l.transport.control.SetDemand(bitRate)
	}
}

// Allowance returns what the path bears, and false when there is none.
func (c *Conn) Allowance() (Allowance, bool) {
	l := c.inUse()
	if l == nil {
		return Allowance{}, false
	}
	return l.transport.allowance(), true
}

// Busy says whether another picture would come late, or never, since so many wait to be sent or there is no path yet: better make none now than send none of it,
// for which a key frame would have to make up. It does not block on the network.
func (c *Conn) Busy() bool {
	l := c.inUse()
	return l != nil && (!l.transport.isUp() || l.transport.late(time.Now()))
}

// tellAllowance tells what the path bears, at first and with each change. It ends with the link.
func (c *Conn) tellAllowance(l *link) {
	if c.cfg.OnAllowance == nil {
		return
	}
	tick := time.NewTicker(allowancePeriod)
	defer tick.Stop()
	var told Allowance
	for {
		now := l.transport.allowance()
		if c.inUse() == l && now.differs(told) {
			c.cfg.OnAllowance(now)
			told = now
		}
		select {
		case <-tick.C:
		case <-l.gone:
			return
		}
	}
}

// differs says whether it is to be told, where another was told last.
func (a Allowance) differs(told Allowance) bool {
	return differs(a.BitRate, told.BitRate) || a.Pictures != told.Pictures || a.Opening != told.Opening || (a.Loss-told.Loss) > 0.005 || (told.Loss-a.Loss) > 0.005
}

func differs(a, b int) bool {
	d := float64(a - b)
	return d > allowanceQuantum*float64(b) || -d > allowanceQuantum*float64(b)
}
