package devices

import (
	"os"
	"sync"
	"time"

	"parley/devices/tone"
)

// maxCatchUp bounds the blocks that are made up for at once after the machine was too busy; what is older, as after
// a sleep of the machine, is skipped.
const maxCatchUp = 20

// startTone runs the test microphone, which sings the same on all channels; the function it returns ends it.
func startTone(channels int, block func([]int16, time.Time)) (stop func()) {
	source := tone.NewSource(os.Getpid() % tone.Voices)
	var sung [BlockSamples]int16
	samples := make([]int16, channels*BlockSamples)
	return startPaced(func(due time.Time) {
		source.Fill(sung[:])
		spread(samples, sung[:], channels)
		block(samples, due.Add(-BlockDuration))
	})
}

// startSilent runs the speaker that nobody hears; the function it returns ends it.
func startSilent(channels int, fill func([]int16)) (stop func()) {
	samples := make([]int16, channels*BlockSamples)
	return startPaced(func(time.Time) { fill(samples) })
}

// pacedFrom is when the first of all that is paced could have begun.
var pacedFrom = time.Now()

// startPaced calls step every 10 ms on a goroutine of its own, on a schedule that does not drift. All run in step, so that the program
// wakes once for a microphone and a speaker, as it does for a real device. The function it returns ends the goroutine and waits for that.
func startPaced(step func(due time.Time)) (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		now := time.Now()
		due := now.Add(2*BlockDuration - now.Sub(pacedFrom)%BlockDuration)
		timer := time.NewTimer(due.Sub(now))
		defer timer.Stop()
		for {
			select {
			case <-quit:
				return
			case <-timer.C:
			}
			if late := time.Since(due); late > maxCatchUp*BlockDuration {
				due = due.Add(late)
			}
			for ; !due.After(time.Now()); due = due.Add(BlockDuration) {
				step(due)
			}
			timer.Reset(time.Until(due))
		}
	}()
	var once sync.Once
	return func() {
		once.Do(func() { close(quit) })
		<-ended
	}
}
