package audio_test

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/call/apm"
	"parley/call/audio"
	"parley/call/opus"
	"parley/devices/tone"
)

// band makes the sound of two channels out of that of each.
func band(left, right func([]int16)) func(both []int16) {
	one := make([]int16, audio.BlockSize)
	return func(both []int16) {
		for channel, fill := range []func([]int16){left, right} {
			fill(one)
			for i, s := range one {
				both[audio.Channels*i+channel] = s
			}
		}
	}
}

// softestPeriod is the level of the softest period of the hum, in dBFS.
func softestPeriod(samples []int16) float64 {
	const period = audio.SampleRate / 100
	least := math.Inf(1)
	for at := 0; at+period <= len(samples); at += period / 4 {
		least = min(least, power(samples[at:][:period]))
	}
	return least
}

func hush(samples []int16) { clear(samples) }

// play lets the sound of two channels be sent as music over a path.
func play(t *testing.T, left, right func([]int16), red bool, fate fate) *call {
	t.Helper()
	c := &call{path: newPath(fate), red: red}
	c.here.band = band(left, right)
	c.start(t, "band")
	c.singer.SetMusic(true)
	time.Sleep(time.Second)
	synctest.Wait() // for the frame of this moment
	c.there.heardOnBothSides()
	return c
}

func TestMusicIsHeardOnTheSideWhereItIsPlayed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := play(t, tone.NewSource(0).Fill, tone.NewSource(1).Fill, false, steady(40*time.Millisecond))
		time.Sleep(5 * time.Second)
		left, right := c.there.heardOnBothSides()
		for voice, samples := range [][]int16{left, right} {
			tones := tone.Detect(samples)
			if n := tone.InOrder(tones, voice); n < 23 {
				t.Errorf("of 25 tones of voice %d, %d in a row were heard on its side", voice, n)
			}
			for _, h := range tones {
				if h.Voice != voice {
					t.Errorf("voice %d was heard on the side of voice %d, at %.0f dBFS", h.Voice, voice, h.Level)
				}
			}
		}
	})
}

func TestMusicStaysOnItsSideWhenTheNetworkIsBad(t *testing.T) {
	for _, red := range []bool{true, false} {
		bubble(t, func(t *testing.T) {
			dice := dice(9)
			c := play(t, tone.NewSource(0).Fill, hush, red, func(n int, _ *rtp.Packet) time.Duration {
				if n%200 > 195 || dice.IntN(100) < 5 {
					return never
				}
				spread := 20
				if n/500%2 == 1 { // the wait grows, and shrinks again
					spread = 150
				}
				return time.Duration(20+dice.IntN(spread)) * time.Millisecond
			})
			c.wire.feed.SetLoss(0.05)
			time.Sleep(40 * time.Second)
			left, right := c.there.heardOnBothSides()
			if n := tone.InOrder(tone.Detect(left), 0); n < 40 {
				t.Errorf("RED %v: of 200 tones, %d in a row were heard on the left", red, n)
			}
			if l, r := power(left), power(right); r > l-50 {
				t.Errorf("RED %v: the left is at %.0f dBFS, the right at %.0f", red, l, r)
			}
			s := c.receiver.Stats()
			if s.ConcealedSamples == 0 || s.InsertedSamplesForDeceleration == 0 || s.RemovedSamplesForAcceleration == 0 {
				t.Errorf("RED %v: nothing was concealed, or nothing stretched: %+v", red, s)
			}
			if restored := s.FECPacketsReceived > s.FECPacketsDiscarded; restored != red {
				t.Errorf("RED %v: %d copies came, of which %d were of no use", red, s.FECPacketsReceived, s.FECPacketsDiscarded)
			}
		})
	}
}

func TestAVoiceIsTheMeanOfBothChannelsAndHeardOnBothAlike(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := &call{path: newPath(steady(40 * time.Millisecond))}
		c.here.band = band(tone.NewSource(0).Fill, hush)
		c.start(t, "band")
		time.Sleep(time.Second)
		c.there.heardOnBothSides()
		time.Sleep(5 * time.Second)
		left, right := c.there.heardOnBothSides()
		if !slices.Equal(left, right) {
			t.Error("a voice is heard on one side more than on the other")
		}
		if n := tone.InOrder(tone.Detect(left), 0); n < 23 {
			t.Errorf("of 25 tones, %d in a row were heard", n)
		}
		if level := power(left); math.Abs(level-(-15-6)) > 1.5 {
			t.Errorf("a tone of -15 dBFS on one of two channels is heard at %.1f dBFS, want -21", level)
		}
		for _, p := range c.wire.sent() {
			if p.Payload[0]&4 != 0 {
				t.Fatal("a voice was sent in stereo")
			}
		}
	})
}

// TestMusicMayBeginAndEndInMidCall listens to a hum, in which a click stands out, while it is sent as music and as a voice in turn.
func TestMusicMayBeginAndEndInMidCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "hum", steady(40*time.Millisecond))
		time.Sleep(2 * time.Second)
		c.there.heardOnBothSides()
		time.Sleep(2 * time.Second)
		before, _ := c.there.heardOnBothSides()
		for n := range 8 {
			c.singer.SetMusic(n%2 == 0)
			time.Sleep(997 * time.Millisecond)
		}
		left, right := c.there.heardOnBothSides()
		for side, samples := range [][]int16{left, right} {
			if was, is := steepest(before), steepest(samples); is > 2*was {
				t.Errorf("side %d: a step of %d, where %d was the steepest", side, is, was)
			}
			if was, is := softestPeriod(before), softestPeriod(samples); is < was-6 {
				t.Errorf("side %d: a hum of %.1f dBFS and more goes down to %.1f", side, was, is)
			}
		}
		if s := c.receiver.Stats(); s.ConcealedSamples > 0 || s.PacketsLost != 0 {
			t.Errorf("something was missing: %+v", s)
		}
		stereo := 0
		packets := c.wire.sent()
		for _, p := range packets {
			stereo += int(p.Payload[0] >> 2 & 1)
		}
		if share := float64(stereo) / float64(len(packets)); share < 0.25 || share > 0.45 {
			t.Errorf("%.0f %% of the packets are stereo, want a third", 100*share)
		}
	})
}

