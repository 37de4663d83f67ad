package call_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/call/signal"
	"parley/call/signal/wire"
)

// mallory is somebody with a program of their own, connected to Ann.
type mallory struct {
	client    *signal.Client
	pc        *webrtc.PeerConnection
	ann       string // their id
	session   string
	control   *webrtc.DataChannel
	signals   chan wire.Signal
	quit      chan struct{}
	listening sync.WaitGroup
	sends     []*rawTrack // sound, camera, screen
	theirs    []uint32    // SSRCs of Ann's streams, likewise
	reports   atomic.Int64
	repairs   atomic.Int64
	answers   atomic.Int64
	newest    atomic.Uint32 // sequence number of Ann's camera
	wide      atomic.Int64  // blows that did not even leave Mallory
}

// joinAsMallory joins the room and connects to Ann.
func joinAsMallory(t *testing.T, url string) *mallory {
	t.Helper()
	m := &mallory{signals: make(chan wire.Signal, 1000), session: "of Mallory", quit: make(chan struct{})}
	var err error
	m.client, err = signal.Dial(t.Context(), signal.Config{
		URL: url, Room: "test", Name: "Mallory", Media: signal.State{Camera: true, Microphone: true}, OnEvent: m.onEvent,
	})
	must(t, err)
	for _, p := range m.client.Peers() {
		if p.Name == "Ann" {
			m.ann = p.ID
		}
	}
	m.pc = m.newConnection(t)
	connected := make(chan struct{})
	m.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(connected)
		}
	})
	yes, id := true, uint16(0)
	m.control, err = m.pc.CreateDataChannel("parley", &webrtc.DataChannelInit{Negotiated: &yes, ID: &id})
	must(t, err)
	open := make(chan struct{})
	m.control.OnOpen(func() { close(open) })
	must(t, m.client.Signal(m.ann, m.offer(t)))
	m.listening.Go(m.listen)
	select {
	case <-connected:
	case <-time.After(patience):
		t.Fatal("Mallory did not get through")
	}
	<-open
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *mallory) onEvent(e signal.Event) {
	if e, ok := e.(signal.SignalReceived); ok && e.From == m.ann {
		select {
		case m.signals <- e.Signal:
		default:
		}
	}
}

// newConnection makes a connection with all that Parley has, and none of its manners.
func (m *mallory) newConnection(t *testing.T) *webrtc.PeerConnection {
	t.Helper()
	media := &webrtc.MediaEngine{}
	must(t, media.RegisterDefaultCodecs())
	must(t, media.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 63, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: "audio/red", ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111",
	}}, webrtc.RTPCodecTypeAudio))
	must(t, media.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 118, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeFlexFEC03, ClockRate: 90000, SDPFmtpLine: "repair-window=10000000",
	}}, webrtc.RTPCodecTypeVideo))
	for _, uri := range []string{sdp.TransportCCURI, sdp.SDESMidURI, sdp.SDESRTPStreamIDURI} {
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			must(t, media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, kind))
		}
	}
	registry := &interceptor.Registry{}
	registry.Add(counting{m})
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry)).NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	for i, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeVideo} {
		track := &rawTrack{m: m, kind: kind, id: fmt.Sprint("raw", i)}
		m.sends = append(m.sends, track)
		sender, err := pc.AddTrack(track)
		must(t, err)
		m.listening.Go(func() { m.hear(sender.ReadRTCP) })
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		m.listening.Go(func() { m.hear(receiver.ReadRTCP) })
		m.listening.Go(func() {
			for {
				p, _, err := track.ReadRTP()
				if err != nil {
					return
				}
				if track.SSRC() == webrtc.SSRC(m.theirs[camera]) {
					m.newest.Store(uint32(p.SequenceNumber))
				}
			}
		})
	})
	return pc
}

// hear counts what Ann reports and asks for.
func (m *mallory) hear(read func() ([]rtcp.Packet, interceptor.Attributes, error)) {
	for {
		packets, _, err := read()
		if err != nil {
			return
		}
		m.reports.Add(int64(len(packets)))
	}
}

func (m *mallory) offer(t *testing.T) wire.Signal {
	t.Helper()
	offer, err := m.pc.CreateOffer(nil)
	must(t, err)
	gathered := webrtc.GatheringCompletePromise(m.pc)
	must(t, m.pc.SetLocalDescription(offer))
	<-gathered
	return m.describe("offer", m.pc.LocalDescription().SDP)
}

func (m *mallory) describe(kind, text string) wire.Signal {
	return wire.Signal{Session: m.session, Description: &wire.Description{Type: kind, SDP: text}}
}

