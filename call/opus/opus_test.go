package opus_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"parley/call/opus"
	"parley/devices/tone"
)

const frame = opus.SampleRate / 50

func newEncoder(t testing.TB, channels int, application opus.Application) *opus.Encoder {
	t.Helper()
	e, err := opus.NewEncoder(channels, application)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func newDecoder(t testing.TB, channels int) *opus.Decoder {
	t.Helper()
	d, err := opus.NewDecoder(channels)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// packets encodes a sound in frames of 20 ms.
func packets(t testing.TB, e *opus.Encoder, channels int, sound []int16) (all [][]byte) {
	t.Helper()
	packet := make([]byte, 1500)
	for at := 0; at+channels*frame <= len(sound); at += channels * frame {
		n, err := e.Encode(sound[at:at+channels*frame], packet)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, slices.Clone(packet[:n]))
	}
	return all
}

func decode(t testing.TB, d *opus.Decoder, channels int, packets [][]byte) (sound []int16) {
	t.Helper()
	pcm := make([]int16, channels*opus.MaxFrame)
	for _, p := range packets {
		n, err := d.Decode(p, pcm)
		if err != nil {
			t.Fatal(err)
		}
		sound = append(sound, pcm[:channels*n]...)
	}
	return sound
}

func sung(voice int, length time.Duration) []int16 {
	sound := make([]int16, length*opus.SampleRate/time.Second)
	tone.NewSource(voice).Fill(sound)
	return sound
}

func power(sound []int16) float64 {
	sum := 0.0
	for _, s := range sound {
		sum += float64(s) * float64(s)
	}
	return 10 * math.Log10(sum/float64(len(sound))/(1<<30))
}

// alike is how much two sounds are the same, from -1 to 1, with the second so many samples later as suits best: an encoder looks ahead.
func alike(a, b []int16) (most float64) {
	for late := range 480 {
		ab, aa, bb := 0.0, 0.0, 0.0
		for i := range len(b) - late {
			x, y := float64(a[i]), float64(b[i+late])
			ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
		}
		most = max(most, ab/math.Sqrt(aa*bb+1))
	}
	return most
}

func TestASongSurvives(t *testing.T) {
	song := sung(0, 3*time.Second)
	for i, s := range sung(3, 3*time.Second) {
		song[i] += s
	}
	e := newEncoder(t, 1, opus.Voice)
	must(t, e.SetBitRate(24_000))
	heard := tone.Detect(decode(t, newDecoder(t, 1), 1, packets(t, e, 1, song)))
	for _, voice := range []int{0, 3} {
		if n := tone.InOrder(heard, voice); n < 13 {
			t.Errorf("voice %d: %d of 15 tones in order: %v", voice, n, heard)
		}
	}
	for _, h := range heard {
		if h.Voice != 0 && h.Voice != 3 {
			t.Errorf("a voice that did not sing was heard: %v", h)
		}
	}
}

func TestMusicKeepsItsSides(t *testing.T) {
	left := sung(1, time.Second)
	both := make([]int16, 2*len(left))
	for i, s := range left {
		both[2*i] = s
	}
	e := newEncoder(t, 2, opus.Music)
	must(t, e.SetBitRate(128_000))
	sound := decode(t, newDecoder(t, 2), 2, packets(t, e, 2, both))
	var sides [2][]int16
	for i, s := range sound {
		sides[i%2] = append(sides[i%2], s)
	}
	if l, r := power(sides[0]), power(sides[1]); l < -20 || r > l-30 {
		t.Errorf("what is on the left only comes out at %.0f and %.0f dBFS", l, r)
	}
}

func TestSilenceCostsNextToNothing(t *testing.T) {
	e := newEncoder(t, 1, opus.Voice)
	must(t, e.SetDTX(true))
	all := packets(t, e, 1, make([]int16, 2*opus.SampleRate))
	short := 0
	for _, p := range all[25:] {
		if len(p) <= 2 {
			short++
		}
	}
	if short < 65 {
		t.Errorf("of 75 packets, %d are empty", short)
	}
}

func TestTheBitRateIsKept(t *testing.T) {
	e := newEncoder(t, 1, opus.Voice)
	for _, rate := range []int{16_000, 40_000, 64_000} {
		must(t, e.SetBitRate(rate))
		bits := 0
		for _, p := range packets(t, e, 1, sung(0, 4*time.Second)) {
			bits += 8 * len(p)
		}
		if got := bits / 4; got < rate*8/10 || got > rate*11/10 {
			t.Errorf("%d bit/s were asked for, and %d came", rate, got)
		}
	}
}

// TestALostFrameIsBetterRestoredThanGuessed loses the first frame of a tone, of which the ones before know nothing.
func TestALostFrameIsBetterRestoredThanGuessed(t *testing.T) {
	e := newEncoder(t, 1, opus.Voice)
	must(t, e.SetBitRate(32_000), e.SetFEC(true), e.SetLoss(20))
	song := sung(2, 2*time.Second)
	all := packets(t, e, 1, song)
	lost := 0
	for n := 50; lost == 0; n += 10 { // tones begin each 200 ms
		if opus.HasFEC(all[n+1]) {
			lost = n
		}
	}
	whole := decode(t, newDecoder(t, 1), 1, all)[lost*frame:][:frame]
	restored, guessed := make([]int16, frame), make([]int16, frame)
	d := newDecoder(t, 1)
	decode(t, d, 1, all[:lost])
	must(t, d.DecodeFEC(all[lost+1], restored))
	d = newDecoder(t, 1)
	decode(t, d, 1, all[:lost])
	must(t, d.Conceal(guessed))
	if r, g := alike(whole, restored), alike(whole, guessed); r < 0.8 || r < g+0.1 {
		t.Errorf("restored it is %.2f like the original, and guessed %.2f", r, g)
	}
}

func TestFECIsThereWhenLossIsReckonedWith(t *testing.T) {
	for _, fec := range []bool{true, false} {
		e := newEncoder(t, 1, opus.Voice)
		must(t, e.SetBitRate(32_000), e.SetFEC(fec), e.SetLoss(10))
		with, all := 0, packets(t, e, 1, sung(0, 2*time.Second))
		for _, p := range all {
			if opus.HasFEC(p) {
				with++
			}
		}
		if fec && with < len(all)/2 || !fec && with > 0 {
			t.Errorf("FEC %v: %d of %d packets have it", fec, with, len(all))
		}
	}
}

func TestAnEncoderThatWasResetKnowsNothingOfBefore(t *testing.T) {
	fresh, used := newEncoder(t, 1, opus.Voice), newEncoder(t, 1, opus.Voice)
	packets(t, used, 1, sung(0, time.Second))
	must(t, used.Reset())
	song := sung(1, time.Second)
	want, got := packets(t, fresh, 1, song), packets(t, used, 1, song)
	for n := range want {
		if !slices.Equal(want[n], got[n]) {
			t.Fatalf("packet %d differs", n)
		}
	}
}

func TestWhatIsWrongIsRefused(t *testing.T) {
	e, d := newEncoder(t, 2, opus.Voice), newDecoder(t, 2)
	buffer, pcm := make([]byte, 1500), make([]int16, 2*opus.MaxFrame)
	packet := packets(t, e, 2, make([]int16, 2*frame))[0]
	_, threeChannels := opus.NewEncoder(3, opus.Voice)
	_, noChannels := opus.NewDecoder(0)
	_, noApplication := opus.NewEncoder(1, 0)
	_, oddFrame := e.Encode(pcm[:2*frame-1], buffer)
	_, noFrame := e.Encode(nil, buffer)
	_, strangeFrame := e.Encode(pcm[:2*frame-2], buffer)
	_, noRoom := e.Encode(pcm[:2*frame], nil)
	_, nothing := d.Decode(nil, pcm)
	_, noCount := d.Decode([]byte{3}, pcm)
	_, small := d.Decode(packet, pcm[:2*frame-2])
	_, none := d.Decode(packet, nil)
	for name, c := range map[string]struct{ err, want error }{
		"three channels":          {threeChannels, opus.ErrArgument},
		"no channels":             {noChannels, opus.ErrArgument},
		"no application":          {noApplication, opus.ErrArgument},
		"a frame and a half":      {oddFrame, opus.ErrArgument},
		"no frame":                {noFrame, opus.ErrArgument},
		"a frame of strange size": {strangeFrame, opus.ErrArgument},
		"no room for a packet":    {noRoom, opus.ErrTooSmall},
		"no packet":               {nothing, opus.ErrCorrupt},
		"a packet cut short":      {noCount, opus.ErrCorrupt},
		"too little room":         {small, opus.ErrTooSmall},
		"no room":                 {none, opus.ErrTooSmall},
		"FEC of nothing":          {d.DecodeFEC(nil, pcm[:2*frame]), opus.ErrCorrupt},
		"no room for FEC":         {d.DecodeFEC(packet, nil), opus.ErrArgument},
		"to conceal nothing":      {d.Conceal(nil), opus.ErrArgument},
		"to conceal a second":     {d.Conceal(make([]int16, 2*opus.SampleRate)), opus.ErrArgument},
		"to conceal 1 ms":         {d.Conceal(pcm[:2*48]), opus.ErrArgument},
		"a loss of 101 %":         {e.SetLoss(101), opus.ErrArgument},
		"DRED of nothing":         {d.DecodeDRED(nil, frame, pcm[:2*frame]), opus.ErrUnsupported},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}

func TestCodingAllocatesNothing(t *testing.T) {
	e, d := newEncoder(t, 1, opus.Voice), newDecoder(t, 2)
	song, packet, pcm := sung(0, time.Second), make([]byte, 1500), make([]int16, 2*frame)
	at := 0
	n := testing.AllocsPerRun(200, func() {
		n, err := e.Encode(song[at:at+frame], packet)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Decode(packet[:n], pcm); err != nil {
			t.Fatal(err)
		}
		must(t, d.DecodeFEC(packet[:n], pcm), d.Conceal(pcm))
		opus.HasFEC(packet[:n])
		at = (at + frame) % (len(song) - frame)
	})
	if n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
