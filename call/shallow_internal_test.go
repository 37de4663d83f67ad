package call

import (
	"testing"
	"time"

	"parley/call/impair"
)

// pictures is how many pictures both sides have seen so far.
func (p *pathed) pictures() (n int) {
	for side := range p.sides {
		n += p.seen(side).InVideo.FramesDecoded
	}
	return n
}

// A path that drops what is too much, and keeps hardly anything waiting, shows no queue: loss alone tells what it bears.
func TestPicturesGoOnOverAPathThatDropsWhatIsTooMuch(t *testing.T) {
	narrow := impair.Conditions{Delay: 50 * time.Millisecond, Rate: 500_000, Queue: 30 * time.Millisecond}
	wide := narrow
	wide.Rate = 3_000_000
	for name, before := range map[string]impair.Conditions{"from the start": narrow, "after it was wide": wide} {
		t.Run(name, func(t *testing.T) {
			overPaths(t, 1, before, func(p *pathed) {
				time.Sleep(8 * time.Second)
				p.set(narrow)
				time.Sleep(5 * time.Second)
				seen := p.pictures()
				was := [2]impair.Stats{p.sides[0].card.stats(), p.sides[1].card.stats()}
				time.Sleep(20 * time.Second)
				if n := p.pictures() - seen; n < 2*20*20 {
					t.Errorf("%d pictures came in 20 s, both ways", n)
				}
				for side, s := range p.sides {
					now := s.card.stats()
					if n, all := now.PacketsOverflowed-was[side].PacketsOverflowed, now.PacketsIn-was[side].PacketsIn; n > all*35/100 {
						t.Errorf("%d of %d packets were dropped", n, all)
					}
				}
			})
		})
	}
}

// As a radio does that looks for a better one.
func TestAPathThatIsGoneForMomentsKeepsItsPictures(t *testing.T) {
	clear := impair.Conditions{Delay: 50 * time.Millisecond}
	gone := clear
	gone.Black = true
	overPaths(t, 1, clear, func(p *pathed) {
		time.Sleep(8 * time.Second)
		seen := p.pictures()
		const times = 8
		for n := range times {
			p.set(gone)
			time.Sleep(time.Duration(60+30*n) * time.Millisecond)
			p.set(clear)
			time.Sleep(2500 * time.Millisecond)
			for side := range p.sides {
				if s := p.seen(side); s.InVideo.FrameWidth < 640 {
					t.Errorf("after %d gaps, pictures are %d wide", n+1, s.InVideo.FrameWidth)
				}
			}
		}
		if n := p.pictures() - seen; n < 2*times*60 {
			t.Errorf("%d pictures came in %d gaps and the 2.5 s after each, both ways", n, times)
		}
	})
}
