package peer_test

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/flexfec"
	"parley/call/peer"
	"parley/call/signal/wire"
)

// Packets in protected streams of these tests: the payload types are those that Parley offers.
const (
	mediaType  = 96
	repairType = 118
)

// protected is a call in memory in which one side's camera is protected and packets of it are dropped. The other side
// asks for none of them again.
type protected struct {
	from, to *peer.Conn
	track    *webrtc.TrackLocalStaticRTP
	came     chan cameIn
	remote   chan *webrtc.TrackRemote
	begun    uint16 // the number of the first packet after begin

	mu      sync.Mutex
	drop    func(sequence uint16) bool
	repairs int // packets on the way
}

type cameIn struct {
	packet    *rtp.Packet
	recovered bool
}

// newProtected connects the two. The one who offers is the one who sends, or the other.
func newProtected(t *testing.T, senderOffers bool) *protected {
	t.Helper()
	p := &protected{
		came: make(chan cameIn, 4096), remote: make(chan *webrtc.TrackRemote, 1), drop: func(uint16) bool { return false },
	}
	n := newNetwork(t, time.Millisecond)
	n.router.AddChunkFilter(func(c vnet.Chunk) bool { return p.passes(c.UserData()) })
	here, there := n.host(t, "10.0.0.1"), n.host(t, "10.0.0.2")
	n.start(t)
	from := bareSide(t, peer.Config{API: here, Polite: true})
	to := bareSide(t, peer.Config{API: there, OnTrack: func(section peer.Section, track *webrtc.TrackRemote) {
		if section == peer.Camera {
			p.remote <- track
			go p.read(track)
		}
	}})
	join(t, from, to, rand.New(rand.NewPCG(0, 0)), 0)
	for _, s := range []*side{from, to} {
		t.Cleanup(func() { _ = s.conn.Close() })
	}
	t.Cleanup(n.muted)
	p.from, p.to, p.track = from.conn, to.conn, from.tracks[peer.Camera]
	if senderOffers {
		from.conn.Offer()
	} else {
		to.conn.Offer()
	}
	from.await(t, peer.Connected)
	to.await(t, peer.Connected)
	return p
}

// bareSide is a side that sends nothing by itself, and whose tracks go to cfg.OnTrack, if that is set.
func bareSide(t *testing.T, cfg peer.Config) *side {
	t.Helper()
	s := &side{wire: &wireTo{queue: make(chan wire.Signal, 1024)}, states: make(chan peer.State, 64)}
	s.tracks, cfg.Tracks = newTracks(t)
	cfg.Send, cfg.Reachable = s.wire.send, s.wire.up
	cfg.OnState = func(state peer.State, _ error) { s.states <- state }
	if cfg.OnTrack == nil {
		cfg.OnTrack = func(peer.Section, *webrtc.TrackRemote) {}
	}
	cfg.OnKeyFrameRequest, cfg.OnBye = func(webrtc.TrackLocal) {}, func() {}
	s.conn = peer.New(cfg)
	return s
}

func (p *protected) passes(datagram []byte) bool {
	if len(datagram) < 12 || datagram[0]>>6 != 2 {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch datagram[1] & 0x7f {
	case repairType:
		p.repairs++
	case mediaType:
		return !p.drop(binary.BigEndian.Uint16(datagram[2:]))
	}
	return true
}

func (p *protected) losing(drop func(sequence uint16) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop = drop
}

func (p *protected) read(track *webrtc.TrackRemote) {
	for {
		packet, attributes, err := track.ReadRTP()
		if err != nil {
			return
		}
		p.came <- cameIn{packet, attributes[flexfec.AttributeRecovered] == true}
	}
}

// send writes packets first to last, frames of four, and none of them later than the others of its frame.
func (p *protected) send(t *testing.T, first, last uint16) {
	t.Helper()
	for n := first; n <= last; n++ {
		for p.track.WriteRTP(&rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: n, Timestamp: uint32(n/4) * 3000, Marker: n%4 == 3},
			Payload: content(n),
		}) != nil {
			time.Sleep(time.Millisecond) // so much waits already
		}
		if n%4 == 3 {
			time.Sleep(5 * time.Millisecond)
		}
	}
}

func content(n uint16) []byte {
	b := make([]byte, 20+int(n)*7%100)
	for i := range b {
		b[i] = byte(int(n) * (i + 1))
	}
	return b
}

