package audio_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/call/audio"
	"parley/call/opus"
)

// lossy is a path of 50 ms on which each packet is lost by a throw of dice, and whose receiver reports once a second.
func lossy(t *testing.T, red bool, percent int, seed uint64) *call {
	t.Helper()
	dice := dice(seed)
	c := &call{red: red}
	c.startLosing(t, "3", func(int) bool { return dice.IntN(100) < percent })
	return c
}

// startLosing starts a call over a path of 50 ms that loses the packets for which loses is true, and whose receiver reports each second.
func (c *call) startLosing(t *testing.T, voice string, loses func(n int) bool) {
	t.Helper()
	lost, sent := 0, 0
	c.path = newPath(func(n int, _ *rtp.Packet) time.Duration {
		sent++
		if loses(n) {
			lost++
			return never
		}
		return 50 * time.Millisecond
	})
	c.start(t, voice)
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	go func() {
		for {
			select {
			case <-time.After(time.Second):
			case <-stop:
				return
			}
			c.path.mu.Lock()
			share := float64(lost) / float64(max(1, sent))
			lost, sent = 0, 0
			c.path.mu.Unlock()
			c.wire.feed.SetLoss(share)
		}
	}()
}

// proveClean lets peers report for some seconds that they got all.
func proveClean(feeds ...*audio.Feed) {
	for range 5 {
		time.Sleep(time.Second)
		for _, f := range feeds {
			f.SetLoss(0)
		}
	}
}

func TestWithRedundancyLittleOfWhatIsLostHasToBeMadeUp(t *testing.T) {
	const seeds = 4
	for _, loss := range []struct {
		percent     int
		first, most float64 // of all samples, in the first five seconds and after them
	}{{5, 0.01, 0.003}, {10, 0.015, 0.002}, {20, 0.03, 0.006}} {
		t.Run(fmt.Sprintf("%d %% lost", loss.percent), func(t *testing.T) {
			for seed := range uint64(seeds) {
				bubble(t, func(t *testing.T) {
					c := lossy(t, true, loss.percent, seed)
					time.Sleep(5 * time.Second)
					c.there.heard()
					before := c.receiver.Stats()
					time.Sleep(20 * time.Second)
					after := c.receiver.Stats()
					if s := share(audio.ReceiverStats{}, before); s > loss.first {
						t.Errorf("seed %d: at first, %.2f %% of the sound was made up", seed, 100*s)
					}
					if s := share(before, after); s > loss.most {
						t.Errorf("seed %d: %.2f %% of the sound was made up", seed, 100*s)
					}
					if n := c.inOrder(3); n < 98 {
						t.Errorf("seed %d: of 100 tones, %d in a row were heard", seed, n)
					}
					if wait := meanWait(before, after); wait > 110*time.Millisecond {
						t.Errorf("seed %d: packets waited for %v", seed, wait)
					}
				})
			}
		})
	}
}

func TestAPauseIsNotTakenForLoss(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := &call{red: true}
		loud, n := hum(), 0
		c.here.make = func(samples []int16) {
			if loud(samples); n%100 >= 60 { // 0.4 s of silence in each second
				clear(samples)
			}
			n++
		}
		dice := dice(3)
		c.startLosing(t, "mouth", func(int) bool { return dice.IntN(100) < 20 })
		time.Sleep(5 * time.Second)
		before := c.receiver.Stats()
		time.Sleep(60 * time.Second)
		if s := share(before, c.receiver.Stats()); s > 0.006 {
			t.Errorf("%.2f %% of the sound was made up", 100*s)
		}
	})
}

func TestWhereManyPacketsAreLostAVoiceIsHardlyStretched(t *testing.T) {
	for _, percent := range []int{10, 20} {
		var in, out uint64
		const seeds = 6
		for seed := range uint64(seeds) {
			bubble(t, func(t *testing.T) {
				c := &call{red: true}
				c.here.make = speaker()
				dice := dice(seed)
				c.startLosing(t, "mouth", func(int) bool { return dice.IntN(100) < percent })
				time.Sleep(2 * time.Second)
				before := c.receiver.Stats()
				time.Sleep(20 * time.Second)
				after := c.receiver.Stats()
				in += (after.InsertedSamplesForDeceleration - before.InsertedSamplesForDeceleration) / seeds
				out += (after.RemovedSamplesForAcceleration - before.RemovedSamplesForAcceleration) / seeds
			})
		}
		if in+out > audio.SampleRate*50/1000 {
			t.Errorf("%d %% lost: in 20 s, %d ms were put in and %d ms taken out", percent, in/48, out/48)
		}
	}
}

