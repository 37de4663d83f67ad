package congestion

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
)

// Kind is what a packet is sent for.
type Kind uint8

// The kinds of packets.
const (
	Audio Kind = iota
	Video
	Repair  // video that is sent again
	Padding // of a probe
)

// DefaultStart is what is sent soon after the beginning, in bit/s, unless the path is seen to bear less: enough for a good picture of 640x360. In the
// first moments it is a part of that (start.go).
const DefaultStart = 900_000

// Config says between what bounds a controller moves. The zero value is usable.
type Config struct {
	Start int // bit/s, before anything is known; 0 is DefaultStart
	Least int // bit/s; 0 is 30,000
	Most  int // bit/s; 0 is 20,000,000
}

// State is what a controller knows of the path.
type State struct {
	Target    int           // bit/s that all packets together may have, headers down to IP's included
	Pace      int           // bit/s at which what waits for its turn may go out; what cannot wait, sound, does not heed it
	Carries   int           // bit/s that the path was last seen to carry at the most; 0 where that is not known
	Sent      int           // bit/s that they had in the last half second
	Repairs   int           // bit/s of that which went into repairs
	Loss      float64       // 0 to 1, smoothed
	PathLoss  float64       // likewise, but for what was lost while packets waited on the path: less rate makes it no smaller
	RoundTrip time.Duration // 0 before it is known
	Queue     time.Duration // for which packets wait on the path
	Reported  bool          // the peer reports arrivals
	Pictures  bool          // a packet of video arrived
	Short     bool          // the call could use more than the target; see SetDemand
	Opening   bool          // it is not known yet how fast the first pictures arrive
	Held      bool          // the path may have become much narrower a moment ago: what is known of it is not to be relied on
}

// Controller decides how much is sent to one peer. Any goroutine may call its methods; none blocks. Times must not run backwards.
type Controller struct {
	mu      sync.Mutex
	cfg     Config
	epoch   time.Time
	lived   lived
	start   start
	sent    history
	clock   arrivalClock
	scratch []arrival

	out, repairs meter // by this side's clock
	in           meter // delivered, by the peer's clock
	arrived      time.Duration
	pictures     bool          // a packet of video arrived
	reported     int64         // number after the last that was reported on
	latest       time.Duration // when the last report came
	between      time.Duration // two of them, in the mean
	age          reportAge
	tokens       int // reports that may be read now
	tokensAt     time.Duration
	silenced     int     // halvings for want of reports
	before       float64 // the target before those
	demand       float64
	roundTrip    time.Duration
	tripWindow   time.Duration // when the smallest round trip was taken

	queue queueMeter
	surge surge
	loss  lossControl
	gap   gap
	gone  Gap // that the last report told of
	rate  rateControl
	probe probing

	calm  calm
	hush  hush
	rival rival

	holding hold
	news    reportAge     // of the newest packet that a report tells of
	stale   bool          // what the last report told
	deep    time.Duration // when there was last a deep queue all of a sudden
}

const (
	silence       = time.Second // without reports, though something is sent, halves the rate
	mostHalvings  = 3
	reportsAtOnce = 20
	reportEvery   = 10 * time.Millisecond // on average, at the most
)

// New returns a controller of a path that nothing is known of.
func New(cfg Config, now time.Time) *Controller {
	if cfg.Start <= 0 {
		cfg.Start = DefaultStart
	}
	if cfg.Least <= 0 {
		cfg.Least = 30_000
	}
	if cfg.Most <= 0 {
		cfg.Most = 20_000_000
	}
	c := &Controller{cfg: cfg, epoch: now, scratch: make([]arrival, 0, 128), tokens: reportsAtOnce}
	c.rate.target = startUnheard * float64(cfg.Start)
	return c
}

// Send notes that a packet of that many bytes, all headers included, is about to be sent, and returns its transport-wide number.
func (c *Controller) Send(size int, kind Kind, now time.Time) uint16 {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.at(now)
	c.start.begins(at, size, kind)
	r := record{at: at, stood: c.lived.stood, size: size, kind: kind}
	if c.probe.wished && kind == Padding {
		c.probe.begin(at + probeAnswer + c.roundTrip)
	}
	if c.probe.open && at-c.probe.tally.firstSent <= 2*probeFor || c.probe.open && c.probe.tally.sent == 0 {
		r.cluster = c.probe.cluster
		c.probe.tally.send(at, size)
	}
	c.out.add(at, size)
	if kind == Repair {
		c.repairs.add(at, size)
	}
	return uint16(c.sent.add(r))
}

// SetDemand says how much the call could use of this path, in bit/s: nothing beyond it, and a margin, is probed for. 0 is as much
// as there is.
func (c *Controller) SetDemand(bitRate int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.demand = float64(bitRate)
}

// at returns the time of the controller at that of the clock.
func (c *Controller) at(now time.Time) time.Duration { return c.lived.at(now.Sub(c.epoch)) }

