package video_test

import (
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/impair"
	"parley/call/video"
)

// network is a bad path there and back between a sender's track and a receiver. Like pion it answers a request for a packet
// once in a round trip, sends repairs apart from the rest, and does not wake the reader for them.
type network struct {
	mu      sync.Mutex
	start   time.Time
	there   *impair.Pipe[sent]
	back    *impair.Pipe[request]
	kept    map[uint16]*kept
	fresh   chan []byte
	repairs chan []byte
	closed  chan struct{}

	onKeyFrameRequest func()
	deadline          time.Time // the reader's
	repairsSent       int
	repairBytes       int        // of RTP payload in those
	requests          [][]uint16 // as they were made
}

type sent struct {
	raw    []byte
	repair bool
}

// request is a NACK, or a PLI without any.
type request []uint16

type kept struct {
	raw    []byte
	resent time.Time
}

const (
	oneWay    = 50 * time.Millisecond
	roundTrip = 2 * oneWay
	tick      = time.Millisecond
	rtpHeader = 12 // bytes
)

func newNetwork(seed uint64, there, back impair.Conditions) *network {
	return &network{
		start: time.Now(), there: impair.NewPipe[sent](seed, there), back: impair.NewPipe[request](seed+1, back),
		kept: map[uint16]*kept{}, fresh: make(chan []byte, 4096), repairs: make(chan []byte, 50), closed: make(chan struct{}),
	}
}

// run carries packets until the network is closed.
func (n *network) run() {
	for {
		select {
		case <-n.closed:
			close(n.fresh)
			return
		case <-time.After(tick):
			n.carry()
		}
	}
}

func (n *network) carry() {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Since(n.start)
	for p, ok := n.there.Pop(now); ok; p, ok = n.there.Pop(now) {
		to := n.fresh
		if p.repair {
			to = n.repairs
		}
		select {
		case to <- p.raw:
		default: // full
		}
	}
	for r, ok := n.back.Pop(now); ok; r, ok = n.back.Pop(now) {
		if r == nil {
			n.onKeyFrameRequest()
		}
		for _, sequence := range r {
			if k := n.kept[sequence]; k != nil && time.Since(k.resent) > roundTrip+5*time.Millisecond {
				k.resent = time.Now()
				n.repairsSent++
				n.repairBytes += len(k.raw) - rtpHeader
				n.there.Push(now, len(k.raw), sent{k.raw, true})
			}
		}
	}
}

func (n *network) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	raw, err := (&rtp.Packet{Header: *h, Payload: payload}).Marshal()
	if err != nil {
		return 0, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kept[h.SequenceNumber] = &kept{raw: raw}
	delete(n.kept, h.SequenceNumber-1024)
	n.there.Push(time.Since(n.start), len(raw), sent{raw, false})
	return len(raw), nil
}

func (n *network) Write([]byte) (int, error) { panic("the sender writes header and payload") }

func (n *network) Read(b []byte) (int, interceptor.Attributes, error) {
	select {
	case raw := <-n.repairs:
		return copy(b, raw), interceptor.Attributes{webrtc.AttributeRtxSsrc: uint32(1)}, nil
	default:
	}
	var expired <-chan time.Time
	if !n.deadline.IsZero() {
		timer := time.NewTimer(time.Until(n.deadline))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case raw, ok := <-n.fresh:
		if !ok {
			return 0, nil, io.EOF
		}
		return copy(b, raw), nil, nil
	case <-expired:
		return 0, nil, os.ErrDeadlineExceeded
	}
}

func (n *network) SetReadDeadline(t time.Time) error {
	n.deadline = t
	return nil
}

func (n *network) askForRepairs(sequences []uint16) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests = append(n.requests, slices.Clone(sequences))
	n.back.Push(time.Since(n.start), 80, slices.Clone(sequences))
}

func (n *network) askForKeyFrame() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.back.Push(time.Since(n.start), 80, nil)
}

func (n *network) set(there, back impair.Conditions) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.there.Set(there)
	n.back.Set(back)
}

// outcome is what a call through a network came to.
type outcome struct {
	in       video.ReceiverStats
	out      video.SenderStats
	pictures []shown
	asked    int // packets, each as often as it was asked for
	requests int // messages
	repairs  int // packets
	repaired int // bytes of RTP payload in those
}

// through makes a call through a network for that long. during is called beside it, nil is not: held
// tells how long frames were held in the mean since it was last called.
func through(t *testing.T, seed uint64, there, back impair.Conditions, long time.Duration, during func(n *network, held func() time.Duration)) (o outcome) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(seed, there, back)
		c := &call{camera: newCamera(320, 180), sender: video.NewSender(video.SenderConfig{BitRate: 800_000})}
		n.onKeyFrameRequest = c.sender.RequestKeyFrame
		c.viewer = watchWith(video.ReceiverConfig{Track: n, RequestKeyFrame: n.askForKeyFrame, RequestRepair: n.askForRepairs})
		bind(t, c.sender, "peer", n)
		c.sender.SetSource(c.camera)
		go n.run()
		if during != nil {
			go during(n, meanDelay(c.viewer))
		}
		time.Sleep(long)
		o.in, o.out = c.viewer.Stats(), c.sender.Stats()
		o.pictures = c.viewer.pictures(t)
		n.mu.Lock()
		o.requests, o.repairs, o.repaired = len(n.requests), n.repairsSent, n.repairBytes
		for _, r := range n.requests {
			o.asked += len(r)
		}
		n.mu.Unlock()
		if err := c.sender.Close(); err != nil {
			t.Error(err)
		}
		close(n.closed)
		if err := <-c.viewer.done; err != nil {
			t.Error(err)
		}
	})
	return o
}

// meanDelay returns a function that tells how long frames were held since it was called last.
func meanDelay(v *viewer) func() time.Duration {
	var before video.ReceiverStats
	return func() time.Duration {
		now := v.Stats()
		held, n := now.JitterBufferDelay-before.JitterBufferDelay, now.JitterBufferEmittedCount-before.JitterBufferEmittedCount
		before = now
		return held / time.Duration(max(n, 1))
	}
}

// longest returns the longest time between two pictures.
func (o outcome) longest() (gap time.Duration) {
	for i := 1; i < len(o.pictures); i++ {
		gap = max(gap, o.pictures[i].at.Sub(o.pictures[i-1].at))
	}
	return gap
}

// delay returns how long frames were held, in the mean, beside what their decoding took.
func (o outcome) delay() time.Duration {
	return o.in.JitterBufferDelay / time.Duration(max(o.in.JitterBufferEmittedCount, 1))
}

func (o outcome) String() string {
	return fmt.Sprintf("%d of %d frames shown; %d freezes, %v; longest %v; %d key frames asked for; %d packets sent, %d repairs, "+
		"asked %d times in %d messages; %d came again, %d discarded; held for %v",
		len(o.pictures), o.out.FramesSent, o.in.FreezeCount, o.in.TotalFreezesDuration, o.longest(), o.in.PLICount, o.out.PacketsSent,
		o.repairs, o.asked, o.requests, o.in.RetransmittedPacketsReceived, o.in.PacketsDiscarded, o.delay())
}
