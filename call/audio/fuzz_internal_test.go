package audio

import (
	"encoding/binary"
	"log/slog"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// headSize is that of a packet as the fuzzer writes it: the pause before it in ms (1 byte), what to add to the source (1; the lowest bit turns
// RED on and off), sequence number (2) and timestamp (4) that would follow, and the length of the payload (2) behind it.
const headSize = 10

// redOpus is the payload type of frames in RED.
const redOpus = 111

func written(pause, source byte, seq uint16, stamp uint32, payload []byte) []byte {
	b := []byte{pause, source}
	b = binary.BigEndian.AppendUint16(b, seq)
	b = binary.BigEndian.AppendUint32(b, stamp)
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	return append(b, payload...)
}

// read changes p, the packet before, to the next one in script, and returns what follows that.
func read(p *rtp.Packet, script []byte) (pause time.Duration, rest []byte) {
	head, rest := script[:headSize], script[headSize:]
	p.SSRC += uint32(head[1] >> 1)
	p.SequenceNumber += 1 + binary.BigEndian.Uint16(head[2:])
	p.Timestamp += frameSize + binary.BigEndian.Uint32(head[4:])
	n := min(int(binary.BigEndian.Uint16(head[8:])), len(rest))
	p.Payload = rest[:n]
	return time.Duration(head[0]) * time.Millisecond, rest[n:]
}

// FuzzReceive lets a peer send what it likes. Whatever that is, the sound goes on at the pace of the speaker, what is kept
// is bounded, and the numbers add up.
func FuzzReceive(f *testing.F) {
	voice := singing(8)
	var steady, wild, long []byte
	for i := range 30 {
		steady = append(steady, written(20, 0, 0, 0, voice[i%8])...)
		wild = append(wild, written(byte(i*37), byte(i%7/6), uint16(i*i*977), uint32(i*i*i*77777), voice[i%8][:1+i])...)
		long = append(long, written(1, 0, 0, 4800, append([]byte{31<<3 | 3, 6}, voice[i%8]...))...)
	}
	var before sentFrames
	var red []byte
	turn, lost := byte(1), 0
	for i := range 30 {
		packet, _ := before.appendRED(nil, redOpus, uint32(i*frameSize), voice[i%8], mostCopies)
		before.keep(uint32(i*frameSize), voice[i%8])
		if lost++; i%5 != 4 {
			red = append(red, written(20, turn, uint16(lost-1), uint32((lost-1)*frameSize), packet)...)
			turn, lost = 0, 0
		}
	}
	var deep []byte // each third packet comes, and describes the two before
	for i, p := range describing(60) {
		if i%3 == 0 {
			deep = append(deep, written(60, 0, 2, 2*frameSize, p)...)
		}
	}
	f.Add(deep)
	f.Add(red)
	f.Add(steady)
	f.Add(wild)
	f.Add(long)
	f.Add(written(0, 0, 0, 0, nil))
	f.Add(written(0, 0, 0, 0, make([]byte, 3000)))
	f.Fuzz(func(t *testing.T, script []byte) {
		e := &Engine{log: slog.New(slog.DiscardHandler)}
		r := newReceiver(e, nil, 0)
		e.mixer.add(r, nil)
		var packet rtp.Packet
		out := make([]int16, Channels*BlockSize)
		now := time.Now()
		heard, pulled := now, uint64(0)
		for len(script) >= headSize {
			var pause time.Duration
			turn := script[1]&1 != 0
			pause, script = read(&packet, script)
			if turn {
				r.format.red, r.format.opus = !r.format.red, redOpus
			}
			now = now.Add(pause)
			for ; now.Sub(heard) >= blockTime; heard = heard.Add(blockTime) {
				e.mixer.mix(out, heard)
				pulled += BlockSize
			}
			r.push(&packet, now)
		}
		check(t, r, pulled)
	})
}

func check(t *testing.T, r *Receiver, pulled uint64) {
	t.Helper()
	s, b := r.Stats(), &r.playout.buffer
	if s.TotalSamplesReceived > pulled+longestPiece {
		t.Errorf("%d samples were made, and %d heard", s.TotalSamplesReceived, pulled)
	}
	if s.SilentConcealedSamples > s.ConcealedSamples || s.ConcealedSamples > s.TotalSamplesReceived {
		t.Errorf("of %d samples, %d are concealed, of which %d silent", s.TotalSamplesReceived, s.ConcealedSamples, s.SilentConcealedSamples)
	}
	if s.PacketsDiscarded > s.PacketsReceived {
		t.Errorf("%d of %d packets were discarded", s.PacketsDiscarded, s.PacketsReceived)
	}
	if s.FECPacketsDiscarded > s.FECPacketsReceived {
		t.Errorf("%d of %d copies were of no use", s.FECPacketsDiscarded, s.FECPacketsReceived)
	}
	if len(b.packets)+len(b.spare) > maxPackets+1 || b.span() > maxSpan {
		t.Errorf("%d packets of %d samples are kept, and %d spare ones", len(b.packets), b.span(), len(b.spare))
	}
	if target := b.arrivals.target(); target < minTarget || target > maxTarget {
		t.Errorf("the target is %v", target)
	}
	for i := 1; i < len(b.packets); i++ {
		if b.packets[i].ts <= b.packets[i-1].ts {
			t.Error("packets are out of order")
		}
	}
}
