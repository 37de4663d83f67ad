package peer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/transport/v5/packetio"
)

// arrivalsReport makes a report on the arrival of count packets, with what follows its head.
func arrivalsReport(count uint16, rest ...byte) []byte {
	for len(rest)%4 != 0 {
		rest = append(rest, 0)
	}
	b := []byte{2<<6 | formatArrivals, rtcpTransportFeedback, 0, byte(4 + len(rest)/4), 0, 0, 0, 1, 0, 0, 0, 2, 0, 1}
	b = binary.BigEndian.AppendUint16(b, count)
	return append(append(b, 0, 0, 0, 0), rest...)
}

func TestAReportThatOverstatesIsNotRead(t *testing.T) {
	run := func(fate byte, n uint16) []byte { return []byte{fate<<5 | byte(n>>8), byte(n)} }
	for name, c := range map[string]struct {
		report []byte
		want   bool
	}{
		"8191 arrived":                  {arrivalsReport(8191, run(1, 8191)...), true},
		"8191 arrived late":             {arrivalsReport(8191, run(2, 8191)...), true},
		"8191 lost":                     {arrivalsReport(8191, run(0, 8191)...), false},
		"two arrived of a run of 8191":  {arrivalsReport(2, append(run(1, 8191), 4, 4)...), false},
		"14 arrived, by a bit each":     {arrivalsReport(14, append([]byte{0xbf, 0xff}, make([]byte, 14)...)...), false},
		"14 arrived, and when of 10":    {arrivalsReport(14, append([]byte{0xbf, 0xff}, make([]byte, 10)...)...), true},
		"7 arrived late, two bits each": {arrivalsReport(7, append([]byte{0xea, 0xaa}, make([]byte, 14)...)...), false},
		"7 arrived late, and when of 5": {arrivalsReport(7, append([]byte{0xea, 0xaa}, make([]byte, 10)...)...), true},
		"behind another":                {append([]byte{2 << 6, 201, 0, 1, 0, 0, 0, 1}, arrivalsReport(100, run(1, 100)...)...), true},
		"another thing":                 {[]byte{2<<6 | 1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := overstates(c.report); got != c.want {
				t.Errorf("it overstates: %v, want %v", got, c.want)
			}
		})
	}
}

// FuzzOverstates compares with what pion makes of a report: no honest one is refused, and of what passes it never makes more than there is room for.
func FuzzOverstates(f *testing.F) {
	f.Add(uint16(8191), []byte{0x3f, 0xff})
	f.Add(uint16(20), []byte{0xbf, 0xff, 0xea, 0xaa, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, count uint16, rest []byte) {
		report := arrivalsReport(count, rest[:min(len(rest), 1000)]...)
		var parsed rtcp.TransportLayerCC
		err := parsed.Unmarshal(report)
		switch over := overstates(report); {
		case over && err == nil:
			t.Error("a report that can be read is refused")
		case !over && len(parsed.RecvDeltas) > len(report):
			t.Errorf("%d records of %d bytes", len(parsed.RecvDeltas), len(report))
		}
	})
}

// scriptedReports gives out one packet of RTCP after the other.
type scriptedReports [][]byte

func (s *scriptedReports) Read(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
	if len(*s) == 0 {
		return 0, a, io.EOF
	}
	n := copy(b, (*s)[0])
	*s = (*s)[1:]
	return n, a, nil
}

func TestAReportThatCannotBeReadDoesNotEndTheStreamOfReports(t *testing.T) {
	transport := newTransport()
	defer transport.Close()
	good, err := (&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 2}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	reports := scriptedReports{{0xff}, {2<<6 | 1, 205, 0, 9, 0}, arrivalsReport(9000, 0x3f, 0xff), good}
	reader := transport.BindRTCPReader(&reports)
	b := make([]byte, 1500)
	if n, _, err := reader.Read(b, nil); err != nil || !bytes.Equal(b[:n], good) {
		t.Errorf("read %x, %v", b[:n], err)
	}
	if _, _, err := reader.Read(b, nil); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestOnlySoManyReportsASecondAreRead(t *testing.T) {
	gate, now, read := newReportGate(), time.Now(), 0
	pli := []byte{2<<6 | 1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}
	for n := range 100_000 { // of ten seconds
		if gate.admits(pli, now.Add(time.Duration(n)*100*time.Microsecond)) {
			read++
		}
	}
	if most := mostReports + 10*reportsASecond; read > most || read < most-100 {
		t.Errorf("%d reports were read in 10 s, want %d", read, most)
	}
}

func TestAFloodOfStreamsIsNotKept(t *testing.T) {
	g := newGuard()
	for n := range uint32(mostStreams) {
		b := g.buffer(packetio.RTPBufferPacket, n)
		if _, err := b.Write([]byte("packet")); err != nil {
			t.Fatalf("stream %d: %v", n, err)
		}
	}
	select {
	case <-g.flooded:
		t.Fatal("as many streams as there may be are a flood")
	default:
	}
	b := g.buffer(packetio.RTCPBufferPacket, 1)
	if _, err := b.Write([]byte("packet")); err == nil {
		t.Error("a packet of one stream more was kept")
	}
	if n, err := b.Read(make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("read %d bytes, %v", n, err)
	}
	<-g.flooded
}
