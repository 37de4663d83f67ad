package flexfec_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	pion "github.com/pion/interceptor/pkg/flexfec"
	"github.com/pion/rtp"

	"parley/call/flexfec"
)

const (
	mediaSSRC   = 0x11223344
	repairSSRC  = 0x55667788
	mediaType   = 96
	repairType  = 118
	repairSpace = flexfec.MaxSize + 12
)

// stream returns n packets that follow one another, of random length, with header extensions on some, padding on others, in frames of
// some packets.
func stream(r *rand.Rand, first uint16, n int) []rtp.Packet {
	packets := make([]rtp.Packet, n)
	timestamp := r.Uint32()
	for i := range packets {
		p := &packets[i]
		p.Header = rtp.Header{Version: 2, PayloadType: mediaType, SequenceNumber: first + uint16(i), Timestamp: timestamp, SSRC: mediaSSRC}
		if r.IntN(2) == 0 {
			must(p.SetExtension(3, []byte{byte(r.Uint32()), byte(r.Uint32())}))
		}
		if r.IntN(8) == 0 {
			p.Padding, p.Header.PaddingSize = true, byte(1+r.IntN(20))
		}
		if r.IntN(4) == 0 || i == n-1 {
			p.Marker = true
			timestamp += 3000
		}
		p.Payload = make([]byte, r.IntN(1150))
		for j := range p.Payload {
			p.Payload[j] = byte(r.Uint32())
		}
	}
	return packets
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func raw(p rtp.Packet) []byte {
	b, err := p.Marshal()
	must(err)
	return b
}

// repairs returns the payloads of count repair packets over the packets, which must be few enough for one block.
func repairs(packets []rtp.Packet, count int) [][]byte {
	var e flexfec.Encoder
	for _, p := range packets {
		e.Add(&p.Header, p.Payload)
	}
	payloads := make([][]byte, count)
	for i := range payloads {
		payload := make([]byte, repairSpace)
		payloads[i] = payload[:e.Repair(payload, i, count)]
	}
	return payloads
}

// recovered takes out all that the decoder recovered.
func recovered(d *flexfec.Decoder) [][]byte {
	var all [][]byte
	for {
		b := make([]byte, flexfec.MaxSize)
		n := d.Recovered(b)
		if n == 0 {
			return all
		}
		all = append(all, b[:n])
	}
}

func TestRepairPacketsAreByteForByteThoseOfAnotherImplementation(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		n := 1 + r.IntN(46)
		count := 1 + r.IntN(n)
		packets := stream(r, uint16(r.Uint32()), n)
		theirs := pion.NewFlexEncoder03(repairType, repairSSRC).EncodeFec(packets, uint32(count))
		ours := repairs(packets, count)
		for i := range ours {
			if !bytes.Equal(ours[i], theirs[i].Payload) {
				t.Fatalf("repair packet %d of %d over %d packets:\nours   %x\ntheirs %x", i, count, n, ours[i], theirs[i].Payload)
			}
		}
	}
}

func TestADecoderRecoversByTheRepairPacketsOfAnotherImplementation(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n := 1 + r.IntN(108) // up to the longest mask; the last place is one that the other implementation does not write
		count := 1 + r.IntN(n)
		packets := stream(r, uint16(r.Uint32()), n)
		first := r.IntN(n)
		burst := min(1+r.IntN(count), n-first)
		d := flexfec.NewDecoder(mediaSSRC)
		for i, p := range packets {
			if i < first || i >= first+burst {
				d.Packet(raw(p))
			}
		}
		if burst == n {
			before := packets[0]
			before.SequenceNumber--
			d.Packet(raw(before)) // a stream of which nothing ever came cannot be recovered
		}
		for _, p := range pion.NewFlexEncoder03(repairType, repairSSRC).EncodeFec(packets, uint32(count)) {
			must(d.Repair(p.Payload))
		}
		expect(t, recovered(d), packets[first:first+burst])
	}
}

// expect compares packets without regard to their order.
func expect(t *testing.T, got [][]byte, want []rtp.Packet) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d packets were recovered, want %d", len(got), len(want))
	}
	found := map[string]bool{}
	for _, b := range got {
		found[string(b)] = true
	}
	for _, p := range want {
		if !found[string(raw(p))] {
			t.Fatalf("packet %d was not recovered as it was", p.SequenceNumber)
		}
	}
}