// expect waits for packets first to last, in any order, and returns which were recovered.
func (p *protected) expect(t *testing.T, first, last uint16) (recovered map[uint16]bool) {
	t.Helper()
	recovered = map[uint16]bool{}
	got := map[uint16]bool{}
	for late := time.After(patience); len(got) <= int(last-first); {
		select {
		case c := <-p.came:
			n := c.packet.SequenceNumber
			if n < p.begun {
				continue // it went out before there was a way, and was recovered after those that begin waited for
			}
			if n < first || n > last {
				t.Fatalf("packet %d came, which was not sent", n)
			}
			if string(c.packet.Payload) != string(content(n)) || c.packet.Timestamp != uint32(n/4)*3000 || c.packet.Marker != (n%4 == 3) ||
				c.packet.PayloadType != mediaType || len(c.packet.Extensions) == 0 {
				t.Fatalf("packet %d is not what was sent: %v", n, c.packet)
			}
			if got[n] {
				t.Fatalf("packet %d came twice", n)
			}
			got[n] = true
			if c.recovered {
				recovered[n] = true
			}
		case <-late:
			t.Fatalf("of packets %d to %d, %d came", first, last, len(got))
		}
	}
	return recovered
}

// exchange sends packets first to last and waits for them, some frames at a time: the pacer lets many go that were made for a faster path than it finds.
func (p *protected) exchange(t *testing.T, first, last uint16) (recovered map[uint16]bool) {
	t.Helper()
	recovered = map[uint16]bool{}
	for ; first <= last; first += 20 {
		until := min(first+19, last)
		p.send(t, first, until)
		maps.Copy(recovered, p.expect(t, first, until))
	}
	return recovered
}

// begin sends until the other side reads the stream and its repair packets, and returns the number of the next packet.
func (p *protected) begin(t *testing.T) (next uint16, remote *webrtc.TrackRemote) {
	t.Helper()
	p.from.SetProtection(0.5)
	for deadline := time.Now().Add(patience); ; next += 4 {
		select {
		case remote = <-p.remote:
		default:
		}
		if remote != nil {
			if s, ok := p.to.RecoveryStats(remote); ok && s.FECPacketsReceived > 0 {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("no repair packet was read")
		}
		p.send(t, next, next+3)
		time.Sleep(5 * time.Millisecond)
	}
	for last := uint16(0); last != next-1; { // the first may have gone out before there was a way
		select {
		case c := <-p.came:
			last = max(last, c.packet.SequenceNumber)
		case <-time.After(patience):
			t.Fatal("the last packet does not come")
		}
	}
	p.begun = next
	return next, remote
}

func TestPacketsThatGetLostAreRecoveredWithoutAWord(t *testing.T) {
	for name, senderOffers := range map[string]bool{"the sender offers": true, "the receiver offers": false} {
		inMemory(t, name, func(t *testing.T) {
			p := newProtected(t, senderOffers)
			next, remote := p.begin(t)
			p.losing(func(n uint16) bool { return n%4 == 1 || n%4 == 2 }) // a burst in each frame
			const frames = 100
			last := next + 4*frames - 1
			recovered := p.exchange(t, next, last)
			for n := next; n <= last; n++ {
				if lost := n%4 == 1 || n%4 == 2; lost && !recovered[n] {
					t.Fatalf("packet %d was lost, and is not said to be recovered", n)
				}
			}
			came, _ := p.to.RecoveryStats(remote)
			sent, ok := p.from.Protection(p.track)
			if came.Recovered < 2*frames || !ok || sent.FECPacketsSent < 2*frames || sent.FECPacketsSent != came.FECPacketsReceived ||
				sent.FECBytesSent != came.FECBytesReceived {
				t.Errorf("sent %+v, received %+v", sent, came)
			}
			eventually(t, "what was recovered is reported lost", func() bool {
				s, _ := p.from.RemoteInbound(p.track)
				return s.PacketsLost == 2*frames
			})
		})
	}
}

func TestAReaderWhoWaitsIsWokenForWhatWasRecovered(t *testing.T) {
	inMemory(t, "call", func(t *testing.T) {
		p := newProtected(t, true)
		next, _ := p.begin(t)
		p.losing(func(n uint16) bool { return n%4 == 3 }) // the last of a frame: nothing comes after it
		for range 20 {
			p.send(t, next, next+3)
			if recovered := p.expect(t, next, next+3); !recovered[next+3] {
				t.Fatalf("recovered were %v, not %d", recovered, next+3)
			}
			next += 4
		}
	})
}

func TestWithoutAShareThereAreNoRepairPackets(t *testing.T) {
	inMemory(t, "call", func(t *testing.T) {
		p := newProtected(t, true)
		next, _ := p.begin(t)
		p.from.SetProtection(0)
		p.mu.Lock()
		before := p.repairs
		p.mu.Unlock()
		p.exchange(t, next, next+99)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.repairs > before+2 { // some may have been on the way
			t.Errorf("%d repair packets were sent", p.repairs-before)
		}
	})
}

func TestWhoDoesNotKnowRepairPacketsGetsNone(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, theyOffer := range map[string]bool{"they offer": true, "they answer": false} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t, true)
			stranger(t, s, theyOffer, opus, vp8)
			s.conn.SetProtection(0.5)
			s.await(t, peer.Connected)
			stop := s.play()
			defer stop()
			eventually(t, "they report what came of the camera", func() bool {
				_, ok := s.conn.RemoteInbound(s.tracks[peer.Camera])
				return ok
			})
			if stats, ok := s.conn.Protection(s.tracks[peer.Camera]); ok {
				t.Errorf("repair packets were sent: %+v", stats)
			}
		})
	}
}