// listen takes up what Ann answers to the first offer.
func (m *mallory) listen() {
	for {
		select {
		case s := <-m.signals:
			if d := s.Description; d != nil && d.Type == "answer" {
				m.answers.Add(1)
			}
			if s.Session != m.session {
				continue
			}
			if c := s.Candidate; c != nil {
				_ = m.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: c.Candidate, SDPMid: c.SDPMid, SDPMLineIndex: c.SDPMLineIndex})
			}
			if d := s.Description; d != nil && m.theirs == nil {
				m.theirs = streams(d.SDP)
				_ = m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: d.SDP})
			}
		case <-m.quit:
			return
		}
	}
}

// streams returns the first SSRC of each section.
func streams(text string) (all []uint32) {
	for _, section := range strings.Split(text, "\nm=")[1:] {
		var ssrc uint32
		if _, after, ok := strings.Cut(section, "a=ssrc:"); ok {
			_, _ = fmt.Sscan(after, &ssrc)
			all = append(all, ssrc)
		}
	}
	return all
}

// attack strikes until each blow has fallen that is due and witness has returned, and says how many fell.
func (m *mallory) attack(blow func(m *mallory, n int), witness func()) int {
	ctx, stop := context.WithCancel(context.Background())
	var striking sync.WaitGroup
	n := 0
	striking.Go(func() {
		for n < blows || ctx.Err() == nil {
			for range blowsAtOnce {
				blow(m, n)
				n++
			}
			time.Sleep(blowsEvery)
		}
	})
	defer striking.Wait()
	defer stop()
	witness()
	stop()
	striking.Wait()
	return n
}

func (m *mallory) leave(t *testing.T) {
	close(m.quit)
	must(t, m.client.Close())
	must(t, m.pc.GracefulClose())
	m.listening.Wait()
}

// rawTrack lets everything through that is written.
type rawTrack struct {
	m      *mallory
	kind   webrtc.RTPCodecType
	id     string
	mu     sync.Mutex
	ssrc   uint32
	writer webrtc.TrackLocalWriter
	types  map[string]uint8 // payload types, by the format in lower case
	next   uint16
}

func (r *rawTrack) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ssrc, r.writer, r.types = uint32(ctx.SSRC()), ctx.WriteStream(), map[string]uint8{}
	for _, c := range ctx.CodecParameters() {
		if name := strings.ToLower(c.MimeType); r.types[name] == 0 {
			r.types[name] = uint8(c.PayloadType)
		}
	}
	return ctx.CodecParameters()[0], nil
}

func (r *rawTrack) Unbind(webrtc.TrackLocalContext) error { return nil }
func (r *rawTrack) ID() string                            { return r.id }
func (r *rawTrack) RID() string                           { return "" }
func (r *rawTrack) StreamID() string                      { return "raw" }
func (r *rawTrack) Kind() webrtc.RTPCodecType             { return r.kind }

// write sends a packet of that format, the next in order where edit, which may be nil, does not say otherwise.
func (r *rawTrack) write(format string, payload []byte, edit func(*rtp.Header)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writer == nil {
		return
	}
	h := rtp.Header{Version: 2, Marker: true, PayloadType: r.types[format], SSRC: r.ssrc, SequenceNumber: r.next, Timestamp: 3000 * uint32(r.next)}
	r.next++
	if edit != nil {
		edit(&h)
	}
	if _, err := r.writer.WriteRTP(&h, payload); err != nil {
		r.m.wide.Add(1)
	}
}

// group returns the stream that Mallory's offer put into a group of that kind with that of a section.
func (m *mallory) group(kind string, section int) uint32 {
	own := fmt.Sprint(m.sends[section].ssrc)
	for _, line := range strings.Split(m.pc.LocalDescription().SDP, "\r\n") {
		if words := strings.Fields(line); len(words) == 3 && words[0] == "a=ssrc-group:"+kind && words[1] == own {
			var ssrc uint32
			_, _ = fmt.Sscan(words[2], &ssrc)
			return ssrc
		}
	}
	m.wide.Add(1)
	return 0
}

// repairsOf returns the stream of repairs that goes with one of Mallory's, and protectionOf, that of repair packets.
func (m *mallory) repairsOf(section int) uint32    { return m.group("FID", section) }
func (m *mallory) protectionOf(section int) uint32 { return m.group("FEC-FR", section) }

// counting counts the bytes that come in on streams of repairs.
type counting struct{ m *mallory }

func (c counting) NewInterceptor(string) (interceptor.Interceptor, error) {
	return &counter{m: c.m}, nil
}

type counter struct {
	interceptor.NoOp
	m *mallory
}

func (c *counter) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	if !strings.EqualFold(info.MimeType, webrtc.MimeTypeRTX) {
		return reader
	}
	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, a, err := reader.Read(b, a)
		c.m.repairs.Add(int64(n))
		return n, a, err
	})
}
