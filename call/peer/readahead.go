package peer

import (
	"sync/atomic"

	"github.com/pion/interceptor"
)

// Pion reads a stream of repairs (RFC 4588) when its track is read, which begins with the first picture. But a browser tries how wide the path is before that, with
// padding on that stream. Not read, it would be told of as lost, and the browser would hold its first picture back for want of a path.

// readAheadMost is how many packets are kept of a stream that nobody reads; further ones are only noted.
const readAheadMost = 16

// readAhead reads a stream until somebody else does.
type readAhead struct {
	stream  interceptor.RTPReader
	kept    chan aheadPacket // closed when this has read its last
	claimed atomic.Bool      // somebody reads
}

type aheadPacket struct {
	data []byte
	with interceptor.Attributes
	err  error
}

func newReadAhead(stream interceptor.RTPReader) *readAhead {
	return &readAhead{stream: stream, kept: make(chan aheadPacket, readAheadMost)}
}

// run ends with the stream, or with the first packet after somebody else began to read.
func (r *readAhead) run() {
	defer close(r.kept)
	for {
		b := make([]byte, maxPacket) // with is about it
		n, with, err := r.stream.Read(b, nil)
		p := aheadPacket{b[:n], with, err}
		if r.claimed.Load() {
			r.kept <- p // there is room, or somebody makes it
			return
		}
		select {
		case r.kept <- p:
		default:
		}
		if err != nil {
			return
		}
	}
}

// Read implements interceptor.RTPReader.
func (r *readAhead) Read(b []byte, with interceptor.Attributes) (int, interceptor.Attributes, error) {
	r.claimed.Store(true)
	if p, ok := <-r.kept; ok {
		return copy(b, p.data), p.with, p.err
	}
	return r.stream.Read(b, with)
}
