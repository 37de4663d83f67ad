package call

import "testing"

// soundMost is what sound takes with two copies of each frame.
const soundMost = 3*40_000 + soundHeaders

func TestSoundHasItsPartFirst(t *testing.T) {
	for _, c := range []struct{ bitRate, camera, screen int }{
		{0, 0, 0},
		{40_000, 700_000, 0},
		{300_000, 700_000, 0},
		{500_000, 700_000, 0},
		{500_000, 700_000, 2_000_000},
		{5_000_000, 700_000, 2_000_000},
		{500_000, 0, 2_000_000},
	} {
		p := divide(c.bitRate, soundMost, c.camera, c.screen)
		if p.sound < soundLeast || p.sound > soundMost || p.camera < 0 || p.screen < 0 {
			t.Errorf("%+v: %+v", c, p)
		}
		if wire := p.sound + int(float64(p.camera+p.screen)/payloadShare); wire > max(c.bitRate, soundLeast)+2 {
			t.Errorf("%+v: %+v takes %d", c, p, wire)
		}
		if c.screen == 0 && p.screen != 0 || c.camera == 0 && c.screen != 0 && p.camera != 0 {
			t.Errorf("%+v: %+v gives to what is not there", c, p)
		}
	}
	for _, bitRate := range []int{100_000, 200_000} {
		if alone := divide(bitRate, soundMost, 0, 0); alone.sound != min(bitRate, soundMost) {
			t.Errorf("of %d bit/s, sound alone has %d", bitRate, alone.sound)
		}
		if small := divide(bitRate, soundMost, 30_000, 0); small.sound < min(bitRate-33_000, soundMost) || small.camera < 29_990 {
			t.Errorf("%d bit/s are divided into %+v where the picture has a use for 30,000", bitRate, small)
		}
	}
	for bitRate := 60_000; bitRate < 90_000; bitRate += 5000 {
		if p := divide(bitRate, soundMost, 700_000, 0); p.sound < soundLeast || p.camera < 20_000 {
			t.Errorf("%d bit/s are divided into %+v, and the picture stands still", bitRate, p)
		}
	}
	both := divide(500_000, soundMost, 700_000, 2_000_000)
	if both.screen <= both.camera || both.camera < 100_000 {
		t.Errorf("a narrow path is divided into %+v", both)
	}
	if wide := divide(5_000_000, soundMost, 700_000, 2_000_000); wide.camera != 700_000 || wide.screen < 2_000_000 {
		t.Errorf("a wide path is divided into %+v", wide)
	}
}
