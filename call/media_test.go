package call_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/call"
	"parley/devices"
)

// away runs a test on fake time, with a machine of its own and the local side that uses it. In the end everything is closed.
func away(t *testing.T, test func(t *testing.T, h *hardware, m *call.Media)) {
	synctest.Test(t, func(t *testing.T) {
		h := newHardware(t)
		m := h.media()
		synctest.Wait()
		test(t, h, m)
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		h.expectClosed()
	})
}

// settle lets everything happen that a change leads to.
func settle() {
	time.Sleep(12 * time.Second)
	synctest.Wait()
}

var everyKind = []devices.Kind{devices.KindCamera, devices.KindMicrophone, devices.KindSpeaker}

func TestADeviceThatIsUnpluggedIsReplacedByTheNextUntilItIsBack(t *testing.T) {
	for _, kind := range everyKind {
		t.Run(string(kind), func(t *testing.T) {
			away(t, func(t *testing.T, h *hardware, m *call.Media) {
				h.plug(kind, "other")
				h.plug(kind, "better", preferred(true))
				h.plug(kind, "wished")
				m.Use(kind, "wished")
				settle()
				expect(t, m, kind, "wished", nil)
				for range 3 {
					h.pull(kind, "wished")
					settle()
					expect(t, m, kind, "better", devices.ErrGone)
					if c := m.Choice(kind); !c.Fallback() || c.Label != "wished" {
						t.Errorf("not told as a fallback: %+v", c)
					}
					h.plug(kind, "wished")
					settle()
					expect(t, m, kind, "wished", nil)
				}
				h.pull(kind, "wished")
				settle()
				h.pull(kind, "better")
				settle()
				expect(t, m, kind, "other", devices.ErrGone)
			})
		})
	}
}

func TestADeviceThatIsOutForAMomentSoonAfterItWasPluggedInRunsAgain(t *testing.T) {
	for _, kind := range everyKind {
		t.Run(string(kind), func(t *testing.T) {
			away(t, func(t *testing.T, h *hardware, m *call.Media) {
				h.plug(kind, "wished")
				m.Use(kind, "wished")
				time.Sleep(time.Second)
				h.pull(kind, "wished") // and back before anybody looks
				h.plug(kind, "wished")
				settle()
				expect(t, m, kind, "wished", nil)
			})
		})
	}
}

func TestARememberedDeviceThatIsNotThereIsTakenOnceItIs(t *testing.T) {
	for _, kind := range everyKind {
		t.Run(string(kind), func(t *testing.T) {
			away(t, func(t *testing.T, h *hardware, m *call.Media) {
				m.Use(kind, "wished")
				settle()
				expect(t, m, kind, "", devices.ErrNotFound)
				h.plug(kind, "first that appears")
				settle()
				expect(t, m, kind, "first that appears", devices.ErrNotFound)
				h.plug(kind, "wished")
				settle()
				expect(t, m, kind, "wished", nil)
			})
		})
	}
}

func TestWithoutAnyDeviceTheFirstThatAppearsIsTaken(t *testing.T) {
	for _, kind := range everyKind {
		t.Run(string(kind), func(t *testing.T) {
			away(t, func(t *testing.T, h *hardware, m *call.Media) {
				m.Use(kind, devices.Default)
				settle()
				expect(t, m, kind, "", devices.ErrNotFound)
				h.plug(kind, "new")
				settle()
				expect(t, m, kind, "new", nil)
				h.pull(kind, "new")
				settle()
				expect(t, m, kind, "", devices.ErrGone)
			})
		})
	}
}

func TestNoDeviceIsTakenForNone(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		for _, kind := range everyKind {
			m.Use(kind, devices.None)
			h.plug(kind, "new "+string(kind))
			settle()
			expect(t, m, kind, "", nil)
		}
	})
}

func TestTheSystemsDefaultIsFollowed(t *testing.T) {
	for _, kind := range []devices.Kind{devices.KindMicrophone, devices.KindSpeaker} {
		t.Run(string(kind), func(t *testing.T) {
			away(t, func(t *testing.T, h *hardware, m *call.Media) {
				h.plug(kind, "built in", preferred(true))
				m.Use(kind, devices.Default)
				settle()
				expect(t, m, kind, "built in", nil)
				h.alter(kind, "built in", preferred(false))
				h.plug(kind, "headset", preferred(true))
				settle()
				expect(t, m, kind, "headset", nil)
				h.pull(kind, "headset")
				h.alter(kind, "built in", preferred(true))
				settle()
				expect(t, m, kind, "built in", nil)
			})
		})
	}
}

// Systems have no default camera, so one that is plugged in must not show what the user did not ask to show.
func TestANewCameraDoesNotTakeOver(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		h.plug(devices.KindCamera, "running")
		m.Use(devices.KindCamera, devices.Default)
		settle()
		h.alter(devices.KindCamera, "running", preferred(false))
		h.plug(devices.KindCamera, "new", preferred(true))
		settle()
		expect(t, m, devices.KindCamera, "running", nil)
	})
}

