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

// blocksAtOnce is how many blocks what is paced takes each time it wakes: a frame of Opus, than which nothing is sent sooner.
const blocksAtOnce = 2

// startPaced calls step for every 10 ms on a goroutine of its own, on a schedule that does not drift. All run in step, so that the program
// wakes once for a microphone and a speaker, as it does for a real device. The function it returns ends the goroutine and waits for that.
func startPaced(step func(due time.Time)) (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		const atOnce = blocksAtOnce * BlockDuration
		now := time.Now()
		due := now.Add(atOnce - now.Sub(pacedFrom)%atOnce + BlockDuration)
		next := func() time.Duration { return time.Until(due) + atOnce - BlockDuration }
		timer := time.NewTimer(next())
		defer timer.Stop()
		for {
			select {
			case <-quit:
				return
			case <-timer.C:
			}
			for ; !due.After(time.Now()); due = due.Add(BlockDuration) {
				if late := time.Since(due); late > maxCatchUp*BlockDuration {
					due = due.Add(late.Truncate(atOnce))
				}
				step(due)
			}
			timer.Reset(next())
		}
	}()
	var once sync.Once
	return func() {
		once.Do(func() { close(quit) })
		<-ended
	}
}
