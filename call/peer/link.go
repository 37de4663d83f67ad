package peer

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"golang.org/x/time/rate"

	"parley/call/signal/wire"
)

// The data channel over which peers talk when they have lost their server. Both sides open it under the same number (RFC 8832 calls that
// negotiated out of band), so no round trip is spent on it.
const (
	controlLabel       = "parley"
	controlID          = 0
	maxControlMessage  = 64 << 10 // the same as a frame's limit on the signaling server
	controlFlushPeriod = 10 * time.Millisecond
	controlFlushTries  = 50
)

// link is one RTCPeerConnection, from its first offer to its end.
type link struct {
	pc      *webrtc.PeerConnection
	session string
	made    time.Time
	sent    []*webrtc.RTPSender // of Config.Tracks, in that order, as far as the other side takes them
	gone    chan struct{}       // closed first thing in close: callbacks stop waiting for the goroutine
	control *webrtc.DataChannel
	readers sync.WaitGroup
	reports reports
	guard   *guard
	listens *rate.Limiter // to the data channel
	// transport is what the tracks go through; it ends with pc.
	transport *transport
	bandwidth bandwidth // that is asked for

	offered     bool // this side made the first offer, and it was not answered yet
	ignoring    bool // the other side's last offer lost; its candidates are dropped
	early       []webrtc.ICECandidateInit
	looking     bool                      // for what has answered; see nominate.go
	looked      int                       // times
	tcp         []webrtc.ICECandidateInit // candidates that wait; see onCandidate
	candidates  int                       // of the other side, so far
	established bool                      // was connected at least once
	heard       bool                      // something came in on a track
	tells       bool                      // the other side said by it what they show
	repairs     []*webrtc.RTPReceiver     // streams of repair packets that are read; pion does not know of them

	endListening func() // of TCP

	// path is the pair of addresses that was taken last, nil before the first. Pion tells of it; to ask for its statistics instead (GetStats) costs
	// much, and is a data race with its own end, which the other side can begin at any time.
	path atomic.Pointer[webrtc.ICECandidatePair]
}

// newLink builds a connection with as many of this side's tracks on it as the other side takes. An empty session makes up a new one.
func (c *Conn) newLink(session string, takes room) (*link, error) {
	if session == "" {
		session = rand.Text()
	}
	policy := webrtc.ICETransportPolicyAll
	if c.cfg.RelayOnly {
		policy = webrtc.ICETransportPolicyRelay
	}
	l := &link{session: session, made: time.Now(), gone: make(chan struct{}), guard: newGuard(), endListening: func() {}}
	l.listens = rate.NewLimiter(controlsASecond, mostControls)
	if c.fruitless {
		l.endListening = c.cfg.API.listener.use()
	}
	var err error
	l.pc, l.transport, err = c.cfg.API.connect(webrtc.Configuration{
		ICEServers: c.cfg.ICE, ICETransportPolicy: policy,
		BundlePolicy: webrtc.BundlePolicyMaxBundle, RTCPMuxPolicy: webrtc.RTCPMuxPolicyRequire,
	}, c.fruitless, l.guard)
	if err != nil {
		l.endListening()
		return nil, fmt.Errorf("making a connection: %w", err)
	}
	l.transport.protectBy(&c.share)
	l.bandwidth.limit, l.bandwidth.large = c.views.limit(), c.views.large()
	c.mu.Lock()
	l.transport.control.SetDemand(c.demand)
	l.transport.limitTo(c.limit)
	c.mu.Unlock()
	if err := c.furnish(l, takes); err != nil {
		close(l.gone)
		l.close()
		return nil, err
	}
	return l, nil
}

func (c *Conn) furnish(l *link, takes room) error {
	for _, track := range takes.fill(c.cfg.Tracks) {
		sender, err := l.pc.AddTrack(track)
		if err != nil {
			return fmt.Errorf("adding the %s track: %w", track.Kind(), err)
		}
		if clock, ok := track.(Clock); ok {
			for _, e := range sender.GetParameters().Encodings {
				l.transport.clockBy(uint32(e.SSRC), clock)
			}
		}
		l.sent = append(l.sent, sender)
		l.readers.Go(func() { c.readFeedback(l, track, sender) })
	}
	yes, id := true, uint16(controlID)
	control, err := l.pc.CreateDataChannel(controlLabel, &webrtc.DataChannelInit{Negotiated: &yes, ID: &id})
	if err != nil {
		return fmt.Errorf("opening the data channel: %w", err)
	}
	l.control = control
	control.OnOpen(func() {
		c.onBehalf(l, func() {
			if l == c.link {
				c.retellView()
			}
		})
	})
	control.OnMessage(func(m webrtc.DataChannelMessage) { c.onControl(l, m.Data) })
	l.pc.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		c.onBehalf(l, func() { c.sendCandidate(l, candidate) })
	})
	l.pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		c.onBehalf(l, func() { c.onTrack(l, receiver, track) })
	})
	l.readers.Go(func() { c.tellAllowance(l) })
	l.readers.Go(func() { c.watch(l) })
	l.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			l.transport.setUp()
		}
		c.onBehalf(l, func() { c.onConnection(l, s) })
	})
	l.pc.SCTP().Transport().ICETransport().OnSelectedCandidatePairChange(func(path *webrtc.ICECandidatePair) {
		c.pairs.Add(1)
		l.path.Store(path)
	})
	return nil
}

// onBehalf posts f for a callback of l, and drops it when l is closed.
func (c *Conn) onBehalf(l *link, f func()) {
	select {
	case c.inbox <- func() {
		select {
		case <-l.gone:
		default:
			f()
		}
	}:
	case <-l.gone:
	case <-c.ctx.Done():
	}
}

