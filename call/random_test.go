package call_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parley/call"
	"parley/devices"
)

// Whatever happens to the devices, in the end what runs is what the wishes say.
func TestRandomDeviceEventsLeaveWhatTheWishesSay(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			away(t, func(t *testing.T, h *hardware, m *call.Media) {
				a := &ape{h: h, m: m, random: rand.New(rand.NewPCG(seed, 3))}
				for range 400 {
					a.act()
					time.Sleep(time.Duration(a.random.IntN(400)) * time.Millisecond)
				}
				a.mend()
				settle()
				a.check(t)
			})
		})
	}
}

// ape does what comes to its mind with a machine and its user's wishes.
type ape struct {
	h      *hardware
	m      *call.Media
	random *rand.Rand
}

var apeLabels = []string{"a", "b", "c"}

func (a *ape) label(kind devices.Kind) string {
	return fmt.Sprint(kind, " ", apeLabels[a.random.IntN(3)])
}

func (a *ape) act() {
	kinds := append(slices.Clone(everyKind), devices.KindWindow)
	kind := kinds[a.random.IntN(len(kinds))]
	label := a.label(kind)
	switch a.random.IntN(10) {
	case 0, 1:
		a.plug(kind, label)
	case 2, 3:
		a.h.pull(kind, label)
	case 4:
		errs := []error{nil, nil, devices.ErrNotAllowed, devices.ErrNotReadable}
		a.h.alter(kind, label, failing(errs[a.random.IntN(len(errs))]))
	case 5:
		a.h.alter(kind, label, func(s *socket) { s.Default = !s.Default })
	case 6, 7:
		a.use(kind, label)
	case 8:
		if kind != devices.KindWindow {
			a.m.Switch(kind, a.random.IntN(3) > 0)
		}
	case 9:
		tests := []func(){a.m.PlayChime, a.m.RecordAndPlay, a.m.StopSoundTest, a.m.StopSharing}
		tests[a.random.IntN(len(tests))]()
	}
}

func (a *ape) plug(kind devices.Kind, label string) {
	a.h.mu.Lock()
	there := a.h.find(kind, label) != nil
	a.h.mu.Unlock()
	if !there {
		a.h.plug(kind, label, func(s *socket) {
			s.opens = time.Duration(a.random.IntN(800)) * time.Millisecond
			s.first = time.Duration(a.random.IntN(800)) * time.Millisecond
		})
	}
}

func (a *ape) use(kind devices.Kind, label string) {
	if kind == devices.KindWindow {
		a.m.Share(call.Share{Kind: kind, Label: label})
		return
	}
	labels := []string{label, label, devices.Default, devices.None}
	a.m.Use(kind, labels[a.random.IntN(len(labels))])
}

// mend plugs everything in, and allows it.
func (a *ape) mend() {
	for _, kind := range everyKind {
		for _, l := range apeLabels {
			label := fmt.Sprint(kind, " ", l)
			a.plug(kind, label)
			a.h.alter(kind, label, failing(nil))
		}
	}
	synctest.Wait()
}

func (a *ape) check(t *testing.T) {
	t.Helper()
	for _, kind := range everyKind {
		c := a.m.Choice(kind)
		off := c.Label == devices.None || kind == devices.KindCamera && !c.On
		switch {
		case c.Opening || c.Err != nil:
			t.Errorf("the %s, with everything there and allowed: %+v", kind, c)
		case off && c.Using != "":
			t.Errorf("the %s runs though it is off: %+v", kind, c)
		case !off && c.Label != devices.Default && c.Using != c.Label:
			t.Errorf("the %s wished for does not run: %+v", kind, c)
		case !off && c.Using == "":
			t.Errorf("no %s runs: %+v", kind, c)
		}
	}
	if s := a.m.Sharing(); s.Opening || s.Open != (s.Using != "") {
		t.Errorf("sharing: %+v", s)
	}
	if s := a.m.SoundTest(); s.Phase != call.SoundTestIdle {
		t.Errorf("a sound test that should have ended: %+v", s)
	}
}
