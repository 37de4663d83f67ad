package call

import (
	"testing"
	"time"

	"parley/call/impair"
)

// rerouted makes calls whose paths, from one side or both, become longer after a while, and returns for how long pictures froze in the 6 s after that, of each
// side and call, and how many came in the first second.
func rerouted(t *testing.T, loss float64, sides ...int) (frozen []float64, soon []int) {
	t.Helper()
	short := impair.Conditions{Delay: 40 * time.Millisecond, Loss: loss}
	long := short
	long.Delay = 150 * time.Millisecond
	for seed := range uint64(2) {
		overPaths(t, seed, short, func(p *pathed) {
			time.Sleep(10*time.Second + time.Duration(seed)*37*time.Millisecond) // anywhere between two pictures, and two reports
			before := [2]PeerStats{p.seen(0), p.seen(1)}
			p.set(long, sides...)
			time.Sleep(time.Second)
			for side := range 2 {
				soon = append(soon, p.seen(side).InVideo.FramesDecoded-before[side].InVideo.FramesDecoded)
			}
			time.Sleep(5 * time.Second)
			for side := range 2 {
				frozen = append(frozen, p.seen(side).InVideo.TotalFreezesDuration-before[side].InVideo.TotalFreezesDuration)
			}
		})
	}
	return frozen, soon
}

func TestPicturesGoOnWhereAPathBecomesLongerAtOnce(t *testing.T) {
	for name, sides := range map[string][]int{"one way": {0}, "both ways": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			frozen, soon := rerouted(t, 0, sides...)
			for i := range frozen {
				if frozen[i] > 1 {
					t.Errorf("call %d: pictures froze for %.2f s", i/2, frozen[i])
				}
				if soon[i] < 9 {
					t.Errorf("call %d: %d pictures came in the first second", i/2, soon[i])
				}
			}
		})
	}
}

// A repair takes longer on such a path, so that some pictures stand still for it at any rate.
func TestPicturesGoOnWhereALossyPathBecomesLongerAtOnce(t *testing.T) {
	frozen, _ := rerouted(t, 0.1)
	mean := 0.0
	for _, f := range frozen {
		mean += f / float64(len(frozen))
	}
	if mean > 2.5 {
		t.Errorf("pictures froze for %.1f s in the mean", mean)
	}
}
