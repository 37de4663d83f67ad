package peer

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/call/congestion"
)

// The streams of the tests.
const (
	soundSSRC  = 1
	videoSSRC  = 2
	repairSSRC = 3
)

// network takes notes of what a transport sends.
type network struct {
	mu      sync.Mutex
	packets []seen
}

type seen struct {
	rtp.Header
	payload []byte
	number  uint16
	at      time.Time
}

func (n *network) Write(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	s := seen{Header: h.Clone(), payload: append([]byte(nil), payload...), at: time.Now()}
	if e := h.GetExtension(5); len(e) == 2 {
		s.number = binary.BigEndian.Uint16(e)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.packets = append(n.packets, s)
	return len(payload) + 12, nil
}

// all returns every packet.
func (n *network) all() []seen {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.packets)
}

// of returns the packets of one stream.
func (n *network) of(ssrc uint32) (packets []seen) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.packets {
		if p.SSRC == ssrc {
			packets = append(packets, p)
		}
	}
	return packets
}

// rig is a transport with a stream of sound and one of video.
type rig struct {
	*transport
	network      *network
	sound, video interceptor.RTPWriter
	next         uint16
}

func newRig(t *testing.T) *rig {
	r := &rig{transport: newTransport(), network: &network{}}
	t.Cleanup(func() { _ = r.Close() })
	extensions := []interceptor.RTPHeaderExtension{{URI: sdp.TransportCCURI, ID: 5}}
	r.sound = r.BindLocalStream(&interceptor.StreamInfo{SSRC: soundSSRC, MimeType: webrtc.MimeTypeOpus, RTPHeaderExtensions: extensions}, r.network)
	r.video = r.BindLocalStream(&interceptor.StreamInfo{
		SSRC: videoSSRC, MimeType: webrtc.MimeTypeVP8, SSRCRetransmission: repairSSRC, PayloadTypeRetransmission: 97, RTPHeaderExtensions: extensions,
	}, r.network)
	r.setUp()
	return r
}

// newHeardRig is a rig for which what may be sent before anything is known of the path is over.
func newHeardRig(t *testing.T) *rig {
	r := newRig(t)
	r.begin()
	return r
}

// begin lets the start go by, which takes a second, of virtual time, and a number.
func (r *rig) begin() {
	r.control.Send(1, congestion.Audio, time.Now())
	for range 101 {
		time.Sleep(10 * time.Millisecond)
		r.state() // as it is asked for regularly
	}
}

// frame writes a frame of so many packets.
func (r *rig) frame(packets int) error {
	for i := range packets {
		h := &rtp.Header{Version: 2, SSRC: videoSSRC, PayloadType: 96, SequenceNumber: r.next, Marker: i == packets-1}
		if _, err := r.video.Write(h, make([]byte, 1200), nil); err != nil {
			return err
		}
		r.next++
	}
	return nil
}

func (r *rig) speak() {
	_, _ = r.sound.Write(&rtp.Header{Version: 2, SSRC: soundSSRC, PayloadType: 111}, make([]byte, 80), nil)
}

func (r *rig) ask(sequences ...uint16) {
	r.hear([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: videoSSRC, Nacks: rtcp.NackPairsFromSequenceNumbers(sequences)}}, time.Now())
}

func TestAllStreamsShareOneRowOfNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		for range 5 {
			r.speak()
			if err := r.frame(1); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		r.ask(2)
		synctest.Wait()
		if len(r.network.all()) != 11 {
			t.Fatalf("%d packets", len(r.network.all()))
		}
		for i, p := range r.network.all() {
			if int(p.number) != i {
				t.Errorf("packet %d of stream %d has number %d", i, p.SSRC, p.number)
			}
		}
	})
}

func TestALargeFrameIsPacedAndSoundOvertakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		began := time.Now()
		if err := r.frame(20); err != nil { // 24 kB: 53 ms at four times 900 kbit/s
			t.Fatal(err)
		}
		r.speak()
		if got := r.network.of(soundSSRC); len(got) != 1 || got[0].at != began {
			t.Fatalf("sound waited: %v", got)
		}
		if n := len(r.network.of(videoSSRC)); n == 0 || n > 4 {
			t.Errorf("%d packets went out at once", n)
		}
		time.Sleep(time.Second)
		video := r.network.of(videoSSRC)
		if len(video) != 20 {
			t.Fatalf("%d packets", len(video))
		}
		if took := video[19].at.Sub(began); took < 35*time.Millisecond || took > 80*time.Millisecond {
			t.Errorf("the frame took %v", took)
		}
		for i, p := range video {
			if int(p.SequenceNumber) != i || p.Marker != (i == 19) {
				t.Errorf("packet %d: %+v", i, p.Header)
			}
		}
	})
}

