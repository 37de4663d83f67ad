package video

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/payload"
)

// Outlet is what one person gets of a sender: the layer that their path and their tile bear. It is the track to add to the connections to
// that person, and stays the same as layers and sources come and go, so that nothing is negotiated. Any goroutine may call its
// methods. The sender's owner closes it when the person goes.
type Outlet struct {
	s *Sender

	binding  sync.Mutex                 // serialises changes of bindings
	bindings atomic.Pointer[[]*binding] // never changed in place
	busy     atomic.Pointer[func() bool]

	// These are guarded by the sender's mu.
	allowance int // bit/s; negative is not known, and no limit
	paused    bool
	seen      bool // the other side shows the picture
	width     int  // at which they do, in pixels; 0 is not known, and full size
	height    int
	requests  allowanceOfKeys
	stats     OutletStats
	rate      rateMeter
	since     time.Time // when stats last took notice of the reason
	climb     climber
	rung      int // of the ladder, that suits
	bitRate   int // at the most
	apart     separations
	owed      bool // a key frame, since this is another layer
	behind    bool // what was sent broke off, and goes on with a key frame
	worth     int  // bit/s that this person could make use of

	layer   int  // that it gets, or gets next; -1 is none
	codec   int  // likewise
	foreign bool // takes none of this program's codecs

	// Only the sender's goroutine touches these: what was sent of the frame that is being sent.
	sentPackets, sentBytes int
	sentFrame              bool
}

// separations say for each layer but the smallest whether somebody is kept from it, since others there have much more.
type separations [layerCount - 1]bool

// binding is one peer connection that an outlet sends to. Connections to one person overlap when one takes the place of another. Only the
// sender's goroutine uses it, once it is in the list.
type binding struct {
	id       string
	ssrc     uint32
	types    []uint8 // the payload type of each codec; 0 where it is not known there
	writer   webrtc.TrackLocalWriter
	up       bool // packets go through
	needKey  bool // nothing makes sense there before a key frame
	sequence uint16
	codec    int // of the frame sent last
	splitter payload.Splitter
	header   rtp.Header // of the packet being sent; pion adds header extensions that this peer negotiated
}

var _ webrtc.TrackLocal = (*Outlet)(nil)

