package peer

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"

	"parley/call/congestion"
)

// transport is what all streams of one link go through on their way to the network. It numbers every packet, sends sound at once and video at
// a pace (pacer.go), answers those who ask for packets again (resend.go), and lets a [congestion.Controller] see what is sent and what the
// peer reports. It is an interceptor, the one next to the network, and ends with its link.
type transport struct {
	interceptor.NoOp
	control *congestion.Controller

	recoveries recoveries
	told       senderReports

	mu      sync.Mutex // guards what follows, and is held while a packet is written, so that numbers go out in order
	up      bool       // there is a path
	streams map[uint32]*outgoing
	clocks  map[uint32]Clock // of those that have one
	pace    pacer
	header  rtp.Header       // of the video packet that is being written
	number  [2]byte          // the transport-wide sequence number that is being written
	cached  congestion.State // within the limit
	limit   int              // bit/s; see [Conn.SetLimit]
	reports pace             // what is told of what comes, and asked for
	looked  time.Time        // when that was asked for
	uneven  time.Time        // when the path was last seen to be so
	silent  time.Time        // when it was last known to have had a gap
	ended   bool
	share   *share // of what is protected; nil: nothing
	repairs repairTypes
	gate    reportGate
	// arrivals looks at what comes from the peer.
	arrivals *arrivals
	wake     chan struct{} // holds a token for the goroutine
	quit     chan struct{}
	done     chan struct{}
}

// outgoing is one of this side's streams, with its repairs.
type outgoing struct {
	t         *transport
	writer    interceptor.RTPWriter
	kind      congestion.Kind
	ssrc, rtx uint32
	rtxType   uint8
	extension uint8 // number of the header extension; 0 where the peer does not know it
	repairs   uint16
	flowed    time.Time  // when its track last wrote a packet of video
	midFrame  bool       // the last packet did not end a frame
	torn      bool       // packets that had been taken were dropped
	protector *protector // nil where the peer does not know repair packets
	delay     playoutDelay
	copied    float64 // copies that are due
	again     RetransmissionStats
	store     packetStore
	scratch   [2 + maxStored]byte
}

// errBusy is what the writer of a video track gets for the first packet of a frame while so much waits that the frame would be of no use.
var errBusy = errors.New("what waits to be sent is too much already")

// headers is what a packet bears beside RTP, in bytes: IPv4, UDP and the tag of SRTP.
const headers = 20 + 8 + 10

func newTransport() *transport {
	now := time.Now()
	t := &transport{
		control: congestion.New(congestion.Config{}, now), streams: map[uint32]*outgoing{}, clocks: map[uint32]Clock{},
		gate: newReportGate(), arrivals: newArrivals(), wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	t.look(now)
	go t.run()
	return t
}

// setUp notes that there is a path: nothing is sent before, and nothing counted.
func (t *transport) setUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.up, t.uneven = true, time.Now()
}

// isUp says whether there has been a path. Pion's ICE transport must not be asked about its pair before: it is still being set up then.
func (t *transport) isUp() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.up
}

// Close ends the goroutine and waits for it. A second Close does nothing.
func (t *transport) Close() error {
	t.mu.Lock()
	ended := t.ended
	t.ended = true
	t.mu.Unlock()
	if !ended {
		close(t.quit)
	}
	<-t.done
	return nil
}

// BindLocalStream implements interceptor.Interceptor.
func (t *transport) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	s := &outgoing{
		t: t, writer: writer, kind: congestion.Video, ssrc: info.SSRC, rtx: info.SSRCRetransmission, rtxType: info.PayloadTypeRetransmission,
		extension: extensionID(info, sdp.TransportCCURI), repairs: randomSequence(),
	}
	if s.rtxType == 0 {
		s.rtx = 0
	}
	if strings.HasPrefix(strings.ToLower(info.MimeType), "audio/") {
		s.kind = congestion.Audio
	}
	s.protector = newProtector(info)
	s.delay.number = extensionID(info, playoutDelayURI)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.streams[s.ssrc] = s
	if s.kind == congestion.Audio {
		return interceptor.RTPWriterFunc(s.writeAudio)
	}
	return interceptor.RTPWriterFunc(s.writeVideo)
}

// UnbindLocalStream implements interceptor.Interceptor.
func (t *transport) UnbindLocalStream(info *interceptor.StreamInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.streams, info.SSRC)
	t.pace.forget(info.SSRC)
}