func TestMusicIsNotSentWhileMuted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := play(t, tone.NewSource(0).Fill, hush, false, steady(40*time.Millisecond))
		c.wire.sent()
		c.singer.SetMuted(true)
		c.singer.SetMusic(false)
		c.singer.SetMusic(true)
		time.Sleep(5 * time.Second)
		if n := len(c.wire.sent()); n != 2 {
			t.Errorf("while muted, %d packets were sent; want two that say so", n)
		}
		if c.singer.Level() < 0.5 {
			t.Error("the level of a muted microphone is not measured")
		}
		if c.receiver.Stats().ConcealedSamples > 0 {
			t.Error("a pause counts as concealed")
		}
		c.there.heardOnBothSides()
		c.singer.SetMuted(false)
		time.Sleep(5 * time.Second)
		left, right := c.there.heardOnBothSides()
		if n := tone.InOrder(tone.Detect(left), 0); n < 22 {
			t.Errorf("after it, of 25 tones %d in a row were heard", n)
		}
		if power(right) > -70 {
			t.Errorf("the silent side is at %.0f dBFS", power(right))
		}
	})
}

func TestMusicThatIsSoftIsSentAsWell(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := play(t, hush, hush, false, steady(40*time.Millisecond))
		c.wire.sent()
		time.Sleep(5 * time.Second)
		if n := len(c.wire.sent()); n < 249 {
			t.Errorf("in 5 s of silence %d packets were sent", n)
		}
	})
}

// TestWhoHasOneChannelHearsTheMean decodes music as programs do that know mono alone.
func TestWhoHasOneChannelHearsTheMean(t *testing.T) {
	for name, right := range map[string]struct {
		fill func([]int16)
		want float64 // dBFS, of a tone of -15
	}{"on both": {tone.NewSource(0).Fill, -15}, "on the left": {hush, -21}} {
		bubble(t, func(t *testing.T) {
			c := play(t, tone.NewSource(0).Fill, right.fill, false, steady(40*time.Millisecond))
			c.wire.sent()
			time.Sleep(2 * time.Second)
			decoder, err := opus.NewDecoder(1)
			if err != nil {
				t.Fatal(err)
			}
			var heard []int16
			block := make([]int16, 2*audio.BlockSize)
			for _, p := range c.wire.sent() {
				n, err := decoder.Decode(p.Payload, block)
				if err != nil {
					t.Fatal(err)
				}
				heard = append(heard, block[:n]...)
			}
			if level := power(heard); math.Abs(level-right.want) > 1.5 {
				t.Errorf("%s: a tone of -15 dBFS is heard at %.1f, want %.0f", name, level, right.want)
			}
		})
	}
}

func TestThePathDecidesWhatMusicMayCost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := play(t, noise(-20, 1), noise(-20, 2), true, steady(40*time.Millisecond))
		proveClean(c.wire.feed)
		for _, k := range []struct {
			loss                float64
			limit, want, copies int
		}{
			{0, 0, 128, 0},
			{0, 1_000_000, 128, 0},
			{0, 48_000, 48, 0},
			{0, 1000, 12, 0},
			{0.1, 1_000_000, 128, 2},
			{0.1, 200_000, 66, 2},
			{0.1, 128_000, 64, 1},
			{0.1, 100_000, 100, 0},
		} {
			c.wire.feed.SetAllowance(k.limit)
			for range 40 {
				c.wire.feed.SetLoss(k.loss)
			}
			time.Sleep(time.Second)
			c.wire.sent()
			before := c.singer.Stats().BytesSent
			time.Sleep(5 * time.Second)
			if rate := int(c.singer.Stats().BytesSent-before) * 8 / 5 / 1000; rate < k.want*8/10 || rate > k.want*11/10 {
				t.Errorf("%+v: %d kbit/s", k, rate)
			}
			if n := c.wire.feed.Redundancy(); n != k.copies {
				t.Errorf("%+v: %d copies", k, n)
			}
			for _, p := range c.wire.sent() {
				if len(p.Payload) > 1200 {
					t.Fatalf("a packet of %d bytes", len(p.Payload))
				}
			}
		}
	})
}

func TestMusicIsNotProcessed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := room{make: noise(-40, 1), hardware: true}
		e := r.engine(t)
		e.SetProcessing(apm.Options{Echo: true, Noise: true, Gain: true})
		if err := e.SetMicrophone("mouth"); err != nil {
			t.Fatal(err)
		}
		for _, music := range []bool{true, false} {
			e.SetMusic(music)
			time.Sleep(5 * time.Second)
			if level := power(fiveSeconds(t, e)); (level < -45) == music {
				t.Errorf("music %v: noise of -40 dBFS comes out at %.0f", music, level)
			}
		}
	})
}
