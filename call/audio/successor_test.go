package audio_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/call/audio"
	"parley/devices/tone"
)

// succeed lets the same sound come by another path too, whose receiver takes the place of the first one.
func (c *call) succeed(t *testing.T, fate fate) (*path, *audio.Receiver) {
	t.Helper()
	second := newPath(fate)
	other := &wire{feed: c.wire.feed, id: "second", to: second}
	other.bind(t)
	return second, c.listener.ReceiveAfter(c.receiver, second, levelID)
}

func isDone(done <-chan struct{}) bool {
	synctest.Wait()
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// faintest returns the root mean square of the softest 10 ms, and loudest the loudest sample.
func faintest(samples []int16) float64 {
	least := math.Inf(1)
	for ; len(samples) >= audio.BlockSize; samples = samples[audio.BlockSize:] {
		sum := 0.0
		for _, s := range samples[:audio.BlockSize] {
			sum += float64(s) * float64(s)
		}
		least = min(least, math.Sqrt(sum/audio.BlockSize))
	}
	return least
}

func loudest(samples []int16) (peak int) {
	for _, s := range samples {
		peak = max(peak, int(s), -int(s))
	}
	return peak
}

func TestASuccessorIsHeardWithoutAGapOrAClickAndNotBesideTheFormer(t *testing.T) {
	for _, delay := range []time.Duration{5, 20, 33, 60, 145} {
		bubble(t, func(t *testing.T) {
			c := newCall(t, "hum", steady(30*time.Millisecond))
			time.Sleep(3 * time.Second)
			c.there.heard()
			time.Sleep(time.Second)
			before := c.there.heard()
			_, next := c.succeed(t, steady(delay*time.Millisecond))
			<-next.InPlace()
			c.receiver.Close()
			time.Sleep(time.Second)
			after := c.there.heard()
			if least, was := faintest(after), faintest(before); least < was/2 {
				t.Errorf("a path of %d ms: 10 ms are as soft as %.0f, and were %.0f before", delay, least, was)
			}
			if most, was := loudest(after), loudest(before); most > was*11/10 {
				t.Errorf("a path of %d ms: a peak of %d, and %d before: both were heard", delay, most, was)
			}
			if step, was := steepest(after), steepest(before); step > was*3/2 {
				t.Errorf("a path of %d ms: a step of %d, and %d before: that clicks", delay, step, was)
			}
			if s := next.Stats(); s.ConcealedSamples > 0 {
				t.Errorf("a path of %d ms: %d samples were made up", delay, s.ConcealedSamples)
			}
		})
	}
}

func TestASongGoesOnFromTheFormerTrackToItsSuccessor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", steady(30*time.Millisecond))
		time.Sleep(3 * time.Second)
		c.there.heard()
		_, next := c.succeed(t, steady(40*time.Millisecond))
		<-next.InPlace()
		c.receiver.Close()
		time.Sleep(7 * time.Second)
		if n := tone.InOrder(tone.Detect(c.there.heard()), 1); n < 34 {
			t.Errorf("of 35 tones, %d in a row were heard", n)
		}
	})
}

func TestWhatIsHeardWhileOneTakesThePlaceOfAnotherIsCountedOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "hum", steady(30*time.Millisecond)) // in which there is no pause to wait for
		time.Sleep(3 * time.Second)
		_, next := c.succeed(t, steady(40*time.Millisecond))
		<-next.InPlace()
		c.receiver.Close()
		time.Sleep(3 * time.Second)
		before, after := c.receiver.Stats(), next.Stats()
		played := len(c.there.heard())
		sum := before.TotalSamplesReceived + after.TotalSamplesReceived
		if off := int(sum) - played; off < -2*5*audio.BlockSize || off > 5*audio.BlockSize { // the first 40 ms bring nothing
			t.Errorf("of %d samples that were played, %d are counted", played, sum)
		}
		if seconds := before.TotalSamplesDuration + after.TotalSamplesDuration; math.Abs(seconds-float64(played)/audio.SampleRate) > 0.05 {
			t.Errorf("%.2f s are counted of %.2f", seconds, float64(played)/audio.SampleRate)
		}
		if after.PacketsReceived < 150 {
			t.Errorf("of what the successor brought, %d packets are counted", after.PacketsReceived)
		}
	})
}

func TestASuccessorThatBringsNothingLeavesTheFormerInItsPlace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", steady(30*time.Millisecond))
		second, next := c.succeed(t, func(int, *rtp.Packet) time.Duration { return never })
		time.Sleep(3 * time.Second)
		if isDone(next.InPlace()) {
			t.Error("what brings nothing has taken the place")
		}
		second.end()
		<-next.Done()
		c.there.heard()
		time.Sleep(5 * time.Second)
		if n := c.inOrder(1); n < 24 {
			t.Errorf("of 25 tones, %d in a row were heard", n)
		}
	})
}

func TestASuccessorOfWhatHasEndedIsHeardOnceItHasSound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", steady(30*time.Millisecond))
		time.Sleep(time.Second)
		_, next := c.succeed(t, func(n int, _ *rtp.Packet) time.Duration {
			if n < 50 {
				return never
			}
			return 30 * time.Millisecond
		})
		c.path.end()
		<-c.receiver.Done()
		<-next.InPlace()
		c.there.heard()
		time.Sleep(5 * time.Second)
		if n := c.inOrder(1); n < 24 {
			t.Errorf("of 25 tones, %d in a row were heard", n)
		}
	})
}

// Whoever builds connections anew and never sends by them takes no more than two places.
func TestOfManySuccessorsTheLastOneTakesThePlace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", steady(30*time.Millisecond))
		for range 10 {
			_, silent := c.succeed(t, func(int, *rtp.Packet) time.Duration { return never })
			time.Sleep(100 * time.Millisecond)
			defer func() { <-silent.Done() }()
			defer silent.Close()
		}
		_, next := c.succeed(t, steady(30*time.Millisecond))
		<-next.InPlace()
		c.receiver.Close()
		time.Sleep(time.Second)
		c.there.heard()
		time.Sleep(5 * time.Second)
		if n := c.inOrder(1); n < 24 {
			t.Errorf("of 25 tones, %d in a row were heard", n)
		}
	})
}