func TestABurstNoLongerThanTheRepairPacketsIsRecoveredInAnyOrderOfArrival(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		n := 2 + r.IntN(40)
		count := 1 + r.IntN(n-1)
		packets := stream(r, uint16(65530+r.IntN(10)), n) // over the end of the sequence numbers
		first := r.IntN(n - count + 1)
		var arrivals [][]byte
		for i, p := range packets {
			if i < first || i >= first+count {
				arrivals = append(arrivals, raw(p))
			}
		}
		media := len(arrivals)
		arrivals = append(arrivals, repairs(packets, count)...)
		d := flexfec.NewDecoder(mediaSSRC)
		before := packets[0]
		before.SequenceNumber--
		d.Packet(raw(before))
		var all [][]byte
		for _, i := range r.Perm(len(arrivals)) {
			if i >= media {
				must(d.Repair(arrivals[i]))
			} else if !d.Packet(arrivals[i]) {
				all = append(all, arrivals[i])
			}
			if r.IntN(2) == 0 {
				all = append(all, recovered(d)...)
			}
		}
		all = append(all, recovered(d)...)
		seen := map[string]int{}
		for _, b := range all {
			seen[string(b)]++
		}
		for i, p := range packets {
			if times := seen[string(raw(p))]; times != 1 {
				t.Fatalf("packet %d was there %d times", i, times)
			}
			delete(seen, string(raw(p)))
		}
		if len(seen) > 0 {
			t.Fatalf("%d packets were recovered that nobody sent", len(seen))
		}
	}
}

func TestWhatOneRepairPacketRecoversHelpsAnother(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	packets := stream(r, 100, 12)
	d := flexfec.NewDecoder(mediaSSRC)
	for _, i := range []int{0, 2, 3, 4, 7, 8, 9, 10, 11} { // 1, 5 and 6 are lost: two of one row, two of one column
		d.Packet(raw(packets[i]))
	}
	for _, column := range repairs(packets, 4) { // 0 4 8, 1 5 9, …
		must(d.Repair(column))
	}
	expect(t, recovered(d), []rtp.Packet{packets[6]})
	must(d.Repair(repairs(packets[4:8], 1)[0])) // a row: 5 by it, and thereby 1
	expect(t, recovered(d), []rtp.Packet{packets[5], packets[1]})
	if s := d.Stats(); s.FECPacketsReceived != 5 || s.FECPacketsDiscarded != 2 || s.Recovered != 3 {
		t.Errorf("the statistics are %+v", s)
	}
}

func TestADecoderForgetsWhatIsOutOfItsWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	packets := stream(r, 0, 1<<16+20)
	d := flexfec.NewDecoder(mediaSSRC)
	d.Packet(raw(packets[0]))
	must(d.Repair(repairs(packets[1:4], 1)[0])) // two of it never come
	d.Packet(raw(packets[3]))
	for i := 4; i < len(packets); i++ {
		if i == 1<<16+1 {
			continue // the number of one that the old repair packet waits for, and the other comes next
		}
		d.Packet(raw(packets[i]))
	}
	if got := recovered(d); len(got) > 0 {
		t.Errorf("%d packets were made up from a repair packet of another age", len(got))
	}
	late := repairs(packets[1<<16-400:1<<16-398], 1)[0]
	must(d.Repair(late))
	must(d.Repair(repairs(packets[1<<16-300:1<<16-290], 1)[0]))
	if got := recovered(d); len(got) > 0 {
		t.Errorf("%d packets were recovered that are long past", len(got))
	}
	must(d.Repair(repairs(packets[1<<16-10:], 1)[0]))
	expect(t, recovered(d), packets[1<<16+1:1<<16+2])
}

func TestAStreamThatJumpsBeginsAnew(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	d := flexfec.NewDecoder(mediaSSRC)
	for _, first := range []uint16{10, 30000, 60000, 5000} {
		packets := stream(r, first, 6)
		d.Packet(raw(packets[0]))
		d.Packet(raw(packets[1]))
		payload := repairs(packets, 2)
		must(d.Repair(payload[0]))
		must(d.Repair(payload[1]))
		d.Packet(raw(packets[2]))
		d.Packet(raw(packets[5]))
		expect(t, recovered(d), []rtp.Packet{packets[3], packets[4]})
	}
}

