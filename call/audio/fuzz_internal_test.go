package audio

import (
	"encoding/binary"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// headSize is that of a packet as the fuzzer writes it: the pause before it in ms (1 byte), what to add to the source (1; the lowest bit turns
// RED on and off), sequence number (2) and timestamp (4) that would follow, and its payload (2): how many of the bytes behind are that, or, from
// known on, which of the known ones it is.
const headSize, known = 10, 0x8000

// redOpus is the payload type of frames in RED.
const redOpus = 111

func written(pause, source byte, seq uint16, stamp uint32, payload uint16, behind ...byte) []byte {
	b := []byte{pause, source}
	b = binary.BigEndian.AppendUint16(b, seq)
	b = binary.BigEndian.AppendUint32(b, stamp)
	b = binary.BigEndian.AppendUint16(b, payload)
	return append(b, behind...)
}

// script is what a peer sends, and how. It names what encoders made by numbers: the fuzzer shortens each script that it finds worth keeping, byte by
// byte, which takes it the square of the length.
type script struct {
	payloads [][]byte
	rest     []byte
}

// next changes p, the packet before, to the next one, and says after which pause it comes.
func (s *script) next(p *rtp.Packet) (pause time.Duration, turn bool) {
	head := s.rest[:headSize]
	s.rest = s.rest[headSize:]
	p.SSRC += uint32(head[1] >> 1)
	p.SequenceNumber += 1 + binary.BigEndian.Uint16(head[2:])
	p.Timestamp += frameSize + binary.BigEndian.Uint32(head[4:])
	if n := int(binary.BigEndian.Uint16(head[8:])); n >= known {
		p.Payload = s.payloads[(n-known)%len(s.payloads)]
	} else {
		n = min(n, len(s.rest))
		p.Payload, s.rest = s.rest[:n], s.rest[n:]
	}
	return time.Duration(head[0]) * time.Millisecond, head[1]&1 != 0
}

// scripted returns payloads of all kinds, and scripts that send them.
func scripted() (payloads, scripts [][]byte) {
	const n = 8 // of each kind
	voice := singing(n)
	payloads = slices.Concat(voice, describing(n))
	var before sentFrames
	for i, frame := range voice {
		packet, _ := before.appendRED(nil, redOpus, uint32(i*frameSize), frame, mostCopies)
		before.keep(uint32(i*frameSize), frame)
		payloads = append(payloads, packet)
	}
	for _, frame := range voice { // 120 ms
		payloads = append(payloads, append([]byte{31<<3 | 3, 6}, frame...))
	}
	payloads = append(payloads, make([]byte, 2*maxPayload))
	const describes, redundant, long, endless = known + n, known + 2*n, known + 3*n, known + 4*n
	var steady, wild, deep, red, late []byte
	for i := range n {
		k := uint16(i)
		steady = append(steady, written(20, 0, 0, 0, known+k)...)
		wild = append(wild, written(byte(i*37), byte(i%7/6), uint16(i*i*977), uint32(i*i*i*77777), k, voice[i][:i]...)...)
		deep = append(deep, written(60, 0, 2, 2*frameSize, describes+k)...) // each third packet comes, and describes the two before
		late = append(late, written(1, 0, 0, 4800, long+k)...)
		if i%4 != 3 { // one of four is lost
			lost := i / 4
			red = append(red, written(20, byte(1-min(1, i)), uint16(lost), uint32(lost*frameSize), redundant+k)...)
		}
	}
	afresh := append(written(0, 1, 0, 0, redundant+2), written(0, 2, 0, 0, known)...) // the first packet brings copies that nobody will play
	return payloads, [][]byte{steady, wild, deep, red, late, afresh, written(0, 0, 0, 0, 0), written(0, 0, 0, 0, endless)}
}

// FuzzReceive lets a peer send what it likes. Whatever that is, the sound goes on at the pace of the speaker, what is kept
// is bounded, and the numbers add up.
func FuzzReceive(f *testing.F) {
	payloads, scripts := scripted()
	for _, s := range scripts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		e := &Engine{log: slog.New(slog.DiscardHandler)}
		r := newReceiver(e, nil, 0)
		e.mixer.add(r, nil)
		var packet rtp.Packet
		out := make([]int16, Channels*BlockSize)
		now := time.Now()
		heard, pulled := now, uint64(0)
		for s := (script{payloads, said}); len(s.rest) >= headSize; {
			pause, turn := s.next(&packet)
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
