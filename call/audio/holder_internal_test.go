package audio

import "testing"

func TestADeviceIsGoneWhenItWasSilentForSeveralChecks(t *testing.T) {
	var p pulse
	for beats := range int64(100) { // a slow one
		for range stalledChecks - 1 {
			if p.stopped(beats / 2) {
				t.Fatalf("gone after %d blocks", beats)
			}
		}
		if p.stopped(beats/2 + 1) {
			t.Fatalf("gone after %d blocks", beats)
		}
	}
	p = pulse{beats: 7}
	for check := 1; check <= stalledChecks; check++ {
		if got := p.stopped(7); got != (check == stalledChecks) {
			t.Errorf("gone: %v, after %d checks without a block", got, check)
		}
	}
}
