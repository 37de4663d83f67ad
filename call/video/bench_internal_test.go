package video

import (
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// BenchmarkPacket takes packets of five a frame through parsing, the buffer, and assembly, without decoding.
func BenchmarkPacket(b *testing.B) {
	for _, loss := range []int{0, 20} {
		b.Run(fmt.Sprintf("%d%%", loss), func(b *testing.B) {
			raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96}, Payload: make([]byte, 1100)}).Marshal()
			if err != nil {
				b.Fatal(err)
			}
			var in buffer
			var scratch rtp.Packet
			var ask []uint16
			insert := func(n int, repair bool, now time.Time) {
				p := packetPool.Get().(*packet)
				copy(p.raw[:], raw)
				p.raw[1], p.raw[2], p.raw[3], p.raw[12] = 96, byte(n>>8), byte(n), 0
				if n%5 == 4 {
					p.raw[1] |= 0x80 // marker
				}
				if n%5 == 0 {
					p.raw[12] = 0x10 // start
				}
				p.raw[7] = byte(n / 5)
				if err := p.parse(len(raw), nil, &usualTypes, &scratch, now); err != nil {
					b.Fatal(err)
				}
				p.repair = repair
				in.insert(p)
			}
			lost := make([]int, 0, 64)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				now := time.Unix(0, int64(n)*int64(7*time.Millisecond))
				if n%100 < loss && n%5 == 3 {
					lost = append(lost, n)
				} else {
					insert(n, false, now)
				}
				if n%15 == 0 { // 105 ms later the repairs come
					for _, l := range lost {
						insert(l, true, now)
					}
					lost = lost[:0]
				}
				ask = in.nacks.due(now, ask[:0])
				for _, _, ok := in.pop(now, false); ok; _, _, ok = in.pop(now, false) {
				}
			}
		})
	}
}

// BenchmarkPlayoutClock times a frame.
func BenchmarkPlayoutClock(b *testing.B) {
	var c playoutClock
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		at := time.Unix(0, int64(n)*int64(time.Second/30)+int64(n*n%97)*int64(time.Millisecond))
		c.schedule(codedFrame{timestamp: uint32(3000 * n), ready: at, completed: at, repaired: n%4 == 0}, time.Time{})
	}
}
