package call

import (
	"testing"
	"time"

	"parley/call/impair"
)

func TestPicturesGoOnBesideADownload(t *testing.T) {
	const rate = 3_000_000
	path := impair.Conditions{Delay: 30 * time.Millisecond, Rate: rate}
	overPaths(t, 1, path, func(p *pathed) {
		time.Sleep(8 * time.Second)
		path.Download = true
		p.set(path)
		time.Sleep(5 * time.Second)
		before := [2]int{p.seen(0).InVideo.FramesDecoded, p.seen(1).InVideo.FramesDecoded}
		beside := [2]uint64{p.sides[0].card.stats().BytesBeside, p.sides[1].card.stats().BytesBeside}
		time.Sleep(30 * time.Second)
		for side, s := range p.sides {
			if n := p.seen(side).InVideo.FramesDecoded - before[side]; n < 500 {
				t.Errorf("%d pictures come in 30 s", n)
			}
			if bytes := s.card.stats().BytesBeside - beside[side]; 8*bytes < 0.3*30*rate {
				t.Errorf("%d bytes are left to the download in 30 s", bytes)
			}
		}
	})
}