func TestCopiesAreSentToThoseOnlyWhoLosePackets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var here room
		singer := here.engine(t)
		well, badly, simple := &wire{feed: singer.NewFeed(), red: true}, &wire{feed: singer.NewFeed(), red: true}, &wire{feed: singer.NewFeed()}
		wires := []*wire{well, badly, simple}
		for _, w := range wires {
			w.bind(t)
		}
		if err := singer.SetMicrophone("1"); err != nil {
			t.Fatal(err)
		}
		proveClean(well.feed, badly.feed, simple.feed)
		report := func(loss float64) {
			for range 10 {
				well.feed.SetLoss(0.001)
				badly.feed.SetLoss(loss)
				simple.feed.SetLoss(loss)
			}
			for _, w := range wires {
				w.sent()
			}
			time.Sleep(time.Second)
		}
		count := func(w *wire) (plain, red int, bytes int) {
			for _, p := range w.sent() {
				if bytes += len(p.Payload); p.PayloadType == redType {
					red++
				} else {
					plain++
				}
			}
			return plain, red, bytes
		}
		report(0.1)
		_, red, before := count(well)
		if red > 0 {
			t.Errorf("%d packets with copies went where nothing is lost", red)
		}
		if _, red, _ := count(simple); red > 0 {
			t.Errorf("%d packets with copies went where they are not understood", red)
		}
		plain, _, bytes := count(badly)
		if plain > 0 || bytes < 5*before/2 {
			t.Errorf("where a tenth is lost, %d packets went without copies, and %d bytes in all for %d", plain, bytes, before)
		}
		if n := badly.feed.Redundancy(); n != 2 {
			t.Errorf("%d copies are told", n)
		}
		for range 5 {
			report(0)
		}
		if _, red, _ := count(badly); red > 0 {
			t.Errorf("%d packets with copies went long after nothing was lost any more", red)
		}
	})
}

func TestThePathDecidesWhatTheSoundMayCost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var here room
		singer := here.engine(t)
		w := &wire{feed: singer.NewFeed(), red: true}
		w.bind(t)
		other := tap(t, singer, nil)
		if err := singer.SetMicrophone("1"); err != nil {
			t.Fatal(err)
		}
		proveClean(w.feed)
		for _, c := range []struct {
			loss        float64
			limit, want int
			copies      int
		}{
			{0, 0, 40, 0},
			{0, 200_000, 40, 0},
			{0, 24_000, 24, 0},
			{0, 1000, 12, 0},
			{0.1, 0, 40, 2},
			{0.1, 60_000, 20, 2},
			{0.1, 40_000, 20, 1},
			{0.1, 20_000, 20, 0},
		} {
			w.feed.SetAllowance(c.limit)
			for range 40 {
				w.feed.SetLoss(c.loss)
			}
			w.sent()
			other.sent()
			time.Sleep(5 * time.Second)
			bytes := 0
			for _, p := range other.sent() {
				bytes += len(p.Payload)
			}
			if rate := bytes * 8 / 5 / 1000; rate < c.want*8/10 || rate > c.want*11/10 {
				t.Errorf("%+v: %d kbit/s", c, rate)
			}
			if n := w.feed.Redundancy(); n != c.copies {
				t.Errorf("%+v: %d copies", c, n)
			}
			want := c.want * (1 + c.copies) * 1000
			if c.loss > 0 && c.limit == 0 && opus.HasDRED() {
				want += 20_000
			}
			if w.feed.BitRate() < want*9/10 || w.feed.BitRate() > want*11/10 {
				t.Errorf("%+v: %d bit/s are told", c, w.feed.BitRate())
			}
		}
	})
}

func TestAConnectionThatIsBuiltAnewTakesOverTheSound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var here room
		singer := here.engine(t)
		feed := singer.NewFeed()
		old, fresh := &wire{feed: feed, id: "old"}, &wire{feed: feed, id: "fresh"}
		old.bind(t)
		if err := singer.SetMicrophone("1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		fresh.bind(t)
		if err := feed.Unbind(old); err != nil {
			t.Fatal(err)
		}
		if err := feed.Unbind(old); err == nil {
			t.Error("what was not bound could be unbound")
		}
		old.sent()
		time.Sleep(time.Second)
		if n := len(old.sent()); n > 0 {
			t.Errorf("%d packets went to a connection that ended", n)
		}
		if n := len(fresh.sent()); n < 49 {
			t.Errorf("%d packets of 50 went to the new one", n)
		}
		if err := feed.Unbind(fresh); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if n := len(fresh.sent()); n > 0 {
			t.Errorf("%d packets went to nobody", n)
		}
	})
}