// NewOutlet returns what one more person is to get. Nothing is sent before it is bound to a connection.
func (s *Sender) NewOutlet() *Outlet {
	o := &Outlet{s: s, allowance: -1, seen: true, layer: -1, codec: -1}
	o.bindings.Store(&[]*binding{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outlets = append(s.outlets, o)
	return o
}

// Close ends sending to the person. A second Close does nothing.
func (o *Outlet) Close() {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	o.s.outlets = slices.DeleteFunc(o.s.outlets, func(other *Outlet) bool { return other == o })
}

// SetAllowance says how many bit/s of RTP payload the path to the person has for this outlet. The lowest that is of any use is 15,000; with less,
// nothing is sent. Negative is no limit, as at the start.
func (o *Outlet) SetAllowance(bitRate int) {
	o.s.mu.Lock()
	o.allowance = bitRate
	o.paused = bitRate >= 0 && (bitRate < leastAllowance || o.paused && bitRate < 2*leastAllowance)
	o.s.mu.Unlock()
	o.s.wake()
}

const leastAllowance = 15_000

// SetBusy says by what to know that so many pictures wait on this side to be sent to the person that another would be late. It is asked before each picture, on
// the sender's goroutine, and must not wait. One that is late for everybody who would get it is not made: to leave it out later would take a key frame,
// which a path that is narrow has no room for.
func (o *Outlet) SetBusy(busy func() bool) { o.busy.Store(&busy) }

// SetView says at which size, in pixels, the person shows the picture; 0x0 is not at all, and costs nothing. A negative size is the full one, as
// at the start. Showing begins with a key frame.
func (o *Outlet) SetView(width, height int) {
	o.s.mu.Lock()
	o.seen = width != 0 && height != 0
	o.width, o.height = max(width, 0), max(height, 0)
	o.s.mu.Unlock()
	o.s.wake()
}

// Demand returns how many bit/s the person could make use of: 0 when there is nothing to send, or nobody looks.
func (o *Outlet) Demand() int {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	switch {
	case !o.s.running || !o.seen:
		return 0
	case o.worth == 0:
		return unknownDemand
	}
	return o.worth
}

// unknownDemand is taken for what a picture needs that is not there yet: the start should not be missed.
const unknownDemand = 2_000_000

// RequestKeyFrame makes a frame soon to be sent a key frame; see [Sender.RequestKeyFrame]. Call it for every PLI and FIR of the person. Somebody
// who asks without end gets one now and then: others get the same frames. It says whether the request counts.
func (o *Outlet) RequestKeyFrame() bool { return o.request(false) }

// Restart is [Outlet.RequestKeyFrame] for a person who has nothing of what was sent, since there was no path to them: they need not wait for others.
func (o *Outlet) Restart() bool { return o.request(true) }

func (o *Outlet) request(urgent bool) bool {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	if !o.requests.take(time.Now()) {
		return false
	}
	o.askKey(urgent)
	return true
}

// askKey is called with the sender's mu held.
func (o *Outlet) askKey(urgent bool) {
	if o.layer >= 0 {
		o.s.layers[o.layer].keys.ask(urgent)
	}
}

// allowanceOfKeys bounds how many key frames one person causes.
type allowanceOfKeys struct {
	spent int
	last  time.Time
}

const (
	keysAtOnce = 6
	keyEvery   = 1500 * time.Millisecond
)

func (a *allowanceOfKeys) take(now time.Time) bool {
	if n := int(now.Sub(a.last) / keyEvery); n > 0 {
		a.spent, a.last = max(0, a.spent-n), now
	}
	if a.spent >= keysAtOnce {
		return false
	}
	a.spent++
	return true
}

// Bind implements webrtc.TrackLocal: it adds a connection once that has negotiated codecs. Of those that both sides have, any may be sent at any time; the one
// returned is the first.
func (o *Outlet) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	types := make([]uint8, len(codecs))
	var first webrtc.RTPCodecParameters
	for _, negotiated := range ctx.CodecParameters() {
		i, ok := codecOf(negotiated)
		if !ok || types[i] != 0 || negotiated.PayloadType == 0 || negotiated.PayloadType > 127 {
			continue
		}
		types[i] = uint8(negotiated.PayloadType)
		if first.PayloadType == 0 {
			first = negotiated
		}
	}
	if first.PayloadType == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	o.change(func(all []*binding) []*binding {
		return append(all, &binding{
			id: ctx.ID(), ssrc: uint32(ctx.SSRC()), types: types, writer: ctx.WriteStream(), needKey: true, sequence: uint16(rand.Uint32()),
		})
	})
	o.s.mu.Lock()
	o.s.agreed, o.foreign = time.Time{}, false
	o.askKey(true)
	o.s.mu.Unlock()
	o.s.wake()
	return first, nil
}

// Unbind implements webrtc.TrackLocal. A packet that is being written may still go to the connection.
func (o *Outlet) Unbind(ctx webrtc.TrackLocalContext) error {
	err := webrtc.ErrUnbindFailed
	o.change(func(all []*binding) []*binding {
		return slices.DeleteFunc(all, func(b *binding) bool {
			if b.id != ctx.ID() {
				return false
			}
			err = nil
			return true
		})
	})
	return err
}

// change replaces the list of bindings with what edit makes of a copy of it.
func (o *Outlet) change(edit func([]*binding) []*binding) {
	o.binding.Lock()
	defer o.binding.Unlock()
	all := edit(slices.Clone(*o.bindings.Load()))
	o.bindings.Store(&all)
}

// ID implements webrtc.TrackLocal.
func (o *Outlet) ID() string { return o.s.id }

// StreamID implements webrtc.TrackLocal.
func (o *Outlet) StreamID() string { return o.s.streamID }

// RID implements webrtc.TrackLocal: each person gets one layer, as if there were no other.
func (o *Outlet) RID() string { return "" }

// Kind implements webrtc.TrackLocal.
func (o *Outlet) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeVideo }

// Timestamp returns the RTP timestamp of a picture that is captured at that time.
func (o *Outlet) Timestamp(at time.Time) uint32 { return o.s.start + uint32(o.s.passed(at)) }

// active says whether anything is sent to the person. It is called with the sender's mu held.
func (o *Outlet) active() bool { return o.seen && !o.paused && len(*o.bindings.Load()) > 0 }

// gets says whether there is a codec for the person too. It is called with the sender's mu held.
func (o *Outlet) gets() bool { return o.active() && o.codec >= 0 }

// restart lets nothing through before a key frame.
func (o *Outlet) restart() {
	for _, b := range *o.bindings.Load() {
		b.needKey = true
	}
}
