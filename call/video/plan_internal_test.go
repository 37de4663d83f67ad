package video

import (
	"slices"
	"testing"
	"time"

	"parley/call/coded"
)

// planned is a sender of pictures of 1280x720 to people whose paths bear those bit rates, without a source: what each gets is planned and not sent.
func planned(cfg SenderConfig, bitRates ...int) (*Sender, []*Outlet) {
	s := NewSender(cfg)
	var all []*Outlet
	for _, bitRate := range bitRates {
		o := s.NewOutlet()
		b := &binding{types: make([]uint8, len(codecs))}
		for i := range b.types {
			b.types[i] = uint8(96 + i)
		}
		o.bindings.Store(&[]*binding{b})
		o.SetAllowance(bitRate)
		all = append(all, o)
	}
	return s, all
}

// gets returns the size that somebody gets, and in which codec.
func (s *Sender) gets(o *Outlet) (height int, name string) {
	return s.layers[o.layer].step.height, codecs[o.codec].Name
}

func TestWhoSharesALayerGetsWhatTheWeakestOfThemBears(t *testing.T) {
	s, all := planned(SenderConfig{}, 900_000, 500_000)
	s.plan(time.Unix(0, 0), 1280, 720)
	for i, o := range all {
		if height, _ := s.gets(o); height != 540 || s.layers[o.layer].rate != 500_000 {
			t.Errorf("person %d gets %d rows at %d bit/s, want 540 at 500,000", i, height, s.layers[o.layer].rate)
		}
	}
}

// Each change of layers takes a key frame.
func TestWhoHasAboutHalfOfWhatAnotherHasDoesNotGoBackAndForthBetweenLayers(t *testing.T) {
	s, all := planned(SenderConfig{}, 2_000_000, 900_000)
	now, changes, last := time.Unix(0, 0), 0, -1
	for n := range 60 {
		all[1].SetAllowance(1_000_000 + []int{-60_000, 60_000}[n%2])
		for range 30 {
			now = now.Add(time.Second / 30)
			s.plan(now, 1280, 720)
		}
		if at := all[1].layer; at != last {
			changes, last = changes+1, at
		}
	}
	if changes > 2 {
		t.Errorf("%d changes in a minute of a rate that wavers about half of another's", changes)
	}
}

// A rate that wavers about the least would cost a key frame each time.
func TestBelowTheLeastAllowanceNothingIsPlannedUntilThereIsTwiceAsMuch(t *testing.T) {
	s, all := planned(SenderConfig{}, 200_000)
	now := time.Unix(0, 0)
	for _, c := range []struct {
		bitRate int
		any     bool
	}{{200_000, true}, {leastAllowance + 1000, true}, {leastAllowance - 1000, false}, {leastAllowance + 1000, false}, {leastAllowance*2 + 1000, true}} {
		all[0].SetAllowance(c.bitRate)
		now = now.Add(time.Second)
		if any := s.plan(now, 1280, 720); any != c.any {
			t.Errorf("at %d bit/s something is sent: %v", c.bitRate, any)
		}
	}
}

func TestAMachineThatDoesNotKeepUpSendsSmallerPicturesAndSaysWhy(t *testing.T) {
	s, all := planned(SenderConfig{}, 5_000_000)
	s.plan(time.Unix(0, 0), 1280, 720)
	if height, _ := s.gets(all[0]); height != 720 {
		t.Fatalf("%d rows", height)
	}
	s.load.rungs = 2
	s.plan(time.Unix(1, 0), 1280, 720)
	if height, _ := s.gets(all[0]); height != 540 || all[0].stats.QualityLimitationReason != LimitedByCPU {
		t.Errorf("%d rows, limited by %s", height, all[0].stats.QualityLimitationReason)
	}
}

func TestAMachineThatDoesNotKeepUpGoesOverToACheaperCodecForAMinute(t *testing.T) {
	s, all := planned(SenderConfig{Screen: true}, 2_000_000)
	now := time.Unix(0, 0)
	after := func(d time.Duration) string {
		now = now.Add(d)
		s.plan(now, 1280, 720)
		_, name := s.gets(all[0])
		return name
	}
	if name := after(0); name != "VP9" {
		t.Fatalf("a screen is sent in %s", name)
	}
	s.load.over = 1
	if name := after(time.Second / 30); name == "VP9" {
		t.Error("it goes on in VP9")
	}
	if name := after(50 * time.Second); name == "VP9" {
		t.Error("it is VP9 again within a minute")
	}
	if name := after(20 * time.Second); name != "VP9" {
		t.Errorf("after more than a minute it is %s", name)
	}
}

func TestNothingIsWantedWhereThereIsNoPicture(t *testing.T) {
	s, all := planned(SenderConfig{}, 5_000_000)
	if demand := all[0].Demand(); demand != 0 {
		t.Errorf("without a source %d bit/s are wanted: paths would be tried out for it", demand)
	}
	s.setRunning(true)
	if demand := all[0].Demand(); demand <= 0 {
		t.Errorf("with a source %d bit/s are wanted", demand)
	}
	s.setRunning(false)
}

// told is an encoder that only notes what it is told.
type told struct {
	coded.Encoder
	settings coded.Settings
}

func (e *told) Size() (width, height int) { return e.settings.Width, e.settings.Height }
func (e *told) SetBitRate(bitRate int) error {
	e.settings.BitRate = bitRate
	return nil
}
func (e *told) Close() error { return nil }

func TestAnEncoderIsToldOfItsSizeRateAndKindOfPicture(t *testing.T) {
	real := codecs
	defer func() { codecs = real }()
	codecs = slices.Clone(codecs)
	for i := range codecs {
		codecs[i].NewEncoder = func(s coded.Settings) (coded.Encoder, error) { return &told{settings: s}, nil }
	}
	for _, screen := range []bool{false, true} {
		l := layer{step: step{width: 640, height: 360}, rate: 500_000}
		for _, rate := range []int{500_000, 450_000, 500_000} {
			l.rate = rate
			if err := l.fit(screen); err != nil {
				t.Fatal(err)
			}
			if got, want := l.encoder.(*told).settings, (coded.Settings{Width: 640, Height: 360, BitRate: rate, Screen: screen}); got != want {
				t.Errorf("it is told %+v, want %+v", got, want)
			}
		}
	}
}
