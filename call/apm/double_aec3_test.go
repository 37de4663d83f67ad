//go:build apm1 || apm2

package apm_test

import (
	"testing"

	"parley/call/apm"
)

func TestWhoTalksAtTheSameTimeIsHeard(t *testing.T) {
	far, near := conversation(20)
	for name, options := range map[string]apm.Options{
		"echo": {Echo: true}, "echo and noise": {Echo: true, Noise: true}, "all": {Echo: true, Noise: true, Gain: true},
	} {
		if got := doubleTalk(t, options, far, near); got >= 3 {
			t.Errorf("%s: the near end is softer by %.1f dB", name, got)
		} else {
			t.Logf("%s: the near end is softer by %.1f dB", name, got)
		}
	}
}
