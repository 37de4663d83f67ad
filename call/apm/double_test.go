package apm_test

import (
	"math"
	"testing"
	"time"

	"parley/call/apm"
	"parley/call/apm/roomtest"
)

// conversation is what two voices say for so long, each all the time; the near one begins 5 s late, since a canceller that has not found the echo
// yet leaves all as it is.
func conversation(seconds int) (far, near []float64) {
	far, near = roomtest.Voice(seconds, 1, 115), roomtest.Voice(seconds, 2, 190)
	clear(near[:5*second])
	return far, near
}

// doubleTalk is by how many dB the near end is softer while the far end talks too than it is alone: the attenuation by which ITU-T P.340
// section 8.1 tells the types of hands-free terminals apart, of which the best stay within 3 dB. Of what comes out only that part counts that is the near
// end's, so that echo that is left does not pass for it. The far end is heard in the synthetic room.
func doubleTalk(t testing.TB, options apm.Options, far, near []float64) float64 {
	t.Helper()
	hiss := roomtest.Hiss(len(far))
	echo := roomtest.Room(far, 80*time.Millisecond, roomtest.FromDB(-8))
	alone := run(t, options, make([]float64, len(far)), add(near, hiss))
	both := run(t, options, far, add(add(near, echo), hiss))
	return softer(alone[10*second:], both[10*second:])
}

// softer is by how many dB a sound is softer in another, where it is heard at all.
func softer(sound, in []float64) float64 {
	const piece = second / 50
	var whole, found float64
	for at := 0; at+piece <= len(sound); at += piece {
		own, common := 0.0, 0.0
		for i := at; i < at+piece; i++ {
			own += sound[i] * sound[i]
			common += sound[i] * in[i]
		}
		if own/piece < 100*100 {
			continue
		}
		whole += own
		found += max(0, common) * max(0, common) / own
	}
	return roomtest.DB(math.Sqrt(whole / found))
}

func TestWhoTalksAtTheSameTimeIsHeard(t *testing.T) {
	far, near := conversation(20)
	for name, options := range map[string]apm.Options{"echo": {Echo: true}, "all": {Echo: true, Noise: true, Gain: true}} {
		if got := doubleTalk(t, options, far, near); got >= 3 {
			t.Errorf("%s: the near end is softer by %.1f dB", name, got)
		} else {
			t.Logf("%s: the near end is softer by %.1f dB", name, got)
		}
	}
}

func TestDoubleTalkIsMeasuredWithoutTheEcho(t *testing.T) {
	far, near := conversation(20)
	both := make([]float64, len(near))
	for i := range both {
		both[i] = near[i]/2 + far[i]
	}
	if got := softer(near, both); math.Abs(got-6) > 0.7 {
		t.Errorf("half of a voice, with another as loud, is softer by %.1f dB", got)
	}
}