// BindRTCPReader implements interceptor.Interceptor. What cannot be read goes no further: to pion's interceptors, and to whoever reads, it would be
// the end of the stream.
//
// What is there when a stream is read for the first time has waited, seconds where keys were agreed on a bad path and the other side had
// them first. From when it is read pion would reckon for how long a sender report has been here (RFC 3550 6.4.1), and the other side a round trip that is
// longer by that; then it asks that seldom for what it misses, and answers that seldom. So such a report goes no further either.
func (t *transport) BindRTCPReader(reader interceptor.RTCPReader) interceptor.RTCPReader {
	var began time.Time
	return interceptor.RTCPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		if began.IsZero() {
			began = time.Now()
		}
		for {
			n, with, err := reader.Read(b, a)
			if err != nil {
				return n, with, err
			}
			now := time.Now()
			if !t.gate.admits(b[:n], now) {
				continue
			}
			if with == nil {
				with = interceptor.Attributes{}
			}
			if packets, err := with.GetRTCPPackets(b[:n]); err == nil {
				if now.Sub(began) < readAtOnce && t.noteReports(packets) {
					continue
				}
				t.hear(packets, now)
				return n, with, nil
			}
		}
	})
}

// readAtOnce is how soon after a stream is read for the first time what was read has waited for that.
const readAtOnce = 20 * time.Millisecond

// noteReports keeps what senders report of themselves, and says whether any does.
func (t *transport) noteReports(packets []rtcp.Packet) (any bool) {
	for _, p := range packets {
		if report, ok := p.(*rtcp.SenderReport); ok {
			t.told.note(report)
			any = true
		}
	}
	return any
}

// hear deals with what the peer reports and asks for.
func (t *transport) hear(packets []rtcp.Packet, now time.Time) {
	t.noteReports(packets)
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.TransportLayerCC:
			gap := t.control.Feedback(p, now)
			t.afterFeedback(now)
			t.mend(gap, now)
		case *rtcp.TransportLayerNack:
			t.repair(p, now)
		case *rtcp.ReceiverReport:
			t.hearReports(p.Reports, now)
		case *rtcp.SenderReport:
			t.hearReports(p.Reports, now)
		}
	}
}

func (t *transport) hearReports(blocks []rtcp.ReceptionReport, now time.Time) {
	for _, b := range blocks {
		t.mu.Lock()
		s := t.streams[b.SSRC]
		t.mu.Unlock()
		if s == nil || s.kind == congestion.Audio {
			continue
		}
		t.hearEvenness(b, now)
		var trip time.Duration
		if b.LastSenderReport != 0 {
			trip = max(0, time.Duration(int32(middleNTP(now)-b.LastSenderReport-b.Delay))*time.Second/65536)
		}
		t.control.Reports(float64(b.FractionLost)/256, trip, now)
	}
}

// afterFeedback takes over the new rate, and starts a probe where one is wished for.
func (t *transport) afterFeedback(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.look(now)
	if s := t.padder(now); s != nil {
		if probe, ok := t.control.Probe(now); ok {
			t.pace.probe(probe, now)
			t.poke()
		}
	}
}

// look asks the controller how it stands. It is called with mu held.
func (t *transport) look(now time.Time) congestion.State {
	t.take(t.control.State(now), now)
	if t.pace.set(t.cached, now) {
		t.drop()
	}
	return t.cached
}

// take notes how the path stands. It is called with mu held.
func (t *transport) take(s congestion.State, now time.Time) {
	t.looked = now
	if t.limit > 0 {
		beside := max(reportsUsual, int(t.reports.usual()))
		s.Target = min(s.Target, max(int(limitKept*float64(t.limit-beside)), limitedLeast))
	}
	t.cached = s
	if s.Queue > evenQueue {
		t.uneven = now
	}
}

// state returns how the path stands.
func (t *transport) state() congestion.State {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.look(time.Now())
}

// late says whether so much video waits that the next frame would come late.
func (t *transport) late(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.looked) > lookEvery {
		t.look(now)
	}
	return t.pace.waits() > paceLate
}

func (t *transport) poke() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// writeAudio sends a packet of sound at once, at the expense of the pictures.
func (s *outgoing) writeAudio(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
	t := s.t
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.up {
		return 0, nil
	}
	if t.cached.Pictures || !t.cached.Reported { // else the first would wait for good where there is no more than sound takes
		t.pace.charge(h.MarshalSize()+len(payload)+headers, time.Now())
	}
	return t.write(s, h, payload, s.kind, a)
}

// write numbers a packet and writes it. It is called with mu held.
func (t *transport) write(s *outgoing, h *rtp.Header, payload []byte, kind congestion.Kind, a interceptor.Attributes) (int, error) {
	if s.extension == 0 {
		// Without a number nobody reports on it, but it takes its place on the path all the same.
		t.control.Send(h.MarshalSize()+len(payload)+headers, kind, time.Now())
		return s.writer.Write(h, payload, a)
	}
	if err := h.SetExtension(s.extension, t.number[:]); err != nil {
		return 0, err
	}
	binary.BigEndian.PutUint16(t.number[:], t.control.Send(h.MarshalSize()+len(payload)+headers, kind, time.Now()))
	return s.writer.Write(h, payload, a)
}
