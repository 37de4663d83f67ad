package congestion_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"

	"parley/call/congestion"
)

const (
	step         = time.Millisecond
	frameEvery   = 33 * step
	soundEvery   = 20 * step
	silenceEvery = 400 * step
	reportEvery  = 100 * step
	soundSize    = 160
	packetSize   = 1250
)

// link is a bottleneck: a rate, a queue that drops what does not fit, then a delay with jitter, and loss.
type link struct {
	random *rand.Rand
	rate   func(time.Duration) float64 // bit/s at that time; nil is without limit
	loss   float64
	delay  time.Duration
	jitter time.Duration
	gone   stalls        // nothing passes then
	police float64       // bit/s beyond which packets are dropped with no queue at all; 0 is no such limit
	tokens float64       // the policer's, in bytes
	filled time.Duration // when the policer last got some
	free   time.Duration // when all that is queued will have gone out

	bytes        int           // carried
	dropped      int           // packets that found the queue full, or had no token of the policer's
	droppedBytes int           // of those of the policer
	longest      time.Duration // the longest wait
	deaf         int           // packets of sound that found the queue full
}

const longestQueue = 300 * time.Millisecond

// carry returns when a packet arrives, and false when it does not.
func (l *link) carry(now time.Duration, size int) (time.Duration, bool) {
	at := now
	if l.gone.at(now) {
		return 0, false
	}
	if l.police > 0 {
		l.tokens = min(l.tokens+l.police/8*(now-l.filled).Seconds(), 10_000)
		l.filled = now
		if l.tokens < float64(size) {
			l.dropped++
			l.droppedBytes += size
			return 0, false
		}
		l.tokens -= float64(size)
	}
	if l.rate != nil {
		wait := max(0, l.free-now)
		if wait > longestQueue {
			l.dropped++
			return 0, false
		}
		l.longest = max(l.longest, wait)
		l.free = max(l.free, now) + time.Duration(float64(8*size)/l.rate(now)*float64(time.Second))
		at = l.free
	}
	l.bytes += size
	if l.random.Float64() < l.loss {
		return 0, false
	}
	return at + l.delay + time.Duration(l.random.Float64()*float64(l.jitter)), true
}

// flow is one sender with an encoder, a pacer and sound, its controller, and the receiver that reports.
type flow struct {
	c        *congestion.Controller
	link     *link
	random   *rand.Rand
	most     float64 // that the encoder makes, bit/s
	back     time.Duration
	late     time.Duration // by up to which reports take longer, one after the other
	lossBack float64
	goneBack stalls // no report passes then

	queue    []int // sizes of packets that the pacer holds
	known    int   // target when what it holds was made, at the most
	credit   float64
	padding  int
	padRate  float64
	padding0 float64
	arriving []delivery
	recorder *twcc.Recorder
	reports  []report
	targets  []float64        // each 100 ms
	lost     []uint16         // numbers of what did not arrive
	gaps     []congestion.Gap // that were told of
	lie      func(*rtcp.TransportLayerCC)
	probes   int           // that were wished for
	unpadded bool          // none of them is sent
	silent   bool          // nobody speaks: a packet of sound each 400 ms
	period   time.Duration // of the reports

	near, far stalls        // in which this machine, and the peer's, stands still
	unsent    int           // packets of sound that were recorded while this one stood
	reportAt  time.Duration // when the next is due
}

// stalls are the times in which a machine stands still.
type stalls []stall

type stall struct{ from, to time.Duration }

func (s stalls) at(now time.Duration) bool {
	return slices.ContainsFunc(s, func(s stall) bool { return now >= s.from && now < s.to })
}

type delivery struct {
	at       time.Duration
	sequence uint16
}

type report struct {
	at time.Duration
	f  *rtcp.TransportLayerCC
}

var epoch = time.Unix(1_800_000_000, 0)

func newFlow(seed uint64, l *link, most float64) *flow {
	f := &flow{
		c: congestion.New(congestion.Config{}, epoch), link: l, random: rand.New(rand.NewPCG(seed, 7)), most: most,
		back: l.delay, recorder: twcc.NewRecorder(1), period: reportEvery, reportAt: reportEvery / 2,
	}
	f.c.SetDemand(int(most))
	return f
}

func (f *flow) send(now time.Duration, size int, kind congestion.Kind) {
	sequence := f.c.Send(size, kind, epoch.Add(now))
	before := f.link.dropped
	if at, ok := f.link.carry(now, size); ok {
		f.arriving = append(f.arriving, delivery{at, sequence})
	} else {
		f.lost = append(f.lost, sequence)
	}
	if kind == congestion.Audio {
		f.link.deaf += f.link.dropped - before
	}
}

// step lives through one millisecond.
func (f *flow) step(now time.Duration) {
	if now%soundEvery == 0 && (!f.silent || now%silenceEvery == 0) {
		f.unsent++
	}
	if !f.near.at(now) {
		f.emit(now)
	}
	f.receive(now)
	if now%reportEvery == 0 && !f.near.at(now) {
		f.targets = append(f.targets, float64(f.c.State(epoch.Add(now)).Target))
	}
}

