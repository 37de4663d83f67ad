package audio_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/devices"
	"parley/devices/soundtest"
)

// TestWhatIsSaidIsHeardSoonFromTheFirstSoundOn lets somebody say sounds with pauses between them, over paths whose packets come at different times of a
// speaker's block.
func TestWhatIsSaidIsHeardSoonFromTheFirstSoundOn(t *testing.T) {
	for offset := range 3 {
		bubble(t, func(t *testing.T) {
			said, at, dice := soundtest.Blips(6*time.Second, uint64(offset)), 0, dice(uint64(offset))
			var mouth []int16
			c := call{red: true}
			c.here.make = func(samples []int16) {
				clear(samples)
				at += copy(samples, said[min(at, len(said)):])
				mouth = append(mouth, samples...)
			}
			least := 20*time.Millisecond + time.Duration(3*offset)*time.Millisecond
			c.path = newPath(func(int, *rtp.Packet) time.Duration {
				return least + time.Duration(dice.IntN(1500))*time.Microsecond
			})
			c.start(t, "mouth")
			time.Sleep(8 * time.Second)
			if err := c.singer.SetMicrophone(devices.None); err != nil { // nobody adds to mouth from now on
				t.Fatal(err)
			}
			var took []time.Duration
			for _, d := range soundtest.Delays(mouth, c.there.heard()) {
				took = append(took, d.Took-least)
			}
			if len(took) < 10 {
				t.Fatalf("%d sounds were said", len(took))
			}
			first := took[0]
			slices.Sort(took)
			middle := took[len(took)/2]
			t.Logf("path of %v: the first %v, in the middle %v, all %v", least, first, middle, took)
			if middle > 50*time.Millisecond {
				t.Errorf("over a path of %v, a sound is heard %v later still", least, middle)
			}
			if first > middle+15*time.Millisecond {
				t.Errorf("over a path of %v, the first sound is heard %v later than others", least, first-middle)
			}
		})
	}
}
