package congestion

import (
	"time"

	"github.com/pion/rtcp"
)

// arrival is a packet that a report says has arrived, or has not.
type arrival struct {
	*record
	at time.Duration // on the peer's clock, from an arbitrary beginning; only if it arrived
	ok bool
}

// arrivalClock unwraps the reference times of reports, which count 64 ms in 24 bits.
type arrivalClock struct {
	begun bool
	last  uint32
	now   int64 // in 64 ms
}

const (
	referenceUnit    = 64 * time.Millisecond
	maxReferenceStep = 2000 // two minutes
)

func (c *arrivalClock) unwrap(reference uint32) time.Duration {
	reference &= 1<<24 - 1
	if !c.begun {
		c.begun, c.last, c.now = true, reference, 0
	}
	ahead := int64(int32((reference-c.last)<<8) >> 8)
	if ahead > maxReferenceStep || ahead < -maxReferenceStep {
		ahead = 0 // the peer's clock began anew
	}
	c.now += ahead
	c.last = reference
	return time.Duration(c.now) * referenceUnit
}

// walk appends to into what a report says of packets that were sent, in their order. It takes from a report no more than this
// side can have sent.
func (c *Controller) walk(f *rtcp.TransportLayerCC, into []arrival) []arrival {
	number := c.sent.unwrap(f.BaseSequenceNumber)
	at := c.clock.unwrap(f.ReferenceTime)
	left, deltas := int(f.PacketStatusCount), f.RecvDeltas
	note := func(symbol uint16) bool {
		if left <= 0 || len(into) >= historySize {
			return false
		}
		left--
		ok := symbol == rtcp.TypeTCCPacketReceivedSmallDelta || symbol == rtcp.TypeTCCPacketReceivedLargeDelta
		if ok {
			if len(deltas) == 0 {
				return false
			}
			at += time.Duration(deltas[0].Delta) * time.Microsecond
			deltas = deltas[1:]
		}
		if r := c.sent.find(number); r != nil {
			into = append(into, arrival{r, at, ok})
		}
		number++
		return true
	}
	for _, chunk := range f.PacketChunks {
		switch chunk := chunk.(type) {
		case *rtcp.RunLengthChunk:
			for range chunk.RunLength {
				if !note(chunk.PacketStatusSymbol) {
					return into
				}
			}
		case *rtcp.StatusVectorChunk:
			for _, symbol := range chunk.SymbolList {
				if !note(symbol) {
					return into
				}
			}
		}
	}
	return into
}
