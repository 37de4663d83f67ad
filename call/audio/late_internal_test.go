package audio

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"parley/call/apm"
	"parley/call/apm/roomtest"
)

// TestTheEchoStaysAwayThoughThreadsComeLate lets the speaker's thread and the encoder stand still again and again, as on a machine that has too much
// to do, and then catch up: the one for no longer than its device has something to play, the other for no longer than the queue holds what it hears.
func TestTheEchoStaysAwayThoughThreadsComeLate(t *testing.T) {
	synctest.Test(t, echoWithLateThreads)
}

func echoWithLateThreads(t *testing.T) {
	const seconds, speakerLate, encoderLate = 30, 6, captureDepth // blocks
	clean := newCleaner(slog.Default())
	defer clean.close()
	clean.set(apm.Options{Echo: true, Noise: true})
	far := roomtest.Speech(seconds, 1)
	heard := roomtest.Room(far, 90*time.Millisecond, roomtest.FromDB(-3))
	for i, x := range roomtest.Hiss(len(far)) {
		heard[i] += x
	}
	dice := rand.New(rand.NewPCG(3, 3))
	stalls := func(left *int, longest int) bool {
		if *left > 0 {
			*left--
		} else if dice.IntN(20) == 0 {
			*left = dice.IntN(longest)
		}
		return *left > 0
	}
	start, block := time.Now(), make([]int16, BlockSize)
	take := func(x []float64, at int) []int16 {
		for i := range block {
			block[i] = int16(max(-32768, min(32767, math.Round(x[at+i]))))
		}
		return block
	}
	var left []float64
	var stalledSpeaker, stalledEncoder int
	played, worked := 0, 0
	for at := 0; at < len(far); at += BlockSize {
		time.Sleep(blockTime)
		for ok := !stalls(&stalledSpeaker, speakerLate); ok && played <= at; played += BlockSize {
			clean.render(take(far, played), 0)
		}
		for ok := !stalls(&stalledEncoder, encoderLate); ok && worked <= at; worked += BlockSize {
			cleaned := take(heard, worked)
			clean.capture(cleaned, start.Add(toDuration(int64(worked+BlockSize))), 0)
			for _, v := range cleaned {
				left = append(left, float64(v))
			}
		}
	}
	for s := 5; s+5 < seconds; s += 5 {
		loss := roomtest.DB(roomtest.RMS(heard[s*SampleRate:(s+5)*SampleRate]) / roomtest.RMS(left[s*SampleRate:(s+5)*SampleRate]))
		t.Logf("from second %d on the echo is softer by %.0f dB", s, loss)
		if loss < 25 {
			t.Errorf("from second %d on the echo is softer by %.0f dB", s, loss)
		}
	}
}
