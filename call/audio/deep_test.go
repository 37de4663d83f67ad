package audio_test

import (
	"sync"
	"testing"
	"time"

	"parley/call/apm/roomtest"
	"parley/call/opus"
)

// needDRED skips a test where there is no DRED; `make test-sound` runs it where there is.
func needDRED(t *testing.T) {
	t.Helper()
	if !opus.HasDRED() {
		t.Skip("this libopus has no DRED")
	}
}

// speaker returns a function that talks on and on, without a pause.
func speaker() func([]int16) {
	said, at := unbroken(), 0
	return func(samples []int16) {
		for len(samples) > 0 {
			n := copy(samples, said[at:])
			samples, at = samples[n:], (at+n)%len(said)
		}
	}
}

// unbroken is speech without its pauses.
var unbroken = sync.OnceValue(func() (said []int16) {
	for _, x := range roomtest.Speech(20, 3) {
		if x != 0 {
			said = append(said, int16(max(-32768, min(32767, x))))
		}
	}
	return said
})

// bursts is a call over a path that loses up to so many packets in a row every now and then, and whose receiver reports each second.
func bursts(t *testing.T, red bool, longest int) *call {
	t.Helper()
	c := &call{red: red}
	c.here.make = speaker()
	dice := dice(7)
	next, left := 50, 0
	c.startLosing(t, "mouth", func(n int) bool {
		if n == next {
			left = longest - dice.IntN(longest/2)
			next += 50 + dice.IntN(100)
		}
		left--
		return left >= 0
	})
	return c
}

func TestABurstThatCopiesDoNotReachIsDescribedByWhatFollows(t *testing.T) {
	needDRED(t)
	for name, red := range map[string]bool{"with copies": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := bursts(t, red, 5) // 60 to 100 ms
				time.Sleep(30 * time.Second)
				before := c.receiver.Stats()
				time.Sleep(30 * time.Second)
				after := c.receiver.Stats()
				lost := float64(after.PacketsLost-before.PacketsLost) * 960
				described := float64(after.DREDSamples - before.DREDSamples)
				concealed := float64(after.ConcealedSamples - before.ConcealedSamples)
				least := 0.5
				if red {
					least = 0.1 // copies are better, and come first
				}
				if described < least*lost || concealed > 0.1*lost {
					t.Errorf("of %.0f lost samples, %.0f were described and %.0f made up", lost, described, concealed)
				}
				if wait := meanWait(before, after); wait > 130*time.Millisecond {
					t.Errorf("packets waited for %v", wait)
				}
			})
		})
	}
}

func TestOnlyWhoLosesPacketsIsToldWhatWasBefore(t *testing.T) {
	needDRED(t)
	bubble(t, func(t *testing.T) {
		here := room{make: speaker()}
		e := here.engine(t)
		well, badly, poor := &wire{feed: e.NewFeed()}, &wire{feed: e.NewFeed(), red: true}, &wire{feed: e.NewFeed()}
		for _, w := range []*wire{well, badly, poor} {
			w.bind(t)
		}
		poor.feed.SetAllowance(30_000)
		if err := e.SetMicrophone("mouth"); err != nil {
			t.Fatal(err)
		}
		reader := opus.NewDRED()
		deep := func(w *wire) (frames, copies int) {
			for _, p := range w.sent() {
				payload := p.Payload
				if p.PayloadType == redType {
					all := blocks(payload)
					for _, c := range all[:len(all)-1] {
						if reader.Reach(c) > 0 {
							copies++
						}
					}
					payload = all[len(all)-1]
				}
				if reader.Reach(payload) > 0 {
					frames++
				}
			}
			return frames, copies
		}
		report := func(loss float64) {
			for range 40 {
				badly.feed.SetLoss(loss)
				poor.feed.SetLoss(loss)
			}
			time.Sleep(time.Second)
			for _, w := range []*wire{well, badly, poor} {
				w.sent()
			}
			time.Sleep(5 * time.Second)
		}
		report(0.1)
		if frames, copies := deep(badly); frames < 200 || copies > 0 {
			t.Errorf("where a tenth is lost, %d of 250 frames and %d copies describe what was before", frames, copies)
		}
		if frames, _ := deep(well); frames > 0 {
			t.Errorf("%d do where nothing is lost", frames)
		}
		if frames, _ := deep(poor); frames > 0 {
			t.Errorf("%d do where there is no room for it", frames)
		}
		report(0)
		if frames, _ := deep(badly); frames > 0 {
			t.Errorf("%d do after the loss", frames)
		}
	})
}

// blocks are those of a RED packet; see RFC 2198.
func blocks(packet []byte) (all [][]byte) {
	var sizes []int
	for ; packet[0]&0x80 != 0; packet = packet[4:] {
		sizes = append(sizes, int(packet[2]&3)<<8|int(packet[3]))
	}
	packet = packet[1:]
	for _, n := range sizes {
		all, packet = append(all, packet[:n]), packet[n:]
	}
	return append(all, packet)
}

func TestMusicIsNotDescribed(t *testing.T) {
	needDRED(t)
	bubble(t, func(t *testing.T) {
		here := room{make: speaker()}
		e := here.engine(t)
		e.SetMusic(true)
		w := tap(t, e, nil)
		for range 40 {
			w.feed.SetLoss(0.1)
		}
		if err := e.SetMicrophone("mouth"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		reader := opus.NewDRED()
		for _, p := range w.sent() {
			if n := reader.Reach(p.Payload); n > 0 {
				t.Fatalf("a packet of music describes %d samples", n)
			}
		}
		if want, got := 128_000, w.feed.Demand(); got != want {
			t.Errorf("music asks for %d bit/s, not %d", got, want)
		}
	})
}

func TestWithoutDREDNothingIsAskedForIt(t *testing.T) {
	if opus.HasDRED() {
		t.Skip("this libopus has DRED")
	}
	bubble(t, func(t *testing.T) {
		c := bursts(t, true, 5)
		time.Sleep(20 * time.Second)
		if demand := c.wire.feed.Demand(); demand%40_000 != 0 {
			t.Errorf("%d bit/s are asked for: something beside frames and copies", demand)
		}
		if n := c.receiver.Stats().DREDSamples; n > 0 {
			t.Errorf("%d samples were described", n)
		}
	})
}
