package peer

import (
	"context"
	"encoding/binary"
	"io"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/transport/v5/packetio"
	"github.com/pion/webrtc/v4"
	"golang.org/x/time/rate"
)

// Bounds on what a peer may have this side keep and do for one connection, beside those on descriptions in negotiate.go.
const (
	// Pion keeps each stream that a packet names, of media or of reports, with its buffer for as long as the connection lasts: there are as many
	// as there are SSRCs. A Parley or a browser has about twenty.
	mostStreams  = 256
	mostChannels = 8 // data channels that the peer opens, of which this side has no use for any

	// Reports are dealt with as they come: two streams of video may be asked for 200 times a second each, and arrivals are told 50 times.
	reportsASecond = 1000
	mostReports    = 1000 // at once

	// What comes over the data channel is bounded as the signaling server bounds its own.
	controlsASecond = 50
	mostControls    = 200 // at once
)

// The same as pion has them where it is not told otherwise, in bytes.
const (
	mediaBuffer  = 1_000_000
	reportBuffer = 100_000
)

// guard counts what the peer makes this side keep for one connection. Once that is more than any program has a use for, nothing more is kept,
// and flooded is closed.
type guard struct {
	streams, channels atomic.Int32
	flooded           chan struct{}
	once              sync.Once

	ctx   context.Context // of the handshake of DTLS
	close context.CancelFunc
}

func newGuard() *guard {
	g := &guard{flooded: make(chan struct{})}
	g.ctx, g.close = context.WithCancel(context.Background())
	return g
}

// handshake is for pion, which waits for the end of a handshake even when the connection is closed.
func (g *guard) handshake() (context.Context, func()) { return g.ctx, func() {} }

// over notes that one more of something is kept, and says whether that is too many.
func (g *guard) over(count *atomic.Int32, most int32) bool {
	if count.Add(1) <= most {
		return false
	}
	g.once.Do(func() { close(g.flooded) })
	return true
}

// buffer makes what pion keeps the packets of a stream in, until they are read.
func (g *guard) buffer(kind packetio.BufferPacketType, _ uint32) io.ReadWriteCloser {
	b := &streamBuffer{packetio.NewBuffer()}
	if kind == packetio.RTCPBufferPacket {
		b.SetLimitSize(reportBuffer)
	} else {
		b.SetLimitSize(mediaBuffer)
	}
	if g.over(&g.streams, mostStreams) {
		_ = b.Close() // nothing gets in, and who reads finds the end
	}
	return b
}

// onChannel closes a data channel that the peer opened.
func (g *guard) onChannel(d *webrtc.DataChannel) {
	g.over(&g.channels, mostChannels)
	_ = d.Close()
}

// streamBuffer is a buffer as pion wants one. A packet's attributes go with it where they are asked for.
type streamBuffer struct{ *packetio.Buffer }

// Read implements io.Reader.
func (b *streamBuffer) Read(p []byte) (int, error) {
	n, _, err := b.Buffer.Read(p, nil)
	return n, err
}

// Write implements io.Writer.
func (b *streamBuffer) Write(p []byte) (int, error) { return b.Buffer.Write(p, nil) }

// ReadWithAttributes is what pion looks for.
func (b *streamBuffer) ReadWithAttributes(p []byte, a packetio.Attributes) (int, packetio.Attributes, error) {
	return b.Buffer.Read(p, a)
}

// WriteWithAttributes is what pion looks for.
func (b *streamBuffer) WriteWithAttributes(p []byte, a packetio.Attributes) (int, error) {
	return b.Buffer.Write(p, a)
}

// reportGate lets reports through that are worth reading.
type reportGate struct{ limit *rate.Limiter }

func newReportGate() reportGate { return reportGate{rate.NewLimiter(reportsASecond, mostReports)} }

// admits says whether a packet of RTCP is to be read.
func (g reportGate) admits(packet []byte, now time.Time) bool {
	return g.limit.AllowN(now, 1) && !overstates(packet)
}

const (
	rtcpTransportFeedback = 205 // RFC 4585 6.1
	formatArrivals        = 15
)

// overstates says whether there is a report on arrivals in a packet of RTCP, perhaps a compound one, that says of more packets that they
// arrived than it has room to say when. Pion would make a record of each, of up to 65,535, before it found out.
// https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01#section-3.1
func overstates(packet []byte) bool {
	for len(packet) >= 4 {
		size := 4 * (1 + int(binary.BigEndian.Uint16(packet[2:])))
		if size > len(packet) {
			return false // pion refuses it
		}
		if packet[1] == rtcpTransportFeedback && packet[0]&31 == formatArrivals && size >= 20 && overstated(packet[:size]) {
			return true
		}
		packet = packet[size:]
	}
	return false
}

// overstated is overstates, of one report.
func overstated(report []byte) bool {
	left, needed := int(binary.BigEndian.Uint16(report[14:])), 0
	rest := report[20:]
	for left > 0 && len(rest) >= 2 {
		chunk := binary.BigEndian.Uint16(rest)
		rest = rest[2:]
		n := 0
		switch {
		case chunk>>15 == 0: // a run of the same
			n = min(left, int(chunk&0x1fff))
			if each := int(chunk >> 13 & 3); each < 3 {
				needed += each * n
			}
		case chunk>>14&1 == 0: // a bit each
			n = min(left, 14)
			needed += bits.OnesCount16(chunk & 0x3fff >> (14 - n))
		default: // two bits each
			n = min(left, 7)
			for i := range n {
				if each := int(chunk >> (12 - 2*i) & 3); each < 3 {
					needed += each
				}
			}
		}
		left -= n
	}
	return needed > len(rest)
}
