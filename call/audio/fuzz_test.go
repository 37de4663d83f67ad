package audio_test

import (
	"encoding/binary"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"parley/call/audio"
)

// script is a track that plays what a fuzzer wrote: of each packet the pause before it in ms (1 byte), the changes
// of source (1), sequence number (2) and timestamp (4) to those that would follow, the length of the payload (2), and that.
type script struct {
	mu   sync.Mutex
	rest []byte
	last rtp.Packet
	quit chan struct{}
}

func (s *script) ReadRTP() (*rtp.Packet, interceptor.Attributes, error) {
	s.mu.Lock()
	if len(s.rest) < 10 {
		s.mu.Unlock()
		<-s.quit
		return nil, nil, io.EOF
	}
	head := s.rest[:10]
	s.rest = s.rest[10:]
	n := min(int(binary.BigEndian.Uint16(head[8:])), len(s.rest))
	s.last.SSRC += uint32(head[1])
	s.last.SequenceNumber += 1 + binary.BigEndian.Uint16(head[2:])
	s.last.Timestamp += 960 + binary.BigEndian.Uint32(head[4:])
	s.last.Payload = s.rest[:n]
	s.rest = s.rest[n:]
	p := s.last
	s.mu.Unlock()
	select {
	case <-time.After(time.Duration(head[0]) * time.Millisecond):
		return &p, nil, nil
	case <-s.quit:
		return nil, nil, io.EOF
	}
}

// written is a packet as script reads it.
func written(pause, source byte, seq uint16, stamp uint32, payload []byte) []byte {
	b := []byte{pause, source}
	b = binary.BigEndian.AppendUint16(b, seq)
	b = binary.BigEndian.AppendUint32(b, stamp)
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	return append(b, payload...)
}

// FuzzReceive lets a peer send what it likes. Whatever that is, the sound goes on at the pace of the speaker, and the numbers add up.
func FuzzReceive(f *testing.F) {
	voice := []byte{15 << 3, 0x4a, 0x11, 0x5c, 0x9e, 0x00, 0x31, 0xc4, 0x77}
	var steady, wild, long []byte
	for i := range 30 {
		steady = append(steady, written(20, 0, 0, 0, voice)...)
		wild = append(wild, written(byte(i*37), byte(i%7/6), uint16(i*i*977), uint32(i*i*i*77777), voice[:1+i%8])...)
		long = append(long, written(1, 0, 0, 4800, []byte{31<<3 | 3, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})...)
	}
	f.Add(steady)
	f.Add(wild)
	f.Add(long)
	f.Add(written(0, 0, 0, 0, nil))
	f.Add(written(0, 0, 0, 0, make([]byte, 3000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		bubble(t, func(t *testing.T) {
			var r room
			e := r.listener(t)
			track := &script{rest: data, quit: make(chan struct{})}
			receiver := e.Receive(track)
			defer func() {
				close(track.quit)
				<-receiver.Done()
			}()
			start := time.Now()
			time.Sleep(2 * time.Second)
			passed := uint64(time.Since(start) * audio.SampleRate / time.Second)
			s := receiver.Stats()
			if s.TotalSamplesReceived > passed+12000 {
				t.Errorf("%d samples were made in the time of %d", s.TotalSamplesReceived, passed)
			}
			if s.SilentConcealedSamples > s.ConcealedSamples || s.ConcealedSamples > s.TotalSamplesReceived {
				t.Errorf("of %d samples, %d are concealed, of which %d silent",
					s.TotalSamplesReceived, s.ConcealedSamples, s.SilentConcealedSamples)
			}
			if s.PacketsDiscarded > s.PacketsReceived {
				t.Errorf("%d of %d packets were discarded", s.PacketsDiscarded, s.PacketsReceived)
			}
			if s.JitterBufferDelay < 0 || s.JitterBufferDelay > 2*float64(s.JitterBufferEmittedCount) {
				t.Errorf("samples waited for %v s in all, %d of them", s.JitterBufferDelay, s.JitterBufferEmittedCount)
			}
			if n := len(r.heard()); n < audio.SampleRate {
				t.Errorf("the speaker got %d samples", n)
			}
		})
	})
}
