package peer

import (
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"parley/call/flexfec"
)

// RecoveryStats returns what came of the other side's repair packets for a track, and false when it sends none.
func (c *Conn) RecoveryStats(track *webrtc.TrackRemote) (flexfec.Stats, bool) {
	l := c.linkOf(track)
	if l == nil {
		return flexfec.Stats{}, false
	}
	s := l.transport.recoveries.stream(uint32(track.SSRC()))
	if s == nil {
		return flexfec.Stats{}, false
	}
	return s.counted()
}

// recoveries is an interceptor that hands out what was recovered of the streams of one connection. It stands next to the tracks.
type recoveries struct {
	interceptor.NoOp

	mu      sync.Mutex
	streams map[uint32]*recoverableStream
}

func (r *recoveries) stream(ssrc uint32) *recoverableStream {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.streams[ssrc]
}

// BindRemoteStream is called by pion for each stream that comes in, before it is known whether there are repair packets for it.
func (r *recoveries) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	if kind, encoding, _ := strings.Cut(strings.ToLower(info.MimeType), "/"); kind != "video" || encoding == "rtx" || strings.HasPrefix(encoding, "flexfec") {
		return reader
	}
	s := &recoverableStream{ssrc: info.SSRC, reader: reader, mark: interceptor.Attributes{}}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.streams == nil {
		r.streams = map[uint32]*recoverableStream{}
	}
	r.streams[info.SSRC] = s
	return s
}

// UnbindRemoteStream is called by pion at the end of a stream.
func (r *recoveries) UnbindRemoteStream(info *interceptor.StreamInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.streams, info.SSRC)
}

// recoverableStream is a stream that comes in. What is recovered of it is read like what came, between that.
type recoverableStream struct {
	ssrc   uint32
	reader interceptor.RTPReader
	mark   interceptor.Attributes // of what was recovered; the reader's

	mu      sync.Mutex
	decoder *flexfec.Decoder      // nil until a repair packet came
	setTime func(time.Time) error // sets the read deadline of the track; with decoder
	woken   bool                  // the deadline has passed because something was recovered, which is to be read
}

// Read is called for the track by whoever reads that, one goroutine at a time. When it returns what was recovered, the track has no deadline
// any more: a reader sets its own before each read, or never.
func (s *recoverableStream) Read(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
	for {
		if n := s.recovered(b); n > 0 {
			return n, s.marked(), nil
		}
		n, with, err := s.reader.Read(b, a)
		if isTimeout(err) {
			if n := s.recovered(b); n > 0 {
				return n, s.marked(), nil
			}
		}
		if err != nil || !s.note(b[:n]) {
			return n, with, err
		}
	}
}

// note takes a packet that came, and says whether it was read before because it was recovered.
func (s *recoverableStream) note(packet []byte) (given bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.decoder != nil && s.decoder.Packet(packet)
}

// recovered takes out what was recovered, if anything was, and takes back the deadline that told of it.
func (s *recoverableStream) recovered(b []byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decoder == nil {
		return 0
	}
	if s.woken {
		s.woken = false
		_ = s.setTime(time.Time{})
	}
	return s.decoder.Recovered(b)
}

func (s *recoverableStream) marked() interceptor.Attributes {
	clear(s.mark)
	s.mark.Set(flexfec.AttributeRecovered, true)
	return s.mark
}

// repair takes the payloads of repair packets. It is called on the goroutine that reads those; setTime sets the read deadline of the track.
func (s *recoverableStream) repair(payloads [][]byte, setTime func(time.Time) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decoder == nil {
		s.decoder, s.setTime = flexfec.NewDecoder(s.ssrc), setTime
	}
	for _, payload := range payloads {
		_ = s.decoder.Repair(payload) // malformed, it is as if it had been lost
	}
	if s.decoder.Waiting() {
		// Who waits for the next packet does not look again for what was recovered.
		s.woken = true
		_ = s.setTime(time.Unix(1, 0))
	}
}

func (s *recoverableStream) counted() (flexfec.Stats, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decoder == nil {
		return flexfec.Stats{}, false
	}
	return s.decoder.Stats(), true
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