func TestADeviceThatIsNotAllowedIsToldAndOpenedOnceItIs(t *testing.T) {
	for _, reason := range []error{devices.ErrNotAllowed, devices.ErrNotReadable} {
		t.Run(reason.Error(), func(t *testing.T) {
			away(t, func(t *testing.T, h *hardware, m *call.Media) {
				h.plug(devices.KindCamera, "other")
				h.plug(devices.KindCamera, "wished", failing(reason))
				m.Use(devices.KindCamera, "wished")
				settle()
				expect(t, m, devices.KindCamera, "", reason) // the user can do something about it
				tried := h.opened()
				for range 10 {
					h.alter(devices.KindCamera, "other", func(s *socket) { s.Default = !s.Default })
					settle()
				}
				if again := h.opened() - tried; again != 0 {
					t.Errorf("tried %d times though nothing changed: a lamp would flicker", again)
				}
				h.alter(devices.KindCamera, "wished", failing(nil))
				settle()
				expect(t, m, devices.KindCamera, "wished", nil)
			})
		})
	}
}

func TestTryAgainTriesAtOnce(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		h.plug(devices.KindCamera, "wished", failing(devices.ErrNotReadable))
		m.Use(devices.KindCamera, "wished")
		settle()
		h.mu.Lock()
		h.find(devices.KindCamera, "wished").Err = nil // and nothing tells
		h.mu.Unlock()
		m.Use(devices.KindCamera, "wished")
		settle()
		expect(t, m, devices.KindCamera, "wished", nil)
	})
}

func TestADeviceThatFailsLeavesTheOneThatRuns(t *testing.T) {
	for _, kind := range everyKind {
		for _, reason := range []error{devices.ErrNotAllowed, devices.ErrNotReadable, devices.ErrNotFound} {
			t.Run(fmt.Sprint(kind, reason), func(t *testing.T) {
				away(t, func(t *testing.T, h *hardware, m *call.Media) {
					h.plug(kind, "running")
					h.plug(kind, "bad", failing(reason))
					m.Use(kind, "running")
					settle()
					m.Use(kind, "bad")
					settle()
					expect(t, m, kind, "running", reason)
					h.alter(kind, "bad", failing(nil))
					settle()
					expect(t, m, kind, "bad", nil)
				})
			})
		}
	}
}

func TestSwitchingCamerasLeavesNoGap(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		slow := func(s *socket) { s.opens, s.first = 700*time.Millisecond, 400*time.Millisecond }
		h.plug(devices.KindCamera, "cam 1", slow)
		h.plug(devices.KindCamera, "cam 2", slow)
		m.Use(devices.KindCamera, "cam 1")
		settle()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		seen, longest := map[byte]int{}, time.Duration(0)
		go func() {
			defer close(ended)
			var last time.Time
			for {
				f, err := m.SelfView().Next(ctx)
				if err != nil {
					return
				}
				seen[f.Y[0]]++
				f.Release()
				if !last.IsZero() {
					longest = max(longest, time.Since(last))
				}
				last = time.Now()
			}
		}()
		m.Use(devices.KindCamera, "cam 2")
		for range 100 { // the others are told the whole time that this side sends a picture
			time.Sleep(fakeFrame)
			if c := m.Choice(devices.KindCamera); !c.Open || !c.On {
				t.Fatalf("in the middle of a switch: %+v", c)
			}
		}
		cancel()
		<-ended
		if seen['1'] == 0 || seen['2'] == 0 || longest > 2*fakeFrame {
			t.Errorf("pictures of each: %v; the longest gap was %v", seen, longest)
		}
		expect(t, m, devices.KindCamera, "cam 2", nil)
	})
}

func TestACameraThatIsOffIsClosedWhileItsOpeningIsAwaitedToo(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		h.plug(devices.KindCamera, "slow", func(s *socket) { s.first = 5 * time.Second })
		m.Use(devices.KindCamera, "slow")
		time.Sleep(time.Second)
		m.Switch(devices.KindCamera, false)
		synctest.Wait()
		expect(t, m, devices.KindCamera, "", nil)
		h.expectClosed(devices.None)
		m.Switch(devices.KindCamera, true)
		settle()
		expect(t, m, devices.KindCamera, "slow", nil)
	})
}

func TestACameraThatGivesNoPictureIsGivenUp(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		h.plug(devices.KindCamera, "dark", func(s *socket) { s.first = time.Hour })
		m.Use(devices.KindCamera, "dark")
		settle()
		expect(t, m, devices.KindCamera, "", devices.ErrNotReadable)
		h.expectClosed(devices.None)
	})
}

func TestMutingOpensAndClosesNoMicrophone(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		h.plug(devices.KindMicrophone, "mic")
		m.Use(devices.KindMicrophone, "mic")
		settle()
		m.Switch(devices.KindMicrophone, false)
		if c := m.Choice(devices.KindMicrophone); c.On || !c.Open || c.Opening {
			t.Errorf("muted: %+v", c)
		}
		m.Switch(devices.KindMicrophone, true)
		if c := m.Choice(devices.KindMicrophone); !c.On || !c.Open || c.Opening {
			t.Errorf("unmuted: %+v", c)
		}
	})
}