// emit sends what is due.
func (f *flow) emit(now time.Duration) {
	for ; f.unsent > 0; f.unsent-- {
		f.send(now, soundSize, congestion.Audio)
	}
	state := f.c.State(epoch.Add(now))
	busy := f.busy(state.Target)
	if f.known = max(f.known, state.Target); len(f.queue) == 0 || busy && state.Target < f.known*6/10 {
		f.queue, f.known = f.queue[:0], state.Target // it was made for a path that was much wider
	}
	if now%frameEvery == 0 && !busy {
		bits := min(f.most, 0.93*float64(state.Target)-64_000) * frameEvery.Seconds() * (0.7 + 0.6*f.random.Float64())
		for bytes := int(bits / 8); bytes > 0; bytes -= packetSize {
			f.queue = append(f.queue, max(120, min(bytes, packetSize)))
		}
	}
	f.credit = min(f.credit+float64(state.Pace)*step.Seconds()/8, 2*packetSize)
	for len(f.queue) > 0 && f.credit > 0 {
		f.credit -= float64(f.queue[0])
		f.send(now, f.queue[0], congestion.Video)
		f.queue = f.queue[1:]
	}
	if probe, ok := f.c.Probe(epoch.Add(now)); ok {
		f.probes++
		if f.unpadded {
			probe.Bytes = 0
		}
		f.padding, f.padRate, f.padding0 = probe.Bytes, float64(probe.Rate), 0
	}
	for f.padding0 += f.padRate * step.Seconds() / 8; f.padding > 0 && f.padding0 > 0; {
		f.send(now, 300, congestion.Padding)
		f.padding -= 300
		f.padding0 -= 300
	}
}

// busy says whether so much waits that a new frame would come too late.
func (f *flow) busy(target int) bool {
	bytes := 0
	for _, size := range f.queue {
		bytes += size
	}
	return float64(8*bytes) > 0.4*float64(max(target, 100_000))
}

// readAtOnce is how many packets a machine reads in a millisecond.
const readAtOnce = 20

// receive reports what arrived, and lets reports come back.
func (f *flow) receive(now time.Duration) {
	slices.SortStableFunc(f.arriving, func(a, b delivery) int { return int(a.at - b.at) })
	if f.far.at(now) {
		f.overflow(now)
	} else {
		f.hear(now)
	}
	for !f.near.at(now) && len(f.reports) > 0 && f.reports[0].at <= now {
		if f.lie != nil {
			f.lie(f.reports[0].f)
		}
		if gap := f.c.Feedback(f.reports[0].f, epoch.Add(now)); gap != (congestion.Gap{}) {
			f.gaps = append(f.gaps, gap)
		}
		f.reports = f.reports[1:]
	}
}

// mostUnread is how many packets wait for a machine.
const mostUnread = 90

// overflow drops what came to a machine that has stood still for long.
func (f *flow) overflow(now time.Duration) {
	unread := 0
	f.arriving = slices.DeleteFunc(f.arriving, func(d delivery) bool {
		if d.at <= now {
			unread++
		}
		return d.at <= now && unread > mostUnread
	})
}

// hear is what the peer does.
func (f *flow) hear(now time.Duration) {
	waited := f.far.at(now - step) // then all that came meanwhile is read now
	for n := 0; n < readAtOnce && len(f.arriving) > 0 && f.arriving[0].at <= now; n++ {
		at := f.arriving[0].at
		if waited || at <= now-step {
			at = now
		}
		f.recorder.Record(1, f.arriving[0].sequence, (at + 77*time.Second).Microseconds())
		f.arriving = f.arriving[1:]
	}
	if now < f.reportAt {
		return
	}
	f.reportAt += f.period
	for f.reportAt <= now { // none is made up for
		f.reportAt += f.period
	}
	for _, p := range f.recorder.BuildFeedbackPacket() {
		if f.random.Float64() >= f.lossBack && !f.goneBack.at(now) {
			at := now + f.back
			if f.late > 0 {
				at += time.Duration(f.random.Int64N(int64(f.late)))
			}
			if n := len(f.reports); n > 0 {
				at = max(at, f.reports[n-1].at)
			}
			f.reports = append(f.reports, report{at, p.(*rtcp.TransportLayerCC)})
		}
	}
}

// run lives from one time to another, and returns the means of the targets that the flows had.
func run(from, to time.Duration, flows ...*flow) []float64 {
	marks := make([]int, len(flows))
	for i, f := range flows {
		marks[i] = len(f.targets)
	}
	for now := from; now < to; now += step {
		for _, f := range flows {
			f.step(now)
		}
	}
	means := make([]float64, len(flows))
	for i, f := range flows {
		for _, t := range f.targets[marks[i]:] {
			means[i] += t / float64(len(f.targets)-marks[i])
		}
	}
	return means
}

func newLink(seed uint64, rate func(time.Duration) float64) *link {
	return &link{random: rand.New(rand.NewPCG(seed, 1)), rate: rate, delay: 50 * time.Millisecond}
}

func always(rate float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return rate }
}

// seeds makes each test a test of many runs.
func seeds(t *testing.T, f func(t *testing.T, seed uint64)) {
	t.Helper()
	for seed := range uint64(5) {
		f(t, seed)
	}
}