// State returns what is known now. It is to be asked each 50 ms at the least while anything is sent: when it was not, this machine has stood still, and what
// could not be heard meanwhile is not taken for something that the path did.
func (c *Controller) State(now time.Time) State {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.at(now)
	c.watch(at)
	c.starting(at, false)
	sent, _ := c.out.rate(at, 500*time.Millisecond)
	repairs, _ := c.repairs.rate(at, 500*time.Millisecond)
	held := c.held(at)
	return State{
		Target: int(c.rate.target), Pace: int(c.pace(at)), Carries: int(c.carries(at)), Sent: int(sent), Repairs: int(repairs), Loss: c.loss.all, PathLoss: c.loss.path,
		RoundTrip: c.roundTrip, Queue: max(0, c.queue.current), Reported: c.reported > 0, Pictures: c.pictures, Short: c.rate.target < c.demand, Held: held,
		Opening: c.start.unheard(),
	}
}

// How fast packets may follow upon each other, in terms of the target.
const (
	paceUnknown = 4.0 // nothing is known yet, and a key frame is waited for
	paceUsual   = 2.5
	paceCareful = 1.5 // for a while after there was a queue: what gathered meanwhile must not become the next one
	paceTest    = 1.2 // a path where next to nothing waits loses of what comes at once, however little it is
	paceQueued  = 0.5 // what waits on this side does not hold up the sound
	queuePaced  = 150 * time.Millisecond
	carefulFor  = time.Second
	paceHeld    = 0.3  // and of what is sent, until it is known how narrow the path has become
	paceAfter   = 0.95 // for as long again: what waited meanwhile must not become the next queue either
	paceKnown   = 0.9  // of what the path carries: what goes out faster waits there, where the sound cannot overtake it

	knownFrom = 0.3              // of what the path carries; with less, a frame is soon through
	waryFor   = 15 * time.Second // after a deep queue, what a short probe carries is not taken for what the path does
)

func (c *Controller) pace(at time.Duration) float64 {
	switch {
	case c.start.unheard() && c.start.pictures >= startAtOnce:
		return startPace
	case c.reported == 0:
		return paceUnknown * c.rate.target
	case !c.start.over && c.start.opening.known:
		return paceAfter * c.rate.target // until the first probe is back
	case c.holding.on && at-c.holding.since < holdWhole:
		return 0
	case c.holding.on:
		sent, _ := c.out.rate(at, 500*time.Millisecond)
		return paceHeld * min(c.rate.target, max(sent, float64(c.cfg.Least)))
	case c.rate.shrunk > 0 && at-c.rate.shrunk < carefulFor && max(c.queue.current, c.queue.latest) > queuePaced:
		return paceQueued * c.rate.target
	case c.holding.since > 0 && at-c.holding.since < holdMost+carefulFor:
		return paceAfter * c.rate.target
	}
	if c.loss.testing {
		return paceTest * c.rate.target
	}
	pace := paceUsual * c.rate.target
	if c.rate.shrunk > 0 && at-c.rate.shrunk < carefulFor {
		pace = paceCareful * c.rate.target
	}
	if carries := c.carries(at); carries > 0 {
		if c.queue.current >= queueTooLong {
			carries = 0 // what stands there goes first
		}
		pace = min(pace, max(c.rate.target, paceKnown*carries))
	}
	return pace
}

// carries returns what the path was last seen to carry at the most; 0 where that is not known, or proved wrong.
func (c *Controller) carries(at time.Duration) float64 {
	if c.deep > 0 && at-c.deep < waryFor {
		return max(c.rate.limit, c.rate.target)
	}
	if !c.limited() {
		return 0
	}
	return c.rate.limit
}

// limited says whether it is known what the path carries, and the target is about that.
func (c *Controller) limited() bool {
	return c.rate.limit > 0 && c.rate.target <= c.rate.limit*(1+near) && c.rate.target >= c.rate.limit*knownFrom
}

// Probe returns a cluster that is to be sent now, if one is. It counts as under way from its first packet of [Padding] on.
func (c *Controller) Probe(now time.Time) (Probe, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.at(now)
	if (c.probe.open || c.probe.wished) && at > c.probe.deadline {
		c.conclude(at) // a wish lapses: who was to send the padding may have had no stream for it any more
	}
	if !c.start.over && (c.start.clear == 0 || c.start.unheard()) || c.reported == 0 || !c.queue.empty() || c.loss.testing || !c.probe.due(at, c.rate.target, c.ceiling()) {
		return Probe{}, false
	}
	bytes := max(int(c.probe.rate*probeFor.Seconds()/8), probeLeast*256+1)
	return Probe{Rate: int(c.probe.rate), Bytes: bytes}, true
}

func (c *Controller) ceiling() float64 {
	most := float64(c.cfg.Most)
	if c.demand > 0 {
		most = min(most, max(probeDemand*c.demand, 2*float64(c.cfg.Start)))
	}
	return most
}

