package flexfec_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/pion/rtp"

	"parley/call/flexfec"
)

// FuzzDecode gives a decoder whatever a peer may send, in pieces: packets of the stream and repair packets, each after its length.
func FuzzDecode(f *testing.F) {
	packets := stream(rand.New(rand.NewPCG(1, 1)), 65530, 12)
	for i := range packets {
		packets[i].Payload = packets[i].Payload[:min(5, len(packets[i].Payload))]
	}
	for _, count := range []int{1, 3} {
		var seed []byte
		add := func(kind byte, b []byte) {
			seed = append(binary.BigEndian.AppendUint16(append(seed, kind), uint16(len(b))), b...)
		}
		for _, p := range packets[:len(packets)-count] {
			add(0, raw(p))
		}
		for _, payload := range repairs(packets, count) {
			add(1, payload)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := flexfec.NewDecoder(mediaSSRC)
		given, out := 0, make([]byte, flexfec.MaxSize)
		handed := 0
		for len(data) >= 3 {
			kind, size := data[0], int(binary.BigEndian.Uint16(data[1:]))
			data = data[3:]
			piece := data[:min(size, len(data))]
			data = data[len(piece):]
			if kind&1 == 0 {
				d.Packet(piece)
				continue
			}
			if d.Repair(piece) == nil {
				given++
			}
			for n := d.Recovered(out); n > 0; n = d.Recovered(out) {
				handed++
				if n < 12 || out[0]>>6 != 2 || binary.BigEndian.Uint32(out[8:]) != mediaSSRC {
					t.Fatalf("no packet of the stream: %x", out[:n])
				}
			}
		}
		s := d.Stats()
		if handed > given || s.Recovered+s.FECPacketsDiscarded > s.FECPacketsReceived {
			t.Fatalf("%d repair packets, %d recovered: %+v", given, handed, s)
		}
	})
}

func TestNothingIsAllocatedByThePacket(t *testing.T) {
	packets := stream(rand.New(rand.NewPCG(2, 2)), 0, 32)
	headers := make([]rtp.Header, len(packets))
	var e flexfec.Encoder
	d := flexfec.NewDecoder(mediaSSRC)
	var wire [flexfec.MaxSize]byte
	payload, out := make([]byte, repairSpace), make([]byte, flexfec.MaxSize)
	got := 0
	number := uint16(0)
	round := func() {
		for i := range packets {
			headers[i] = packets[i].Header
			headers[i].SequenceNumber = number
			number++
			e.Add(&headers[i], packets[i].Payload)
			if i%10 != 3 {
				n, err := headers[i].MarshalTo(wire[:])
				must(err)
				n += copy(wire[n:], packets[i].Payload)
				d.Packet(wire[:n])
			}
			count := e.Due(0.5)
			for j := range count {
				must(d.Repair(payload[:e.Repair(payload, j, count)]))
			}
			if count > 0 {
				e.Clear()
			}
			for d.Recovered(out) > 0 {
				got++
			}
		}
	}
	if each := testing.AllocsPerRun(100, round); each > 0 {
		t.Errorf("%.0f allocations in %d packets", each, len(packets))
	}
	if got < 200 {
		t.Errorf("only %d packets were recovered", got)
	}
}

// BenchmarkProtect measures the encoder by packet of the stream: 1,100 bytes, eight a frame, three repair packets for those.
func BenchmarkProtect(b *testing.B) {
	payload, repair := make([]byte, 1100), make([]byte, repairSpace)
	header := rtp.Header{Version: 2, PayloadType: mediaType, SSRC: mediaSSRC}
	must(header.SetExtension(3, []byte{1, 2}))
	var e flexfec.Encoder
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		header.SequenceNumber, header.Marker = uint16(i), i%8 == 7
		e.Add(&header, payload)
		count := e.Due(0.375)
		for j := range count {
			e.Repair(repair, j, count)
		}
		if count > 0 {
			e.Clear()
		}
	}
}

// BenchmarkRecover measures the decoder by frame of eight packets, of which two are lost, with three repair packets.
func BenchmarkRecover(b *testing.B) {
	packets := make([]rtp.Packet, 8)
	wires := make([][]byte, len(packets))
	for i := range packets {
		packets[i] = rtp.Packet{
			Header:  rtp.Header{Version: 2, PayloadType: mediaType, SequenceNumber: uint16(i), SSRC: mediaSSRC},
			Payload: make([]byte, 1100),
		}
		wires[i] = raw(packets[i])
	}
	payloads := repairs(packets, 3)
	d := flexfec.NewDecoder(mediaSSRC)
	out := make([]byte, flexfec.MaxSize)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		first := uint16(8 * i)
		for j, w := range wires {
			if j != 2 && j != 3 {
				binary.BigEndian.PutUint16(w[2:], first+uint16(j))
				d.Packet(w)
			}
		}
		for _, p := range payloads {
			binary.BigEndian.PutUint16(p[16:], first)
			must(d.Repair(p))
		}
		for range 2 {
			if d.Recovered(out) == 0 {
				b.Fatal("nothing was recovered")
			}
		}
	}
}

// BenchmarkHostile measures the decoder by repair packet of a peer that makes each as dear as it can: it protects all that is kept, and recovers a
// packet that was never sent.
func BenchmarkHostile(b *testing.B) {
	d := flexfec.NewDecoder(mediaSSRC)
	p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: mediaType, SSRC: mediaSSRC}, Payload: make([]byte, 1400)}
	sequence := uint16(0)
	wire := raw(p)
	for ; sequence < 108; sequence++ {
		binary.BigEndian.PutUint16(wire[2:], sequence)
		d.Packet(wire)
	}
	payload := make([]byte, 32+1400)
	payload[8] = 1
	binary.BigEndian.PutUint32(payload[12:], mediaSSRC)
	binary.BigEndian.PutUint16(payload[18:], 0x7fff)
	binary.BigEndian.PutUint32(payload[20:], 0x7fffffff)
	binary.BigEndian.PutUint64(payload[24:], 0xffffffffffffffff)
	payload[0], payload[1] = 0, mediaType
	out := make([]byte, flexfec.MaxSize)
	// The parity of 108 equal packets is nothing: the one that lacks is what the repair packet says.
	b.ReportAllocs()
	for b.Loop() {
		binary.BigEndian.PutUint16(payload[16:], sequence-108)
		must(d.Repair(payload))
		if d.Recovered(out) == 0 {
			b.Fatal("nothing was recovered")
		}
		sequence++
		binary.BigEndian.PutUint16(wire[2:], sequence-1)
		d.Packet(wire)
	}
}
