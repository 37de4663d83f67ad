package audio

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// Feed is the sound of the own microphone on its way to one peer. Frames are encoded once for all of them; a feed adds the copies of
// earlier frames that its peer's path calls for. It is a [webrtc.TrackLocal]: a connection that it is added to binds and unbinds it, and nothing else has
// to be closed. Any goroutine may use it.
type Feed struct {
	sender *sender

	// mu is held while a packet is written.
	mu         sync.Mutex
	wires      []wire // more than one while a connection is built anew
	resilience resilience
	written    int // packets since the peer was last told to have lost any, or none
}

// wire is a connection that a feed is bound to.
type wire struct {
	id        string
	to        webrtc.TrackLocalWriter
	ssrc      uint32
	opus, red uint8 // payload types; red is 0 where it was not negotiated
	level     uint8 // id of the header extension with the level (RFC 6464), or 0
}

// NewFeed returns the sound of the own microphone for one more peer.
func (e *Engine) NewFeed() *Feed { return &Feed{sender: e.sender} }

// SetLoss tells the share of packets, 0 to 1, that the peer lost since it was last told: about once a second, as it reports. It
// decides how many earlier frames go again with each (RED), where the peer knows that, two before anything is told, and how much of the sound before it a frame
// describes (DRED), where libopus has that; the worst of the other peers decides how well a frame repeats the one before (in-band FEC).
func (f *Feed) SetLoss(share float64) {
	f.mu.Lock()
	f.resilience.note(share, f.written)
	f.written = 0
	f.mu.Unlock()
	f.sender.retune()
}

// SetAllowance tells what the sound may take of the path, in bit/s, copies and DRED included and headers not; 0 is that nobody knows. The least of what
// peers bear decides what a frame costs, from 12 to 64 kbit/s; where nobody knows it is 40. Music costs up to 128, where nobody knows too. Where there is too little for copies,
// there are fewer, and no DRED.
func (f *Feed) SetAllowance(bitRate int) {
	f.mu.Lock()
	f.resilience.limit = max(0, bitRate)
	f.mu.Unlock()
	f.sender.retune()
}

// Demand returns what the sound would take of the path, in bit/s without headers, if it were allowed as much as it has a use for.
func (f *Feed) Demand() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	sound := f.sender.rates()
	return (1+f.resilience.wanted(f.takesCopies()))*sound.usual + sound.costOf(f.resilience.described(sound))
}

// Redundancy returns how many earlier frames go again with each to this peer.
func (f *Feed) Redundancy() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.plan().copies
}

// BitRate returns what the sound takes now of the path to this peer when somebody talks, in bit/s, without headers.
func (f *Feed) BitRate() int {
	f.mu.Lock()
	p := f.plan()
	f.mu.Unlock()
	sound := f.sender.rates()
	return (1+p.copies)*f.sender.bitRate() + sound.costOf(p.deep)
}

// Bind implements [webrtc.TrackLocal].
func (f *Feed) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	w := wire{id: ctx.ID(), to: ctx.WriteStream(), ssrc: uint32(ctx.SSRC())}
	var opus webrtc.RTPCodecParameters
	frames := uint8(0) // of RED
	for _, c := range ctx.CodecParameters() {
		switch {
		case strings.EqualFold(c.MimeType, webrtc.MimeTypeOpus) && opus.MimeType == "":
			opus, w.opus = c, uint8(c.PayloadType)
		case strings.EqualFold(c.MimeType, mimeTypeRED) && c.ClockRate == SampleRate:
			w.red, frames = uint8(c.PayloadType), redFrames(c)
		}
	}
	if opus.MimeType == "" {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	if frames != w.opus {
		w.red = 0
	}
	for _, h := range ctx.HeaderExtensions() {
		if h.URI == LevelURI && 0 < h.ID && h.ID < 15 { // of one-byte headers: RFC 8285 section 4.2
			w.level = uint8(h.ID)
		}
	}
	f.mu.Lock()
	f.wires = append(f.wires, w)
	f.mu.Unlock()
	f.sender.attach(f)
	return opus, nil
}

// Unbind implements [webrtc.TrackLocal].
func (f *Feed) Unbind(ctx webrtc.TrackLocalContext) error {
	f.mu.Lock()
	at := slices.IndexFunc(f.wires, func(w wire) bool { return w.id == ctx.ID() })
	if at >= 0 {
		f.wires = slices.Delete(f.wires, at, at+1)
	}
	last := len(f.wires) == 0
	f.mu.Unlock()
	if at < 0 {
		return webrtc.ErrUnbindFailed
	}
	if last {
		f.sender.detach(f)
	}
	return nil
}

// ID, RID, StreamID and Kind implement [webrtc.TrackLocal].
func (f *Feed) ID() string                { return "audio" }
func (f *Feed) RID() string               { return "" }
func (f *Feed) StreamID() string          { return f.sender.streamID }
func (f *Feed) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

// plan is that of the last connection. f.mu is held.
func (f *Feed) plan() plan { return f.resilience.plan(f.takesCopies(), f.sender.rates()) }

func (f *Feed) takesCopies() bool {
	n := len(f.wires)
	return n > 0 && f.wires[n-1].red != 0
}

// need tells what the encoder has to do for this peer, and the share of packets that in-band FEC has to reckon with.
func (f *Feed) need() (loss float64, p plan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p = f.plan()
	if p.copies > 0 {
		return 0, p
	}
	return f.resilience.loss, p
}

// write sends a frame, and says how many copies went with it. packet is the feed's to change until write returns; buffer holds redMaxPacket bytes.
func (f *Feed) write(packet *outgoing) (copies int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.written++
	plan, frame := f.plan(), packet.payload
	if plan.deep == 0 {
		frame = packet.bare
	}
	for i := range f.wires {
		w := &f.wires[i]
		header, payload := &packet.header, frame
		header.SSRC, header.PayloadType = w.ssrc, w.opus
		if w.red != 0 && plan.copies > 0 {
			payload, copies = packet.before.appendRED(packet.buffer[:0], w.opus, header.Timestamp, payload, plan.copies)
			if copies > 0 {
				header.PayloadType = w.red
			} else {
				payload = frame
			}
		}
		header.Extension, header.Extensions = false, header.Extensions[:0]
		if w.level != 0 {
			err = errors.Join(err, header.SetExtension(w.level, packet.level[:]))
		}
		_, failed := w.to.WriteRTP(header, payload)
		err = errors.Join(err, failed)
	}
	return copies, err
}

// outgoing is a frame on its way to all peers.
type outgoing struct {
	header  rtp.Header
	payload []byte
	bare    []byte  // the payload without deep redundancy
	level   [1]byte // RFC 6464
	before  sentFrames
	buffer  [redMaxPacket]byte
}