// Feedback takes a report on when packets arrived. It returns the gap whose end that tells of.
func (c *Controller) Feedback(f *rtcp.TransportLayerCC, now time.Time) Gap {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.at(now)
	if c.sent.next == 0 || !c.admit(at) {
		return Gap{}
	}
	c.gone = Gap{}
	back := c.returned(at)
	c.scratch = c.walk(f, c.scratch[:0])
	came, least := c.digest(at)
	if came > 0 {
		c.queue.add(at, least, came)
	}
	if r := c.sent.find(c.reported - 1); r != nil {
		c.lengthen(at, at-r.at)
		c.stale = c.overdue(&c.news, at, at-r.at)
		c.news.add(at - r.at)
	}
	c.settle(at)
	if back {
		c.loss.forget() // what a path lost while it was gone says nothing of what it bears
	}
	c.opens(at)
	c.decide(at)
	c.starting(at, came > 0 && c.queue.n > 1 && c.queue.latest <= queueTolerated)
	c.bound()
	return c.gone
}

// admit bounds how many reports are read.
func (c *Controller) admit(at time.Duration) bool {
	if n := int((at - c.tokensAt) / reportEvery); n > 0 {
		c.tokens, c.tokensAt = min(c.tokens+n, reportsAtOnce), at
	}
	if c.tokens == 0 {
		return false
	}
	c.tokens--
	return true
}

// digest goes through what a report says: how many packets came, and the smallest one-way delay of those.
func (c *Controller) digest(at time.Duration) (came int, least time.Duration) {
	for i, a := range c.scratch {
		if i == 0 {
			c.fill()
			if a.number == c.reported {
				c.age.add(at - a.record.at)
			}
		}
		c.reported = max(c.reported, a.number+1)
		before := a.fate
		if before == received || before == lost && !a.ok {
			continue
		}
		a.fate = lost
		if a.ok {
			a.fate = received
			if came == 0 || a.at > c.arrived {
				c.arrived = a.at
			}
			c.in.add(a.at, a.size)
			c.pictures = c.pictures || a.kind == Video
			delay := a.at - a.record.real()
			if c.start.unheard() {
				c.start.opening.arrive(at, a.record.real(), a)
			}
			if came == 0 || delay < least {
				least = delay
			}
			came++
			if c.surge.add(at, a.at, delay, a.size) {
				c.surge.sent = c.sentBefore(at, at-a.record.at)
			}
			c.hush.hear(c.holding.since, a)
			c.measureTrip(at, at+c.lived.stood-a.record.real())
		}
		if before == lost { // it was only late
			c.loss.recall(a.size)
			continue
		}
		c.fates(a)
		if a.cluster == c.probe.cluster && c.probe.open {
			c.probe.tally.arrive(a)
		}
	}
	return came, least
}

// fill counts as delivered, as far as as much of it is lost as in this report, what lies between the last report and this one: a report may be lost too, and then
// nobody tells of those packets.
func (c *Controller) fill() {
	first, came := c.scratch[0], 0
	var at time.Duration
	for i := len(c.scratch) - 1; i >= 0; i-- {
		if c.scratch[i].ok {
			came++
			at = c.scratch[i].at
		}
	}
	if c.reported == 0 || came == 0 {
		return
	}
	share := float64(came) / float64(len(c.scratch))
	for n := max(c.reported, first.number-historySize); n < first.number; n++ {
		if r := c.sent.find(n); r != nil && r.fate == unknown {
			c.in.add(at, int(float64(r.size)*share))
		}
	}
}

// measureTrip keeps the smallest round trip of some seconds: reports wait for each other at the peer.
func (c *Controller) measureTrip(at, trip time.Duration) {
	if trip <= 0 {
		return
	}
	if c.roundTrip == 0 || trip < c.roundTrip || at-c.tripWindow > 5*time.Second {
		c.roundTrip, c.tripWindow = min(trip, 2*time.Second), at
	}
}

// settle deals with a probe once all of it was told.
func (c *Controller) settle(at time.Duration) {
	p := &c.probe
	if p.open && p.tally.sent > 0 && p.tally.told >= p.tally.sent && at-p.tally.firstSent > 2*probeFor {
		c.conclude(at)
	}
}

// conclude takes what a probe showed, if that is more than what is known.
func (c *Controller) conclude(at time.Duration) {
	p := &c.probe
	sent, arrived, ok := p.tally.rates(c.loss.all)
	c.started(!ok)
	if !ok {
		p.over(at, false)
		return
	}
	borne := arrived >= probeCarried*min(sent, p.rate)
	shown := min(sent, arrived) * probeMargin
	more := shown > c.rate.target
	if more {
		c.rate.target = shown
		c.loss.afresh(at)
		if shown > c.rate.limit { // what was known of the limit does not hold any more
			c.rate.limit = 0
			if !borne {
				c.rate.limit = arrived
			}
		}
		c.bound()
	}
	p.over(at, borne && more)
}

// bound keeps the rate within what was configured.
func (c *Controller) bound() {
	c.rate.target = min(max(c.rate.target, float64(c.cfg.Least)), float64(c.cfg.Most))
}
