package peer

import (
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
)

// Clock is what a track has that knows when what it sends was captured. Its sender reports are made from that; those of another track say when its
// packets were written, which is later, and by another time for each. A browser, and a Parley, hold a picture until its sound is heard by what the
// reports say of both.
type Clock interface {
	// Timestamp returns the RTP timestamp of what is captured at that time. Any goroutine may call it; it must not wait.
	Timestamp(at time.Time) uint32
}

// clockBy makes known by what clock the timestamps of a stream go.
func (t *transport) clockBy(ssrc uint32, clock Clock) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clocks[ssrc] = clock
}

// clockOf returns it; nil where it is not known.
func (t *transport) clockOf(ssrc uint32) Clock {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clocks[ssrc]
}

// BindRTCPWriter implements interceptor.Interceptor. It sets right what sender reports say of the time (RFC 3550 6.4.1): that a timestamp is the one of what
// was captured at the same time. And it counts what is written.
func (t *transport) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	return interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, a interceptor.Attributes) (int, error) {
		now := time.Now() // not the report's own time, which jumps where somebody sets the clock of the day
		for _, p := range packets {
			r, ok := p.(*rtcp.SenderReport)
			if !ok {
				continue
			}
			if clock := t.clockOf(r.SSRC); clock != nil {
				r.RTPTime = clock.Timestamp(now)
			}
		}
		n, err := writer.Write(packets, a)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.reports.note(n+headers, now)
		return n, err
	})
}