func TestAMalformedRepairPacketIsRefused(t *testing.T) {
	packets := stream(rand.New(rand.NewPCG(13, 14)), 7, 20)
	good := repairs(packets, 1)[0]
	change := func(at int, to byte) []byte {
		b := bytes.Clone(good)
		b[at] = to
		return b
	}
	for name, payload := range map[string][]byte{
		"empty":                    nil,
		"cut off in its header":    good[:19],
		"cut off in its mask":      good[:23],
		"a retransmission":         change(0, good[0]|0x80),
		"a fixed mask":             change(0, good[0]|0x40),
		"no stream":                change(8, 0),
		"two streams":              change(8, 2),
		"another stream":           change(12, 0xff),
		"a mask cut off later":     change(20, good[20]&0x7f)[:31],
		"a mask that does not end": append(change(20, good[20]&0x7f)[:24], make([]byte, 100)...),
		"an empty mask":            append(append(bytes.Clone(good[:18]), 0x80, 0), make([]byte, 10)...),
		"too long":                 append(bytes.Clone(good), make([]byte, 1500)...),
	} {
		d := flexfec.NewDecoder(mediaSSRC)
		for _, p := range packets[1:] {
			d.Packet(raw(p))
		}
		if err := d.Repair(payload); err == nil {
			t.Errorf("%s: it was taken", name)
		}
		if got := recovered(d); len(got) > 0 {
			t.Errorf("%s: %d packets were recovered", name, len(got))
		}
	}
}

func TestAParityThatMakesNoSenseGivesNoPacket(t *testing.T) {
	packets := stream(rand.New(rand.NewPCG(15, 16)), 7, 10)
	for name, change := range map[string]func(payload []byte) []byte{
		"a length beyond the parity": func(b []byte) []byte { b[2] ^= 0x40; return b },
		"another payload type":       func(b []byte) []byte { b[1] ^= 0x01; return b },
		"a parity that is cut off":   func(b []byte) []byte { return b[:20] },
	} {
		d := flexfec.NewDecoder(mediaSSRC)
		for _, p := range packets[1:] {
			d.Packet(raw(p))
		}
		must(d.Repair(change(repairs(packets, 1)[0])))
		if got := recovered(d); len(got) > 0 {
			t.Errorf("%s: %d packets were recovered", name, len(got))
		}
		if s := d.Stats(); s.FECPacketsDiscarded != 1 || s.Recovered != 0 {
			t.Errorf("%s: the statistics are %+v", name, s)
		}
	}
}

func TestAnEncoderSpendsItsShareInTheLongRunAndNoMore(t *testing.T) {
	for _, share := range []float64{0, 0.05, 0.2, 0.33, 0.5, 1} {
		r := rand.New(rand.NewPCG(17, 18))
		var e flexfec.Encoder
		made, payload := 0, make([]byte, repairSpace)
		packets := stream(r, 0, 20000)
		for _, p := range packets {
			e.Add(&p.Header, p.Payload)
			count := e.Due(share)
			for i := range count {
				e.Repair(payload, i, count)
			}
			if count > 0 {
				e.Clear()
				made += count
			}
		}
		want := share * float64(len(packets))
		if got := float64(made); got > want+1 || got < 0.95*want {
			t.Errorf("a share of %.2f: %d repair packets, want %.0f", share, made, want)
		}
	}
}

func TestAnEncoderProtectsWhatGoesOutOnceInOrder(t *testing.T) {
	packets := stream(rand.New(rand.NewPCG(19, 20)), 65530, 30)
	var e flexfec.Encoder
	send := func(from, to int) {
		for _, p := range packets[from:to] {
			e.Add(&p.Header, p.Payload)
		}
	}
	send(0, 4)
	send(1, 3)                                                                                                    // asked for again, under their own numbers
	e.Add(&rtp.Header{SequenceNumber: packets[5].SequenceNumber, SSRC: mediaSSRC}, make([]byte, flexfec.MaxSize)) // too long
	send(6, 10)                                                                                                   // and one was lost on its way here
	payload := make([]byte, repairSpace)
	n := e.Repair(payload, 0, 1)

	d := flexfec.NewDecoder(mediaSSRC)
	for _, i := range []int{0, 1, 2, 3, 6, 7, 9} {
		d.Packet(raw(packets[i]))
	}
	must(d.Repair(payload[:n]))
	expect(t, recovered(d), packets[8:9])

	e.Clear()
	send(0, 10) // all of them again
	if e.Due(1) != 0 {
		t.Error("old packets were protected again")
	}
}
