package peer

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
)

// mail is what comes in of RTCP, each a while after the one before.
type mail struct {
	after   time.Duration
	packets []rtcp.Packet
}

// delivered reads all, and returns what went on to whoever reads a stream.
func (r *rig) delivered(t *testing.T, all []mail) (got [][]rtcp.Packet) {
	t.Helper()
	reader := r.BindRTCPReader(interceptor.RTCPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		if len(all) == 0 {
			return 0, nil, io.EOF
		}
		next := all[0]
		all = all[1:]
		time.Sleep(next.after)
		raw, err := rtcp.Marshal(next.packets)
		if err != nil {
			t.Fatal(err)
		}
		return copy(b, raw), a, nil
	}))
	b := make([]byte, 1500)
	for {
		n, _, err := reader.Read(b, nil)
		if err != nil {
			return got
		}
		packets, err := rtcp.Unmarshal(b[:n])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, packets)
	}
}

func saidAt(ntp uint64, rtpTime uint32) *rtcp.SenderReport {
	return &rtcp.SenderReport{SSRC: 9, NTPTime: ntp << 32, RTPTime: rtpTime}
}

func TestASenderReportThatWaitedToBeReadTellsOfTimestampsAndOfNoRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		got := r.delivered(t, []mail{{0, []rtcp.Packet{saidAt(5_000_000_000, 1)}}, {0, []rtcp.Packet{saidAt(5_000_000_001, 2)}}})
		if len(got) != 0 {
			t.Errorf("pion is given %v, and would take it to have come just now", got)
		}
		if _, stamp, ok := r.told.get(9); !ok || stamp != 2 {
			t.Errorf("told of timestamp %d (%v), want 2, of the later one", stamp, ok)
		}
	})
}

func TestAReportThatComesWhileItIsWaitedForGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		nack := &rtcp.TransportLayerNack{MediaSSRC: videoSSRC, Nacks: []rtcp.NackPair{{PacketID: 1}}}
		got := r.delivered(t, []mail{
			{0, []rtcp.Packet{nack}}, {100 * time.Millisecond, []rtcp.Packet{saidAt(5_000_000_000, 1)}}, {0, []rtcp.Packet{saidAt(5_000_000_001, 2)}},
		})
		if len(got) != 3 {
			t.Fatalf("%d of 3 packets went on", len(got))
		}
		if _, stamp, ok := r.told.get(9); !ok || stamp != 2 {
			t.Errorf("told of timestamp %d (%v), want 2", stamp, ok)
		}
	})
}

func TestSenderReportsOfNoMoreStreamsAreKeptThanThereAre(t *testing.T) {
	var all senderReports
	for i := range 10 * mostTold {
		all.note(&rtcp.SenderReport{SSRC: uint32(i), RTPTime: uint32(i)})
	}
	if n := len(all.last); n != mostTold {
		t.Errorf("%d are kept", n)
	}
	if _, stamp, ok := all.get(10*mostTold - 1); !ok || stamp != 10*mostTold-1 {
		t.Error("the last one is not among them")
	}
}