// readFeedback listens to what the receiver of one of this side's tracks reports, which also keeps pion's interceptors going. It ends
// with the connection.
func (c *Conn) readFeedback(l *link, track webrtc.TrackLocal, sender *webrtc.RTPSender) {
	readRTCP(sender, func(packets []rtcp.Packet) {
		for _, p := range packets {
			switch p := p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				c.cfg.OnKeyFrameRequest(track)
			case *rtcp.ReceiverReport:
				l.noteReports(track, sender, p.Reports)
			case *rtcp.SenderReport:
				l.noteReports(track, sender, p.Reports)
			}
		}
	})
}

// maxPacket is how large a packet of RTP or RTCP is at the most that comes over UDP, in bytes.
const maxPacket = 1500

// rtcpSource is pion's sender or receiver of a track.
type rtcpSource interface {
	Read(b []byte) (n int, a interceptor.Attributes, err error)
}

// readRTCP hands out what comes, until the connection ends. Pion's ReadRTCP would make a buffer for each packet, and parse it once more than
// the transport has.
func readRTCP(from rtcpSource, hear func([]rtcp.Packet)) {
	b := make([]byte, maxPacket)
	for {
		n, with, err := from.Read(b)
		if err != nil {
			return
		}
		packets, err := with.GetRTCPPackets(b[:n])
		if err != nil {
			return
		}
		hear(packets)
	}
}

// onTrack is told that something came in on a track for the first time.
func (c *Conn) onTrack(l *link, receiver *webrtc.RTPReceiver, track *webrtc.TrackRemote) {
	if l == c.former {
		return // it would take the place of the same pictures by the connection in use, and soon end
	}
	l.readers.Go(func() { readReports(receiver) })
	c.mu.Lock()
	c.from[track] = l
	c.mu.Unlock()
	l.receiveRepairs(receiver, track, c.cfg.Logger)
	l.heard = true
	c.noteMedia()
	c.cfg.OnTrack(l.section(receiver), track)
}

// endTrack stops the receiver of a track.
func (l *link) endTrack(track *webrtc.TrackRemote) {
	for _, receiver := range l.pc.GetReceivers() {
		if receiver.Track() == track {
			_ = receiver.Stop()
		}
	}
}

func (l *link) noteReports(track webrtc.TrackLocal, sender *webrtc.RTPSender, blocks []rtcp.ReceptionReport) {
	p := sender.GetParameters()
	if len(p.Codecs) == 0 || len(p.Encodings) == 0 {
		return
	}
	l.reports.note(track, uint32(p.Encodings[0].SSRC), p.Codecs[0].ClockRate, blocks, time.Now())
}

// onControl is called by pion for each message on the data channel.
func (c *Conn) onControl(l *link, data []byte) {
	if len(data) > maxControlMessage || !l.listens.Allow() {
		return
	}
	var s wire.Signal
	err := json.Unmarshal(data, &s)
	if err == nil {
		err = s.Check()
	}
	if err != nil {
		c.cfg.Logger.Debug("the data channel brought something else than a signal", "err", err)
		return
	}
	if err = c.Handle(s); err != nil {
		c.cfg.Logger.Debug("a signal on the data channel was dropped", "err", err)
	}
}

func (l *link) controlOpen() bool {
	return l.control != nil && l.control.ReadyState() == webrtc.DataChannelStateOpen
}

// sendControl sends a message on the data channel, and says whether that was open.
func (l *link) sendControl(s wire.Signal) bool {
	if !l.controlOpen() {
		return false
	}
	data, err := json.Marshal(s)
	if err != nil {
		return false
	}
	return l.control.SendText(string(data)) == nil
}

// awaitControl waits a moment for the data channel to open, which it does some time after the connection did.
func (l *link) awaitControl() {
	for range controlFlushTries {
		if l.control.ReadyState() != webrtc.DataChannelStateConnecting {
			return
		}
		time.Sleep(controlFlushPeriod)
	}
}

// flushControl waits a moment for the data channel's queue to drain: a bye that is closed over is never said.
func (l *link) flushControl() {
	for range controlFlushTries {
		if !l.controlOpen() || l.control.BufferedAmount() == 0 {
			return
		}
		time.Sleep(controlFlushPeriod)
	}
}

// settle ends the handshake of DTLS where one goes on. When that has just succeeded, pion has yet to take in the streams that came first; to close before it does
// would be to wait for ever: DTLSTransport.Stop waits, with the lock held that startRTP needs, for a session that waits for startRTP.
// https://github.com/pion/webrtc/blob/v4.2.26/dtlstransport.go#L666-L674 https://github.com/pion/webrtc/blob/v4.2.26/peerconnection.go#L3117-L3131
func (l *link) settle() {
	l.guard.close()
	if l.established {
		return
	}
	dtls := l.pc.SCTP().Transport()
	for dtls.State() == webrtc.DTLSTransportStateConnecting {
		time.Sleep(controlFlushPeriod)
	}
	if dtls.State() == webrtc.DTLSTransportStateConnected {
		time.Sleep(takesStreams)
	}
}

// takesStreams is more than long enough for pion to begin to take in streams once there are keys.
const takesStreams = 100 * time.Millisecond

// close ends the connection and everything that runs for it. The owner has closed gone.
func (l *link) close() {
	l.settle()
	_ = l.pc.GracefulClose()
	for _, r := range l.repairs {
		_ = r.Stop()
	}
	_ = l.transport.Close()
	l.readers.Wait()
	l.endListening()
}

var _ io.Closer = (*Conn)(nil)
