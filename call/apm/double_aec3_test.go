//go:build apm1 || apm2

package apm_test

import (
	"testing"

	"parley/call/apm"
)

// Where noise is taken out and there is no gain, 0.3 makes the near end softer by 3.2 dB.
func TestWhoTalksAtTheSameTimeIsHeardWithoutGain(t *testing.T) {
	far, near := conversation(20)
	if got := doubleTalk(t, apm.Options{Echo: true, Noise: true}, far, near); got >= 3 {
		t.Errorf("the near end is softer by %.1f dB", got)
	}
}
