package audio

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/call/opus"
	"parley/devices/tone"
)

func TestAFullQueueLosesItsOldestAndTheClockKnows(t *testing.T) {
	s := newSender("test", nil, slog.New(slog.DiscardHandler))
	start, clock := time.Now(), s.clock
	samples := make([]int16, Channels*BlockSize)
	for i := range captureDepth + 4 {
		samples[0] = int16(i)
		s.queue.put(samples, start.Add(time.Duration(i)*blockTime), false, false, 0)
	}
	var b block
	for i := range captureDepth {
		if !s.queue.take(&b) || b.samples[0] != int16(i+4) {
			t.Fatalf("block %d is %d, want %d", i, b.samples[0], i+4)
		}
		s.add(&b)
	}
	if s.queue.take(&b) {
		t.Error("more blocks came out than fit")
	}
	if passed := s.clock - clock; passed != (captureDepth+4)*BlockSize {
		t.Errorf("the RTP clock passed over %d samples of %d", passed, (captureDepth+4)*BlockSize)
	}
	if dropped := s.snapshot().DroppedSamplesSeconds; math.Abs(dropped-0.04) > 1e-9 {
		t.Errorf("%v s are told as dropped, want 0.04", dropped)
	}
}

func sine(n int, hz, amplitude float64) []int16 {
	x := make([]int16, n, n+maxPeriod)
	for i := range x {
		x[i] = int16(amplitude * math.Sin(2*math.Pi*hz*float64(i)/SampleRate))
	}
	return x
}

func TestASoundIsStretchedWithoutAClick(t *testing.T) {
	for _, hz := range []float64{110, 440, 1234, 3400} {
		whole := stereo(sine(2*frameSize, hz, 10000))
		steepest := 0
		for i := Channels; i < len(whole); i++ {
			steepest = max(steepest, abs(int(whole[i])-int(whole[i-Channels])))
		}
		for name, stretch := range map[string]func([]int16, int) []int16{"shorter": shorten, "longer": lengthen} {
			x := slices.Clone(whole)
			head, middle, tail := x[:960], append(make([]int16, 0, Channels*(frameSize+maxPeriod)), x[960:960+Channels*frameSize]...), x[960+Channels*frameSize:]
			lag, smooth := period(middle, maxPeriod)
			if lag == 0 || !smooth {
				t.Errorf("%v Hz: no period was found", hz)
				continue
			}
			changed := stretch(middle, lag)
			if by := len(changed)/Channels - frameSize; by != lag && by != -lag {
				t.Errorf("%v Hz %s: by %d samples, not by a period of %d", hz, name, by, lag)
			}
			all := append(append(append([]int16(nil), head...), changed...), tail...)
			for i := Channels; i < len(all); i++ {
				if step := abs(int(all[i]) - int(all[i-Channels])); step > steepest*5/4+50 {
					t.Errorf("%v Hz %s: a click at %d: a step of %d where %d is the steepest", hz, name, i, step, steepest)
					break
				}
			}
		}
	}
}

// stereo has the sound on the left, and half as loud, and turned over, on the right.
func stereo(left []int16) []int16 {
	both := make([]int16, Channels*len(left))
	for i, s := range left {
		both[Channels*i], both[Channels*i+1] = s, -s/2
	}
	return both
}

func TestTheMeanOfTwoChannelsIsAsLoudAsEach(t *testing.T) {
	both := []int16{32767, 32767, -32768, -32768, 32767, -32767, 1000, 0}
	one := make([]int16, len(both)/Channels)
	downmix(one, both)
	if want := []int16{32767, -32768, 0, 500}; !slices.Equal(one, want) {
		t.Errorf("the mean of %v is %v", both, one)
	}
}

func abs(n int) int { return max(n, -n) }

func TestNoiseIsNotTakenForPeriodic(t *testing.T) {
	dice := rand.New(rand.NewPCG(2, 2))
	noise := make([]int16, Channels*frameSize)
	for i := range noise {
		noise[i] = int16(dice.IntN(20000) - 10000)
	}
	if lag, smooth := period(noise, maxPeriod); smooth {
		t.Errorf("noise repeats itself after %d samples", lag)
	}
}

func TestTheLimiterLeavesWhatFitsAsItIs(t *testing.T) {
	var l limiter
	in, out := make([]float32, Channels*BlockSize), make([]int16, Channels*BlockSize)
	whole := stereo(sine(BlockSize, 440, 29000))
	for i, s := range whole {
		in[i] = float32(s)
	}
	l.limit(out, in)
	for i := range out {
		if out[i] != whole[i] {
			t.Fatalf("sample %d went from %d to %d", i, whole[i], out[i])
		}
	}
}

func TestTheLimiterRecoversAfterALoudMoment(t *testing.T) {
	var l limiter
	in, out := make([]float32, Channels*BlockSize), make([]int16, Channels*BlockSize)
	play := func(amplitude float64) int16 {
		for i := range in {
			in[i] = float32(amplitude * math.Sin(2*math.Pi*400*float64(i/Channels)/SampleRate))
		}
		l.limit(out, in)
		return out[Channels*30] // the top of the first period
	}
	play(200000)
	if turned := play(10000); turned > 5000 {
		t.Errorf("right after a sum of 16 dB over full scale, 10000 is played as %d", turned)
	}
	for range 150 {
		play(10000)
	}
	if back := play(10000); back < 9990 {
		t.Errorf("1.5 s later, 10000 is played as %d", back)
	}
}

