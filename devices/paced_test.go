package devices

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// paced starts what is paced, and returns what steps were due when and when they were taken.
func paced(t *testing.T) (due, taken *[]time.Time) {
	due, taken = new([]time.Time), new([]time.Time)
	t.Cleanup(startPaced(func(at time.Time) {
		*due, *taken = append(*due, at), append(*taken, time.Now())
	}))
	return due, taken
}

func TestWhatIsPacedStepsForEachTenMilliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, taken := paced(t)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := len(*due); n < 995 || n > 1000 {
			t.Errorf("%d steps in 10 s", n)
		}
		for i, at := range *due {
			if i > 0 && at.Sub((*due)[i-1]) != BlockDuration {
				t.Fatalf("step %d is due %v after the one before", i, at.Sub((*due)[i-1]))
			}
			if late := (*taken)[i].Sub(at); late < 0 || late >= blocksAtOnce*BlockDuration {
				t.Fatalf("step %d is taken %v after it was due", i, late)
			}
		}
	})
}

func TestAllThatIsPacedWakesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, one := paced(t)
		time.Sleep(13 * time.Millisecond)
		_, other := paced(t)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := len(*other); n == 0 || !slices.EqualFunc((*one)[len(*one)-n:], *other, time.Time.Equal) {
			t.Error("it wakes twice")
		}
	})
}

func TestWhatIsPacedSkipsWhatTheMachineSleptThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steps, slept := 0, false
		t.Cleanup(startPaced(func(time.Time) {
			if steps++; steps == 10 && !slept {
				slept = true
				time.Sleep(time.Minute)
			}
		}))
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if steps < 90 || steps > 100+maxCatchUp {
			t.Errorf("%d steps in a second before and after a minute of sleep", steps)
		}
	})
}
