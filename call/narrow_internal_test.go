package call

import (
	"testing"
	"time"

	"parley/call/impair"
	"parley/devices"
)

// madeUp returns which part of the sound that was played between two moments was made up.
func madeUp(from, to PeerStats) float64 {
	return float64(to.InAudio.ConcealedSamples-from.InAudio.ConcealedSamples) / float64(to.InAudio.TotalSamplesReceived-from.InAudio.TotalSamplesReceived)
}

// Both ways at once: what tells of the one queue stands in the other.
func TestSoundIsWholeAgainSoonAfterThePathFellToATenth(t *testing.T) {
	wide := impair.Conditions{Delay: 50 * time.Millisecond, Rate: 3_000_000}
	narrow := wide
	narrow.Rate = 300_000
	const seeds = 8
	var mean, later float64
	for seed := range uint64(seeds) {
		overPaths(t, seed, wide, func(p *pathed) {
			time.Sleep(12*time.Second + time.Duration(seed)*37*time.Millisecond) // anywhere between two pictures, and two reports
			before := [2]PeerStats{p.seen(0), p.seen(1)}
			p.set(narrow)
			time.Sleep(2 * time.Second)
			soon := [2]PeerStats{p.seen(0), p.seen(1)}
			time.Sleep(13 * time.Second)
			for side := range 2 {
				now := p.seen(side)
				c := madeUp(before[side], now)
				mean += c / (2 * seeds)
				if c > 0.018 { // of 15 s; the queue alone takes 0.3
					t.Errorf("seed %d: %.1f %% of the sound was made up in the 15 s after the fall", seed, 100*c)
				}
				c = madeUp(soon[side], now)
				later += c / (2 * seeds)
				if c > 0.01 { // of 13 s; a probe that finds nothing may take half of that
					t.Errorf("seed %d: %.1f %% of the sound was still made up after 2 s", seed, 100*c)
				}
			}
		})
	}
	t.Logf("in the mean, %.2f %% of the sound was made up in the 15 s after the fall, and %.2f %% after 2 s", 100*mean, 100*later)
	if mean > 0.01 {
		t.Errorf("in the mean, %.1f %% of the sound was made up in the 15 s after the fall", 100*mean)
	}
	if later > 0.002 {
		t.Errorf("in the mean, %.2f %% of the sound was still made up after 2 s", 100*later)
	}
}

func TestPicturesAreBackSoonAfterAPathThatBoreNoneIsCleanAgain(t *testing.T) {
	for name, storm := range map[string]impair.Conditions{
		"narrow":           {Rate: 150_000, Delay: 100 * time.Millisecond},
		"narrow and lossy": {Rate: 100_000, Delay: 150 * time.Millisecond, Loss: 0.2, Burst: 3},
		"uneven and lossy": {Delay: 100 * time.Millisecond, Jitter: 200 * time.Millisecond, Loss: 0.3, Burst: 4},
	} {
		t.Run(name, func(t *testing.T) {
			overPaths(t, 1, impair.Conditions{}, func(p *pathed) {
				time.Sleep(5 * time.Second)
				p.set(storm)
				time.Sleep(12 * time.Second)
				p.set(impair.Conditions{})
				time.Sleep(8 * time.Second)
				before := [2]PeerStats{p.seen(0), p.seen(1)}
				time.Sleep(4 * time.Second)
				for side := range 2 {
					now := p.seen(side)
					if n := now.InVideo.FramesDecoded - before[side].InVideo.FramesDecoded; n < 50 {
						t.Errorf("%d pictures in the 4 s from 8 s after it", n)
					}
					if held := (now.InVideo.JitterBufferDelay - before[side].InVideo.JitterBufferDelay) / float64(now.InVideo.JitterBufferEmittedCount-before[side].InVideo.JitterBufferEmittedCount); held > 0.3 {
						t.Errorf("they are held for %.2f s", held)
					}
					if now.InVideo.FrameWidth < 320 {
						t.Errorf("they are %d wide", now.InVideo.FrameWidth)
					}
				}
			})
		})
	}
}

// Sound alone shows no more of a path than sound takes.
func TestPicturesBeginOnAPathThatWasNarrowWhileThereWasSoundAlone(t *testing.T) {
	for _, rate := range []int{70_000, 80_000, 100_000} { // with less, the path is given up
		overPaths(t, 1, impair.Conditions{}, func(p *pathed) {
			for side := range 2 {
				p.sides[side].media.Switch(devices.KindCamera, false)
			}
			time.Sleep(2 * time.Second)
			p.set(impair.Conditions{Rate: rate, Delay: 50 * time.Millisecond})
			time.Sleep(13 * time.Second)
			p.set(impair.Conditions{Delay: 50 * time.Millisecond})
			for side := range 2 {
				p.sides[side].media.Switch(devices.KindCamera, true)
			}
			time.Sleep(10 * time.Second)
			for side := range 2 {
				if n := p.seen(side).InVideo.FramesDecoded; n < 60 {
					t.Errorf("after %d bit/s, %d pictures came in 10 s", rate, n)
				}
			}
		})
	}
}

// For so long that each side gives the connection up and tries others, by TCP too where it may.
func TestACallThatWasGivenUpIsThereAgainWithItsPath(t *testing.T) {
	for name, before := range map[string]time.Duration{"from the start": 0, "in the middle": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			path := impair.Conditions{Delay: 50 * time.Millisecond}
			fewer := func(_ int, cfg *MediaConfig) { cfg.Format = devices.Format{Width: 160, Height: 90, FrameRate: 5} }
			overPathsWith(t, 1, path, fewer, func(p *pathed) {
				is := func(state PersonState) {
					t.Helper()
					for _, s := range p.sides {
						if them := s.People(); len(them) != 1 || them[0].State != state {
							t.Errorf("%s sees %+v, want %v", s.cfg.Name, them, state)
						}
					}
				}
				for _, s := range p.sides {
					s.media.Use(devices.KindMicrophone, devices.None)
				}
				time.Sleep(before)
				p.set(impair.Conditions{Black: true})
				time.Sleep(35 * time.Second)
				is(PersonFailed)
				p.set(path)
				time.Sleep(15 * time.Second)
				is(PersonConnected)
				for side, s := range p.sides {
					before := s.Stats()[0].InVideo.FramesDecoded
					time.Sleep(2 * time.Second)
					if n := s.Stats()[0].InVideo.FramesDecoded - before; n < 8 {
						t.Errorf("%s sees %d pictures in 2 s", p.sides[side].cfg.Name, n)
					}
				}
			})
		})
	}
}
