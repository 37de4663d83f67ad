package call

import (
	"testing"
	"time"

	"parley/call/impair"
	"parley/call/signal/wire"
)

// rates are how many bit/s each side puts on its path, of all kinds.
func (p *pathed) rates(over time.Duration) (rates [2]int) {
	var before [2]uint64
	for i, s := range p.sides {
		before[i] = s.card.stats().BytesIn
	}
	time.Sleep(over)
	for i, s := range p.sides {
		rates[i] = int(float64(8*(s.card.stats().BytesIn-before[i])) / over.Seconds())
	}
	return rates
}

// told is how much the other side wants to be sent at the most, in bit/s, as far as this one knows; 0 is no limit.
func (s *caller) told() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, them := range s.people {
		return them.told.BitRate
	}
	return 0
}

// What is limited is what the network carries: repairs and reports are part of it.
func TestALimitHoldsForAllThatIsSent(t *testing.T) {
	const limit, settles, measured = 300_000, 4 * time.Second, 6 * time.Second
	for loss, most := range map[float64]int{0: limit, 0.2: limit * 11 / 10} { // what will be lost is not known beforehand
		overPaths(t, 1, impair.Conditions{Delay: 60 * time.Millisecond, Loss: loss}, func(p *pathed) {
			time.Sleep(10 * time.Second) // what the path bears is known by now, and does not change any more
			free := p.rates(measured)
			for _, c := range []struct {
				name   string
				limits Limits
				narrow [2]bool
			}{
				{"up", Limits{Up: limit}, [2]bool{true, false}},
				{"down", Limits{Down: limit}, [2]bool{false, true}},
				{"none", Limits{}, [2]bool{}},
			} {
				p.sides[0].SetLimits(c.limits)
				for waits := 0; p.sides[1].told() != c.limits.Down && waits < 200; waits++ {
					time.Sleep(100 * time.Millisecond) // what tells of it gets lost as well, time and again
				}
				if told := p.sides[1].told(); told != c.limits.Down {
					t.Fatalf("limit %s, at a loss of %v: the other side is told of %d bit/s", c.name, loss, told)
				}
				time.Sleep(settles)
				before := [2]PeerStats{p.seen(0), p.seen(1)}
				for side, rate := range p.rates(measured) {
					if c.narrow[side] && rate > most || !c.narrow[side] && rate < free[side]*3/4 {
						t.Errorf("limit %s, at a loss of %v: side %d sends %d bit/s, and %d without a limit", c.name, loss, side, rate, free[side])
					}
					if n := p.seen(side).InVideo.FramesDecoded - before[side].InVideo.FramesDecoded; n < 100 {
						t.Errorf("limit %s, at a loss of %v: side %d sees %d pictures in %v", c.name, loss, side, n, measured)
					}
				}
			}
		})
	}
}

func TestEachHasAnEqualShareOfALimit(t *testing.T) {
	for _, c := range []struct{ people, up, told, want int }{
		{1, 0, 0, 0},
		{1, 500_000, 0, 500_000},
		{2, 500_000, 0, 250_000},
		{2, 500_000, 100_000, 100_000},
		{2, 0, 100_000, 100_000},
		{9, 250_000, 0, 27_777},
	} {
		someone := &person{told: wire.View{BitRate: c.told}}
		call := &Call{limits: Limits{Up: c.up}, people: map[string]*person{"": someone}}
		for i := 1; i < c.people; i++ {
			call.people[string(rune('a'+i))] = &person{}
		}
		if got := call.limitTo(someone); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestPicturesThatNobodyShowsCostNothingOfThePath(t *testing.T) {
	const reports = 25_000
	overPaths(t, 1, impair.Conditions{Delay: 30 * time.Millisecond}, func(p *pathed) {
		time.Sleep(5 * time.Second)
		for i, s := range p.sides {
			s.ShowPicture(p.sides[1-i].cfg.Name, 0, 0)
		}
		time.Sleep(2 * time.Second)
		for side, rate := range p.rates(10 * time.Second) {
			if most := 40_000 + soundHeaders + reports; rate > most {
				t.Errorf("side %d sends %d bit/s, where sound takes %d at the most", side, rate, most)
			}
			if n := p.seen(side).OutVideo.ActiveEncoders; n != 0 {
				t.Errorf("side %d has %d encoders open", side, n)
			}
		}
		for i, s := range p.sides {
			s.ShowPicture(p.sides[1-i].cfg.Name, 640, 360)
		}
		before := p.seen(0).InVideo.FramesDecoded
		time.Sleep(time.Second)
		if n := p.seen(0).InVideo.FramesDecoded - before; n < 20 {
			t.Errorf("%d pictures in the second after they are shown again", n)
		}
	})
}