func TestALoudMomentIsBentNotCutOff(t *testing.T) {
	var l limiter
	in, out := make([]float32, Channels*BlockSize), make([]int16, Channels*BlockSize)
	for i := range in {
		in[i] = float32(38000 * math.Cos(2*math.Pi*400*float64(i/Channels)/SampleRate)) // 1.3 dB too much, from the first sample on
	}
	l.limit(out, in)
	for i, s := range out {
		if s >= fullScale-1 || s <= -fullScale {
			t.Fatalf("sample %d is at full scale", i/Channels)
		}
	}
}

func TestASoundIsTurnedDownWithoutAClick(t *testing.T) {
	var l limiter
	in, out := make([]float32, Channels*BlockSize), make([]int16, Channels*BlockSize)
	last, steepest := 20000, 0
	for n := range 20 {
		for i := range BlockSize {
			at := float64(n*BlockSize+i) / SampleRate
			in[Channels*i], in[Channels*i+1] = float32(20000*math.Cos(2*math.Pi*50*at)), 0
			if n >= 10 { // somebody on the other side becomes louder than fits
				in[Channels*i+1] = float32(100000 * math.Sin(2*math.Pi*400*at))
			}
		}
		l.limit(out, in)
		for i := range BlockSize {
			left := int(out[Channels*i])
			last, steepest = left, max(steepest, abs(left-last))
		}
	}
	if steepest > 600 { // that of the sound alone is 131
		t.Errorf("a click: a step of %d", steepest)
	}
}

// listening returns an engine that hears so many people, and what lets time pass by 20 ms: everybody sends a packet and the speaker pulls
// its sound.
func listening(people int) (step func()) {
	e := &Engine{log: slog.New(slog.DiscardHandler)}
	packets := singing(64)
	receivers := make([]*Receiver, people)
	for i := range receivers {
		receivers[i] = newReceiver(e, nil, 0)
		e.mixer.add(receivers[i], nil)
	}
	out := make([]int16, Channels*BlockSize)
	n, now := 0, time.Now()
	packet := rtp.Packet{Header: rtp.Header{Version: 2}}
	return func() {
		packet.SequenceNumber, packet.Timestamp, packet.Payload = uint16(n), uint32(n*frameSize), packets[n%len(packets)]
		for _, r := range receivers {
			if n%10 != 9 { // one of ten is lost
				r.push(&packet, now)
			}
		}
		for range 2 {
			e.mixer.mix(out, now)
			now = now.Add(blockTime)
		}
		n++
	}
}

func singing(n int) [][]byte { return sung(newEncoder(), n) }

// sung returns the first packets of a song.
func sung(encoder *opus.Encoder, n int) [][]byte {
	source := tone.NewSource(0)
	packets := make([][]byte, n)
	pcm, buffer := make([]int16, frameSize), make([]byte, maxPayload)
	for i := range packets {
		source.Fill(pcm)
		size, err := encoder.Encode(pcm, buffer)
		if err != nil {
			panic(err)
		}
		packets[i] = append([]byte(nil), buffer[:size]...)
	}
	return packets
}

func TestPlayingAllocatesNothingOnceItRuns(t *testing.T) {
	step := listening(3)
	for range 200 {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n != 0 {
		t.Errorf("%v allocations each 20 ms", n)
	}
}

// BenchmarkListen is the work of 20 ms of listening: at 20 ms/op it takes a whole core.
func BenchmarkListen(b *testing.B) {
	for _, people := range []int{1, 5, 20} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			step := listening(people)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}

// BenchmarkSpeak is the work of sending 20 ms.
func BenchmarkSpeak(b *testing.B) {
	for _, peers := range []int{1, 2, 5, 20} {
		b.Run(fmt.Sprintf("peers=%d", peers), func(b *testing.B) {
			step := speaking(peers)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}

// speaking returns an engine's sender whose packets, each with two copies, go to so many peers, and what lets time pass by 20 ms.
func speaking(peers int) (step func()) {
	s := newSender("bench", nil, slog.New(slog.DiscardHandler))
	for range peers {
		f := &Feed{sender: s}
		f.wires = []wire{{to: nowhere{}, opus: redOpus, red: 63, level: 3}}
		f.resilience.copies = mostCopies
		s.feeds.add(f)
	}
	source, now := tone.NewSource(0), time.Now()
	var frame block
	one := make([]int16, BlockSize)
	return func() {
		for range 2 {
			source.Fill(one)
			toBoth(frame.samples[:], one)
			frame.captured = now
			now = now.Add(blockTime)
			s.meter.add(one, 1, now)
			s.add(&frame)
		}
	}
}

// nowhere is a connection that packets vanish in.
type nowhere struct{}

func (nowhere) WriteRTP(_ *rtp.Header, payload []byte) (int, error) { return len(payload), nil }
func (nowhere) Write(b []byte) (int, error)                         { return len(b), nil }

func TestSpeakingAllocatesNothingOnceItRuns(t *testing.T) {
	step := speaking(3)
	for range 100 {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n != 0 {
		t.Errorf("%v allocations each 20 ms", n)
	}
}
