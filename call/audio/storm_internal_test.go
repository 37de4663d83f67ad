package audio

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// stormy is a path that is calm for a while and then stormy, over and over. In a storm packets come up to 200 ms late.
type stormy struct {
	calm, storm time.Duration
	dice        *rand.Rand
}

// at says which calm or storm it is, from 0 on, and since when it lasts.
func (s *stormy) at(t time.Duration) (storm bool, number int, since time.Duration) {
	both := s.calm + s.storm
	number, since = int(t/both), t%both
	if since >= s.calm {
		return true, number, since - s.calm
	}
	return false, number, since
}

func (s *stormy) path(n int) time.Duration {
	const path = 40 * time.Millisecond
	late := 3 * time.Millisecond
	if storm, _, _ := s.at(time.Duration(n+1) * frameTime); storm {
		late = 200 * time.Millisecond
	}
	return path + time.Duration(s.dice.Int64N(int64(late)))
}

func TestAfterAStormTheWaitIsSoonShortAgain(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			weather := stormy{calm: 10 * time.Second, storm: 10 * time.Second, dice: rand.New(rand.NewPCG(seed, 1))}
			var heard clicks
			var w waits
			var calm ReceiverStats
			tr := trace{sound: humming(), path: weather.path, duration: 30 * time.Second}
			tr.block = func(at time.Duration, r *Receiver, samples []int16) {
				heard.add(samples)
				if at%time.Second == 0 {
					w.note(r)
				}
				if at == 21*time.Second {
					calm = r.Stats()
				}
			}
			s := tr.run().Stats()
			during, after := w.all[19], w.all[27] // the last second of the storm, and the eighth after it
			if during < 80*time.Millisecond {
				t.Errorf("in the storm packets wait for %v", during)
			}
			if after > minTarget+20*time.Millisecond {
				t.Errorf("eight seconds after it packets wait for %v", after)
			}
			if heard.most > sharp {
				t.Errorf("there is a click: a bend of %.0f", heard.most)
			}
			if made, out := s.ConcealedSamples-calm.ConcealedSamples, s.PacketsDiscarded-calm.PacketsDiscarded; made > 0 || out > 0 {
				t.Errorf("%d samples were made up while the wait fell, and %d packets left out", made, out)
			}
		})
	}
}

// Who forgets at once what comes again and again finds out anew each time, at the expense of who listens.
func TestStormsThatComeAgainAndAgainAreReckonedWith(t *testing.T) {
	const storms = 6
	var made [storms]float64 // of the sound, in percent
	for seed := range uint64(8) {
		weather := stormy{calm: 8 * time.Second, storm: 8 * time.Second, dice: rand.New(rand.NewPCG(seed, 2))}
		before := uint64(0)
		tr := trace{sound: humming(), path: weather.path, duration: storms * 16 * time.Second}
		tr.block = func(_ time.Duration, r *Receiver, _ []int16) {
			now := r.Stats()
			_, n, _ := weather.at(toDuration(int64(now.TotalSamplesReceived)))
			made[min(n, storms-1)] += 100 * float64(now.ConcealedSamples-before) / (8 * 8 * SampleRate)
			before = now.ConcealedSamples
		}
		tr.run()
	}
	t.Logf("of each storm %.2f %% were made up", made)
	for n, share := range made[2:] {
		if share > made[0]/3 {
			t.Errorf("of the first storm %.2f %% were made up, of storm %d %.2f %%", made[0], n+3, share)
		}
	}
}