// numbering is a program that numbers the header extensions and payload types its own way, and whose repair packets are made by another
// implementation: two by five packets, each with a transport-wide number.
func numbering(t *testing.T) (*webrtc.PeerConnection, *webrtc.TrackLocalStaticRTP) {
	t.Helper()
	media, registry := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: vp8, PayloadType: 100}, webrtc.RTPCodecTypeVideo); err != nil {
		t.Fatal(err)
	}
	for _, uri := range []string{"urn:one", "urn:two", "urn:three"} { // of which the other side knows nothing
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo); err != nil {
			t.Fatal(err)
		}
	}
	if err := webrtc.ConfigureTWCCHeaderExtensionSender(media, registry); err != nil {
		t.Fatal(err)
	}
	if err := webrtc.ConfigureFlexFEC03(101, media, registry); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	track, err := webrtc.NewTrackLocalStaticRTP(vp8, "video", "they")
	if err != nil {
		t.Fatal(err)
	}
	return pc, track
}

func TestRepairPacketsAreReportedOnLikeAllOthers(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		remotes := make(chan *webrtc.TrackRemote, 1)
		s := bareSide(t, peer.Config{API: NewAPI(t), Polite: true, OnTrack: func(_ peer.Section, track *webrtc.TrackRemote) {
			remotes <- track
			go func() {
				for {
					if _, _, err := track.ReadRTP(); err != nil {
						return
					}
				}
			}()
		}})
		pc, track := numbering(t)
		sender, err := pc.AddTrack(track)
		if err != nil {
			t.Fatal(err)
		}
		feedback := make(chan *rtcp.TransportLayerCC, 1024)
		go func() {
			for {
				packets, _, err := sender.ReadRTCP()
				if err != nil {
					return
				}
				for _, p := range packets {
					if f, ok := p.(*rtcp.TransportLayerCC); ok {
						select {
						case feedback <- f:
						default:
						}
					}
				}
			}
		}()
		converse(t, s, pc, true)
		s.await(t, peer.Connected)
		theirs := &side{tracks: []*webrtc.TrackLocalStaticRTP{track}}
		defer theirs.play()()
		remote := <-remotes
		eventually(t, "repair packets are read", func() bool {
			stats, ok := s.conn.RecoveryStats(remote)
			return ok && stats.FECPacketsReceived >= 4
		})
		for len(feedback) > 0 {
			<-feedback // of the time before
		}
		// One that is read a moment late is told of in the next report.
		<-feedback
		first, told, came := uint16(0), uint16(0), 0
		for late := time.After(patience); told < 100 || came < int(told); {
			select {
			case f := <-feedback:
				if came == 0 {
					first = f.BaseSequenceNumber
				}
				told = max(told, f.BaseSequenceNumber+f.PacketStatusCount-first)
				came += len(f.RecvDeltas)
			case <-late:
				t.Fatalf("of %d packets %d are reported to have come", told, came)
			}
		}
	})
}
