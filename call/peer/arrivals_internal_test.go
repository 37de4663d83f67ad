package peer

import (
	"encoding/binary"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// numbered is the header extension that the arrivals of the tests are told by.
const numbered = 5

// reported takes notes of what arrivals tell.
type reported struct {
	mu       sync.Mutex // for who looks while more may come
	reports  []*rtcp.TransportLayerCC
	at       []time.Time
	ceilings []float32 // bit/s
}

func (r *reported) Write(packets []rtcp.Packet, _ interceptor.Attributes) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.TransportLayerCC:
			r.reports = append(r.reports, p)
			r.at = append(r.at, time.Now())
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			r.ceilings = append(r.ceilings, p.Bitrate)
		}
	}
	return 0, nil
}

// limits is how often it was told how much may be sent at the most.
func (r *reported) limits() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ceilings)
}

// arriving is a stream through arrivals.
type arriving struct {
	t      *testing.T
	ssrc   uint32
	next   chan []byte
	stream interceptor.RTPReader
}

func newArriving(t *testing.T, a *arrivals, ssrc uint32, mimeType string) *arriving {
	s := &arriving{t: t, ssrc: ssrc, next: make(chan []byte, 8)}
	s.stream = a.BindRemoteStream(&interceptor.StreamInfo{
		SSRC: ssrc, MimeType: mimeType, RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: sdp.TransportCCURI, ID: numbered}},
	}, interceptor.RTPReaderFunc(func(b []byte, with interceptor.Attributes) (int, interceptor.Attributes, error) {
		next, ok := <-s.next
		if !ok {
			return 0, with, io.EOF
		}
		return copy(b, next), with, nil
	}))
	return s
}

// comes brings the packet with that number.
func (s *arriving) comes(number uint16) {
	s.t.Helper()
	h := rtp.Header{Version: 2, SSRC: s.ssrc}
	if err := h.SetExtension(numbered, binary.BigEndian.AppendUint16(nil, number)); err != nil {
		s.t.Fatal(err)
	}
	next, err := h.Marshal()
	if err != nil {
		s.t.Fatal(err)
	}
	s.next <- next
}

// read brings it and reads it.
func (s *arriving) read(number uint16) {
	s.t.Helper()
	s.comes(number)
	s.isRead(number)
}

func (s *arriving) isRead(number uint16) {
	s.t.Helper()
	b := make([]byte, 1500)
	n, _, err := s.stream.Read(b, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	var h rtp.Header
	if _, err := h.Unmarshal(b[:n]); err != nil {
		s.t.Fatal(err)
	}
	if got := binary.BigEndian.Uint16(h.GetExtension(numbered)); got != number {
		s.t.Errorf("packet %d is read, want %d", got, number)
	}
}

func TestArrivalsOfAllStreamsAreReportedOftenAndNotInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, told := newArrivals(), new(reported)
		a.BindRTCPWriter(told)
		video, sound := newArriving(t, a, videoSSRC, webrtc.MimeTypeVP8), newArriving(t, a, soundSSRC, webrtc.MimeTypeOpus)
		began := time.Now()
		for n := uint16(65500); n != 100; n += 2 { // 136 packets, of which the sixth pair is lost
			if n != 65510 {
				video.read(n)
				sound.read(n + 1)
			}
			time.Sleep(10 * time.Millisecond)
		}
		length := time.Since(began)
		time.Sleep(200 * time.Millisecond)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		came, lost, even := 0, 0, 0
		for i, r := range told.reports {
			if i > 0 && told.at[i].Sub(told.at[i-1]) == arrivalsPeriod {
				even++
			}
			came += len(r.RecvDeltas)
			lost += int(r.PacketStatusCount) - len(r.RecvDeltas)
		}
		if came != 134 || lost != 2 {
			t.Errorf("%d packets came and %d were lost by what is reported", came, lost)
		}
		first := 0
		for _, at := range told.at {
			if at.Sub(began) <= arrivalsFirst {
				first++
			}
		}
		// One of them may have nothing to tell, where the pair is lost.
		if most := int(arrivalsFirst / arrivalsSoon); first != most && first != most-1 {
			t.Errorf("%d reports in the first %v, want %d", first, arrivalsFirst, most)
		}
		n, rest := len(told.reports)-first, length-arrivalsFirst
		least, most := int(rest/(arrivalsPeriod+arrivalsUneven)), int(rest/(arrivalsPeriod-arrivalsUneven))+1
		if n < least || n > most || even > n/2 {
			t.Errorf("%d reports in the %v after these, %d times after exactly %v; want %d to %d, not even", n, rest, even, arrivalsPeriod, least, most)
		}
	})
}

func TestAReportNamesAStreamThatIsNotOfRepairs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, told := newArrivals(), new(reported)
		a.BindRTCPWriter(told)
		video, repairs := newArriving(t, a, videoSSRC, webrtc.MimeTypeVP8), newArriving(t, a, repairSSRC, webrtc.MimeTypeRTX)
		video.read(1)
		repairs.read(2)
		time.Sleep(arrivalsPeriod + arrivalsUneven)
		synctest.Wait()
		close(repairs.next)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if len(told.reports) != 1 || told.reports[0].MediaSSRC != videoSSRC || len(told.reports[0].RecvDeltas) != 2 {
			t.Errorf("reported: %v", told.reports)
		}
	})
}

func TestWhileAPathIsJammedNothingIsSaidOfWhatWasLostAndAtOnceWhatMayBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, told := newArrivals(), new(reported)
		a.BindRTCPWriter(told)
		from := newWay(300_000)
		from.now, from.tell = time.Now(), func(p arrival, came time.Time) {
			time.Sleep(time.Until(came))
			a.note(p, came)
			synctest.Wait()
			if a.jammed() && told.limits() == 0 {
				t.Error("the peer is told later than at once")
			}
		}
		from.call(time.Second, 900_000)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if len(told.ceilings) == 0 {
			t.Fatal("nothing was said")
		}
		lost := 0
		for _, r := range told.reports {
			lost += int(r.PacketStatusCount) - len(r.RecvDeltas)
		}
		if lost > 0 || from.sent < 2*len(told.reports) {
			t.Errorf("of %d packets %d were told of as lost", from.sent, lost)
		}
	})
}

func TestArrivalsEndWithTheConnectionAndTakeNothingAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in which a goroutine that went on would be noticed
		a, told := newArrivals(), new(reported)
		a.BindRTCPWriter(told)
		video := newArriving(t, a, videoSSRC, webrtc.MimeTypeVP8)
		video.read(1)
		for range 2 {
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
		}
		video.read(2)
		time.Sleep(time.Second)
		if len(told.reports) != 0 {
			t.Errorf("reported after the end: %v", told.reports)
		}
		if err := newArrivals().Close(); err != nil { // of a connection on which nothing came
			t.Fatal(err)
		}
	})
}
