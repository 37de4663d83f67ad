package opus_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"parley/call/opus"
)

// seeds are packets of all kinds.
func seeds(f *testing.F) (all [][]byte) {
	for _, channels := range []int{1, 2} {
		for _, application := range []opus.Application{opus.Voice, opus.Music} {
			e := newEncoder(f, channels, application)
			must(f, e.SetFEC(true), e.SetLoss(20), e.SetBitRate(64_000))
			if opus.HasDRED() {
				must(f, e.SetDRED(time.Second))
			}
			sound := make([]int16, channels*opus.SampleRate)
			for i, s := range sung(0, time.Second) {
				sound[channels*i] = s
			}
			all = append(all, packets(f, e, channels, sound)[45:48]...)
		}
	}
	tooFar := append([]byte("7A\x85\xfcD\n1"), bytes.Repeat([]byte("0"), 129)...) // DRED that claims to begin seconds ago
	return append(all, tooFar, nil, []byte{3}, []byte{3, 0}, []byte{15 << 3}, []byte{31<<3 | 3, 48}, []byte{3<<3 | 3, 3},
		[]byte{3, 0x41, 255, 255, 3, 1, 2, 3}, []byte{1, 2, 3, 4, 5}, []byte{2, 250, 7, 7}, make([]byte, 3000))
}

// FuzzDecode gives a decoder any packets in any order. It must make as much sound as they say or refuse them, and play on afterwards.
func FuzzDecode(f *testing.F) {
	all := seeds(f)
	for i, packet := range all {
		f.Add(packet, all[(i+1)%len(all)], i%2 == 0, uint16(frame))
		f.Add(all[(i+4)%len(all)], packet, i%3 == 0, uint16(i*120))
	}
	sound := packets(f, newEncoder(f, 1, opus.Voice), 1, sung(1, 200*time.Millisecond))
	f.Fuzz(func(t *testing.T, first, second []byte, stereo bool, length uint16) {
		channels := 1
		if stereo {
			channels = 2
		}
		d, dred := newDecoder(t, channels), opus.NewDRED()
		pcm := make([]int16, channels*opus.MaxFrame)
		some := pcm[:channels*(int(length)%(opus.MaxFrame+1))]
		for _, packet := range [][]byte{first, second, first} {
			want, ok := opus.Samples(packet)
			n, err := d.Decode(packet, pcm)
			if err == nil && (!ok || n != want) {
				t.Errorf("% x: read as %d samples (%v), decoded to %d", packet, want, ok, n)
			}
			if err != nil && n != 0 {
				t.Errorf("% x: %d samples beside %v", packet, n, err)
			}
			if n, err := d.Decode(packet, some); err == nil && channels*n > len(some) {
				t.Errorf("% x: %d samples in room for %d", packet, n, len(some)/channels)
			}
			_ = d.DecodeFEC(packet, some) // it may well fail, and nothing more
			_ = d.Conceal(some)
			for _, before := range []int{frame, int(length), opus.MaxDRED} {
				if n := dred.Load(packet, before); n < 0 || n > opus.MaxDRED {
					t.Errorf("% x: DRED of %d samples", packet, n)
				}
				_ = d.DecodeDRED(dred, before, some)
			}
			dred.Reach(packet)
			_ = d.DecodeDRED(dred, -int(length), some)
		}
		if n := len(decode(t, d, channels, sound)); n != channels*len(sound)*frame {
			t.Errorf("afterwards, %d samples come of %d packets", n, len(sound))
		}
	})
}

// FuzzPacket compares what is read of a packet in Go with what libopus does.
func FuzzPacket(f *testing.F) {
	for _, packet := range seeds(f) {
		f.Add(packet)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		whole, bare := make([]int16, opus.MaxFrame), make([]int16, opus.MaxFrame)
		given := slices.Clone(packet)
		opus.HasFEC(packet)
		n, err := newDecoder(t, 1).Decode(packet, whole)
		if !slices.Equal(given, packet) {
			t.Error("a packet was changed by reading it")
		}
		short := opus.Unpad(packet)
		if len(short) > len(given) {
			t.Errorf("% x: %d bytes are left of %d", given, len(short), len(given))
		}
		m, err2 := newDecoder(t, 1).Decode(short, bare)
		if (err == nil) != (err2 == nil) || n != m || !slices.Equal(whole[:n], bare[:m]) {
			t.Errorf("% x: decoded to %d samples (%v); without its padding, % x, to %d others (%v)", given, n, err, short, m, err2)
		}
	})
}