func TestSoundTakesItsPartOfThePace(t *testing.T) {
	took := func(spoken int) (d time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			r := newHeardRig(t)
			began := time.Now()
			if err := r.frame(20); err != nil {
				t.Fatal(err)
			}
			for range spoken {
				r.speak()
			}
			time.Sleep(time.Second)
			video := r.network.of(videoSSRC)
			d = video[len(video)-1].at.Sub(began)
		})
		return d
	}
	alone, beside := took(0), took(20) // 2.8 kB: 6 ms at four times 900 kbit/s
	if beside < alone+4*time.Millisecond || beside > alone+10*time.Millisecond {
		t.Errorf("a frame took %v, and %v beside much sound", alone, beside)
	}
}

func TestAtAPaceOfNothingPicturesWaitAndSoundDoesNot(t *testing.T) {
	now := time.Now()
	p := pacer{}
	p.set(congestion.State{Target: 900_000, Pace: 2_000_000}, time.Now())
	p.refill(now)
	p.set(congestion.State{Target: 900_000}, time.Now())
	if p.refill(now.Add(time.Second)); p.credit > 0 {
		t.Errorf("%.0f bytes may go out", p.credit)
	}
	for range 20 { // a quarter of a second of 700 kbit/s
		p.video.push(waiting{size: 1100})
	}
	if p.busy() {
		t.Error("new frames are refused, and a key frame is called for, over a pace that will be there again in a moment")
	}
	p.video = fifo{}
	for range 1000 {
		p.charge(200, now.Add(time.Second))
	}
	for _, bitRate := range []int{900_000, 60_000} {
		after := p
		after.set(congestion.State{Target: bitRate, Pace: bitRate}, time.Now())
		if after.refill(now.Add(time.Second + 50*time.Millisecond)); after.credit <= 0 {
			t.Errorf("50 ms after it, at %d bit/s, the pictures wait still, for %.0f bytes", bitRate, -after.credit)
		}
	}
}

func TestASmallFrameGoesOutAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		for range 30 {
			before := len(r.network.all())
			if err := r.frame(2); err != nil {
				t.Fatal(err)
			}
			if n := len(r.network.all()) - before; n != 2 {
				t.Fatalf("%d packets went out at once", n)
			}
			time.Sleep(33 * time.Millisecond)
		}
	})
}

func TestWhatWaitsIsBoundedAndWholeFramesAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		refused := 0
		for range 100 {
			if err := r.frame(20); errors.Is(err, errBusy) {
				refused++
			}
		}
		if refused < 90 {
			t.Errorf("%d of 100 frames refused", refused)
		}
		time.Sleep(2 * time.Second)
		video := r.network.of(videoSSRC)
		if len(video) != 20*(100-refused) || !video[len(video)-1].Marker {
			t.Errorf("%d packets of %d frames went out", len(video), 100-refused)
		}
		if err := r.frame(20); err != nil {
			t.Error("nothing waits any more, and a frame is refused")
		}
	})
}

func TestAPacketThatIsAskedForIsSentAgainOnTheStreamOfRepairs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		for range 10 {
			_ = r.frame(1)
			time.Sleep(33 * time.Millisecond)
		}
		r.ask(3, 7, 500)
		synctest.Wait()
		repairs := r.network.of(repairSSRC)
		if len(repairs) != 2 {
			t.Fatalf("%d repairs", len(repairs))
		}
		for i, sequence := range []uint16{3, 7} {
			p := repairs[i]
			if p.PayloadType != 97 || binary.BigEndian.Uint16(p.payload) != sequence || len(p.payload) != 1202 {
				t.Errorf("%+v with %d bytes", p.Header, len(p.payload))
			}
		}
		if repairs[1].SequenceNumber != repairs[0].SequenceNumber+1 {
			t.Error("repairs are not numbered on their own")
		}
		r.ask(3)
		synctest.Wait()
		if len(r.network.of(repairSSRC)) != 2 {
			t.Error("a repair that is still on its way was sent again")
		}
		time.Sleep(100 * time.Millisecond)
		r.ask(3)
		synctest.Wait()
		if len(r.network.of(repairSSRC)) != 3 {
			t.Error("a repair that was lost was not sent again")
		}
	})
}

func TestAPeerThatAsksForEverythingGetsItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		began := time.Now()
		for range 100 {
			_ = r.frame(3)
			all := make([]uint16, 0, 200)
			for n := range uint16(200) {
				all = append(all, r.next-200+n)
			}
			for range 20 {
				r.ask(all...)
			}
			time.Sleep(33 * time.Millisecond)
		}
		bytes := 0
		for _, p := range r.network.of(repairSSRC) {
			bytes += len(p.payload)
		}
		if rate := float64(8*bytes) / time.Since(began).Seconds(); rate > 0.6*900_000 {
			t.Errorf("%.0f bit/s of repairs", rate)
		}
		if n := len(r.network.of(videoSSRC)); n < 290 {
			t.Errorf("%d of 300 new packets came through", n)
		}
	})
}

func TestNothingIsSentOrCountedBeforeThereIsAPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.up = false
		r.speak()
		if err := r.frame(3); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if len(r.network.all()) != 0 || r.state().Sent != 0 {
			t.Errorf("%d packets", len(r.network.all()))
		}
	})
}

func TestAProbeIsPaddingOnTheStreamOfRepairs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		for n := range 20 {
			_ = r.frame(2)
			if n == 1 {
				r.hear([]rtcp.Packet{arrivedEvenly(0, 3)}, time.Now()) // the first came as they were sent
			}
			time.Sleep(33 * time.Millisecond)
		}
		r.hear([]rtcp.Packet{arrivedEvenly(0, 20), arrivedEvenly(20, 20)}, time.Now()) // it takes two to see that nothing is queued
		_ = r.frame(1)
		began := time.Now()
		time.Sleep(100 * time.Millisecond)
		padding := r.network.of(repairSSRC)
		bytes := 0
		for _, p := range padding {
			bytes += len(p.payload) + 20 + headers
			if n := p.payload[len(p.payload)-1]; !p.Padding || int(n) != len(p.payload) {
				t.Fatalf("%+v ends with %d", p.Header, n)
			}
		}
		if len(padding) == 0 || padding[len(padding)-1].at.Sub(began) > 50*time.Millisecond {
			t.Fatalf("%d packets of padding", len(padding))
		}
		if bytes < 3600 || bytes > 5400 { // 25 ms of two and a half times what is sent at first, 540 kbit/s
			t.Errorf("%d bytes of padding", bytes)
		}
	})
}

func TestPaddingGoesWithTheVideoThatFlowedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		for ssrc := uint32(1000); ssrc < 1040; ssrc += 2 { // screens that nobody shares: the other side reads nothing of them
			r.BindLocalStream(&interceptor.StreamInfo{
				SSRC: ssrc, MimeType: webrtc.MimeTypeVP8, SSRCRetransmission: ssrc + 1, PayloadTypeRetransmission: 97,
				RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: sdp.TransportCCURI, ID: 5}},
			}, r.network)
		}
		_ = r.frame(1)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.cached.Pictures = true
		s := r.padder(time.Now())
		if s == nil || s.ssrc != videoSSRC {
			t.Errorf("it goes with %+v", s)
		}
	})
}

// arrivedEvenly is a report that n packets came, from that number on, two of them each 33 ms.
func arrivedEvenly(first, n uint16) *rtcp.TransportLayerCC {
	const every, unit = 16_500, 64_000 // µs
	report := &rtcp.TransportLayerCC{
		BaseSequenceNumber: first, PacketStatusCount: n, ReferenceTime: uint32(first) * every / unit,
		PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: n}},
	}
	for range n {
		report.RecvDeltas = append(report.RecvDeltas, &rtcp.RecvDelta{Type: rtcp.TypeTCCPacketReceivedSmallDelta, Delta: every})
	}
	return report
}

func TestNothingIsAllocatedByTheVideoPacket(t *testing.T) {
	tr := newTransport()
	defer tr.Close()
	tr.setUp()
	discard := interceptor.RTPWriterFunc(func(*rtp.Header, []byte, interceptor.Attributes) (int, error) { return 1, nil })
	w := tr.BindLocalStream(&interceptor.StreamInfo{
		SSRC: videoSSRC, MimeType: webrtc.MimeTypeVP8, RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: sdp.TransportCCURI, ID: 5}},
	}, discard)
	h, payload := rtp.Header{Version: 2, SSRC: videoSSRC, Marker: true}, make([]byte, 10)
	send := func() {
		h.SequenceNumber++
		if _, err := w.Write(&h, payload, nil); err != nil && !errors.Is(err, errBusy) {
			t.Fatal(err)
		}
	}
	for range 5000 {
		send()
	}
	if n := testing.AllocsPerRun(1000, send); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
