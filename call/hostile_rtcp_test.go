package call_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pion/rtcp"
)

// report sends RTCP packets as they are.
func (m *mallory) report(packets ...rtcp.Packet) {
	if err := m.pc.WriteRTCP(packets); err != nil {
		m.wide.Add(1)
	}
}

// rawReport makes an RTCP packet of that type and format, about one of Ann's streams (or what else its third word may be), with any content.
func rawReport(format, kind uint8, media uint32, content ...byte) *rtcp.RawPacket {
	for len(content)%4 != 0 {
		content = append(content, 0)
	}
	b := []byte{2<<6 | format&31, kind}
	b = binary.BigEndian.AppendUint16(b, uint16(2+len(content)/4))
	b = binary.BigEndian.AppendUint32(b, 7) // from whomever
	b = binary.BigEndian.AppendUint32(b, media)
	raw := rtcp.RawPacket(append(b, content...))
	return &raw
}

// arrivalsOf makes a report on arrivals (https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01) that says of that
// many packets what the chunks and deltas say.
func arrivalsOf(media uint32, base, count uint16, reference uint32, number byte, rest ...byte) *rtcp.RawPacket {
	head := binary.BigEndian.AppendUint16(nil, base)
	head = binary.BigEndian.AppendUint16(head, count)
	head = append(head, byte(reference>>16), byte(reference>>8), byte(reference), number)
	return rawReport(15, 205, media, append(head, rest...)...)
}

// runs makes chunks of 8191 packets each that fared alike: 0 is lost, 1 and 2 are received.
func runs(n int, fate byte) (all []byte) {
	for range n {
		all = append(all, fate<<5|0x1f, 0xff)
	}
	return all
}

// extended makes an extended report (https://datatracker.ietf.org/doc/html/rfc3611#section-3) of one block of that type, with any content.
func extended(kind byte, random *rand.Rand) *rtcp.RawPacket {
	content := make([]byte, 200)
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	return rawReport(0, 207, uint32(kind)<<24|uint32(len(content)/4), content...)
}

func (m *mallory) anyOfTheirs(n int) uint32 { return m.theirs[n%len(m.theirs)] }

func TestWhoLiesInReportsHarmsNobodyElse(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	suffer(t, map[string]attack{
		"asks for every packet again and again": {blow: func(m *mallory, n int) {
			var all []rtcp.NackPair
			for i := range uint16(250) {
				all = append(all, rtcp.NackPair{PacketID: uint16(m.newest.Load()) - 17*i, LostPackets: math.MaxUint16})
			}
			m.report(&rtcp.TransportLayerNack{SenderSSRC: 7, MediaSSRC: m.anyOfTheirs(n), Nacks: all})
		}},
		"asks for key frames without end": {blow: func(m *mallory, n int) {
			m.report(&rtcp.PictureLossIndication{SenderSSRC: 7, MediaSSRC: m.anyOfTheirs(n)},
				&rtcp.FullIntraRequest{SenderSSRC: 7, MediaSSRC: m.anyOfTheirs(n), FIR: []rtcp.FIREntry{{SSRC: m.anyOfTheirs(n), SequenceNumber: uint8(n)}}})
		}},
		"names absurd rates": {blow: func(m *mallory, n int) {
			rate := []float32{0, 1, math.MaxFloat32, float32(math.Inf(1)), 3e9}[n%5]
			m.report(&rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: 7, Bitrate: rate, SSRCs: m.theirs})
		}},
		"says that all was lost": {blow: func(m *mallory, n int) {
			m.report(arrivalsOf(m.anyOfTheirs(n), uint16(8000*n), 65535, uint32(n), byte(n), runs(9, 0)...))
		}},
		"says that all arrived, at absurd times": {blow: func(m *mallory, n int) {
			rest := append([]byte{0xbf, 0xff, 0xbf, 0xff}, make([]byte, 28)...)
			for i := range 28 {
				rest[4+i] = byte(random.Uint32())
			}
			m.report(arrivalsOf(m.anyOfTheirs(n), uint16(random.Uint32()), 28, random.Uint32(), byte(n), rest...))
		}},
		"says that thousands arrived, and not when": {blow: func(m *mallory, n int) {
			m.report(arrivalsOf(m.anyOfTheirs(n), uint16(random.Uint32()), 65535, random.Uint32(), byte(n), runs(9, 1+byte(n%2))...))
		}},
		"reports absurd losses and delays": {blow: func(m *mallory, n int) {
			var blocks []rtcp.ReceptionReport
			for i := range 31 {
				blocks = append(blocks, rtcp.ReceptionReport{
					SSRC: m.anyOfTheirs(i), FractionLost: 255, TotalLost: 1<<24 - 1, LastSequenceNumber: random.Uint32(), Jitter: math.MaxUint32,
					LastSenderReport: random.Uint32(), Delay: random.Uint32(),
				})
			}
			m.report(&rtcp.ReceiverReport{SSRC: m.sends[n%3].ssrc, Reports: blocks})
		}},
		"tells absurd times": {blow: func(m *mallory, n int) {
			track := m.sends[n%3]
			m.report(&rtcp.SenderReport{SSRC: track.ssrc, NTPTime: random.Uint64(), RTPTime: random.Uint32(), PacketCount: random.Uint32()})
			track.write([]string{"audio/opus", "video/vp8", "video/vp8"}[n%3], []byte{0x10, 0x11, 0, 0}, nil)
		}},
		"says good-bye to streams and goes on": {blow: func(m *mallory, n int) {
			m.report(&rtcp.Goodbye{Sources: append(m.theirs, m.sends[n%3].ssrc), Reason: "none"})
			m.sends[1].write("video/vp8", []byte{0x10, 0x11, 0, 0}, nil)
		}},
		"sends extended reports of garbage": {blow: func(m *mallory, n int) {
			m.report(extended([]byte{0, 4, 8, 255}[n%4], random)) // of which none names a stream
		}},
		"sends extended reports on thousands of streams": {refused: true, blow: func(m *mallory, n int) {
			m.report(extended([]byte{1, 2, 3, 5, 6, 7}[n%6], random))
		}},
		"sends reports of garbage": {refused: true, blow: func(m *mallory, n int) {
			content := make([]byte, 4*random.IntN(80))
			for i := range content {
				content[i] = byte(random.Uint32())
			}
			m.report(rawReport(uint8(random.Uint32()), 200+uint8(n%10), m.anyOfTheirs(n), content...))
		}},
		"reports on thousands of streams": {refused: true, blow: func(m *mallory, n int) {
			m.report(rawReport(1, 206, uint32(n+1)))
		}},
	})
}
