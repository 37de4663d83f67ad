package call_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
	"parley/devices/pattern"
)

// window is a window that a test draws in: nothing moves on it until the test draws.
type window struct {
	slot   frame.Slot
	closed sync.Once
	gone   chan struct{}
}

const windowSource = 7 // of the pattern that it shows

func newWindow() *window {
	w := &window{gone: make(chan struct{})}
	w.draw()
	return w
}

// draw shows the time in a picture that no camera has the size of.
func (w *window) draw() {
	f := frame.New(640, 400)
	f.Captured = time.Now()
	pattern.Draw(f.YCbCr, pattern.Now(), windowSource)
	w.slot.Put(f)
}

func (w *window) Next(ctx context.Context) (*frame.Frame, error) {
	f, err := w.slot.Next(ctx)
	if errors.Is(err, frame.ErrClosed) {
		return nil, devices.ErrGone
	}
	return f, err
}

func (w *window) Label() string   { return "Terminal" }
func (w *window) Restore() string { return "the user chose this" }

func (w *window) Close() error {
	w.closed.Do(func() { close(w.gone) })
	return nil
}

// sharer is a local side that can share the window, beside the test sources.
func sharer(w *window, tokens chan<- string) *call.Media {
	m := call.NewMedia(call.MediaConfig{
		Format:     devices.Format{Width: 320, Height: 180, FrameRate: 15},
		OpenScreen: func(call.Share, string) (call.Screen, error) { return w, nil },
		OnRestore:  func(token string) { tokens <- token },
		List:       noHardware, WatchDevices: nothingChanges,
	})
	useTestSources(m)
	return m
}

// seesWindow waits until the window comes that the person with that name shares, drawn after the call or, for a window that
// stands still, at any time.
func (s *someone) seesWindow(t *testing.T, name string, still bool) {
	t.Helper()
	from := uint64(pattern.Now().Microseconds())
	eventually(t, s.name+" sees the window of "+name, func() bool {
		for _, p := range s.call.People() {
			if p.Name != name || !p.Screen {
				continue
			}
			f := s.call.Screen(p.ID).Take()
			if f == nil {
				return false
			}
			defer f.Release()
			reading, ok := pattern.Read(f.YCbCr)
			width, height := f.Size()
			return ok && width == 640 && height == 400 && reading.Source == windowSource && (still || reading.Counter > from)
		}
		return false
	})
}

func TestAWindowIsSharedBesideTheCameraAndNotInItsPlace(t *testing.T) {
	w, tokens := newWindow(), make(chan string, 8)
	annMedia, benMedia := sharer(w, tokens), newMedia()
	_, ben, url := couple(t, annMedia, benMedia)
	ben.sees(t, "Ann")

	annMedia.Share(call.Share{Kind: devices.KindWindow, Label: "Terminal"})
	ben.seesWindow(t, "Ann", true)
	ben.sees(t, "Ann")
	if s := annMedia.Sharing(); !s.Open || s.Using != "Terminal" || s.Err != nil {
		t.Errorf("sharing, Ann is told %+v", s)
	}
	if token := <-tokens; token != w.Restore() {
		t.Errorf("to be remembered: %q", token)
	}
	// Nothing moves on the window, and who comes now sees it all the same.
	cleo := dial(t, benMedia, url, "Cleo")
	defer cleo.call.Leave()
	cleo.seesWindow(t, "Ann", true)
	stats := func() (s call.PeerStats) {
		for _, p := range ben.call.Stats() {
			if p.Name == "Ann" {
				s = p
			}
		}
		return s
	}
	if s := stats(); s.InScreen == nil || s.InScreen.FramesDecoded == 0 || s.InVideo == nil || s.OutScreen != nil {
		t.Errorf("measured of Ann: %+v", s)
	}

	annMedia.StopSharing()
	eventually(t, "Ben knows that Ann does not share any more", func() bool {
		p, ok := saw(ben, func(e call.PersonUpdated) bool { return e.Person.Name == "Ann" })
		return ok && !p.Person.Screen
	})
	<-w.gone
	if s := annMedia.Sharing(); s.Open || s.Opening || s.Err != nil {
		t.Errorf("after sharing, Ann is told %+v", s)
	}
	ben.sees(t, "Ann")
}

func TestSharingOutlivesTheServer(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	w, tokens := newWindow(), make(chan string, 8)
	annMedia, benMedia := sharer(w, tokens), newMedia()
	defer annMedia.Close()
	defer benMedia.Close()
	ann, ben := dial(t, annMedia, url, "Ann"), dial(t, benMedia, url, "Ben")
	defer ann.call.Leave()
	defer ben.call.Leave()
	annMedia.Share(call.Share{Kind: devices.KindWindow, Label: "Terminal"})
	ben.seesWindow(t, "Ann", true)
	stop()
	eventually(t, "Ben notices", func() bool { s, _ := ben.call.State(); return s == call.Reconnecting })
	w.draw()
	ben.seesWindow(t, "Ann", true)

	_, stop = startServer(t, url[len("ws://"):len(url)-len("/ws")])
	defer stop()
	cleo := dial(t, benMedia, url, "Cleo")
	defer cleo.call.Leave()
	cleo.seesWindow(t, "Ann", true)
}

func TestAWindowThatIsClosedIsNotSharedAnyMoreAndItIsToldWhy(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		h.plug(devices.KindWindow, "Terminal")
		m.Share(call.Share{Kind: devices.KindWindow, Label: "Terminal"})
		settle()
		if s := m.Sharing(); !s.Open || s.Using != "Terminal" || s.FrameRate == 0 {
			t.Errorf("shared: %+v", s)
		}
		h.pull(devices.KindWindow, "Terminal")
		settle()
		if s := m.Sharing(); s.Open || s.Opening || s.Using != "" || !errors.Is(s.Err, devices.ErrGone) {
			t.Errorf("closed: %+v", s)
		}
		m.StopSharing()
		settle()
		if s := m.Sharing(); s != (call.Sharing{}) {
			t.Errorf("ended by the user: %+v", s)
		}
	})
}

func TestSharingAnotherWindowThatFailsLeavesTheOneThatIsShared(t *testing.T) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		h.plug(devices.KindWindow, "Terminal")
		m.Share(call.Share{Kind: devices.KindWindow, Label: "Terminal"})
		settle()
		m.Share(call.Share{Kind: devices.KindScreen, Label: "no such screen"})
		settle()
		if s := m.Sharing(); !s.Open || s.Using != "Terminal" || !errors.Is(s.Err, devices.ErrNotFound) {
			t.Errorf("told: %+v", s)
		}
	})
}

// The system may ask the user, who may never answer: that must hold up neither this side nor its end, and what comes of the answer is
// closed.
func TestAQuestionThatIsAnsweredTooLateSharesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, answer := newHardware(t), make(chan struct{})
		h.plug(devices.KindScreen, devices.Ask)
		m := call.NewMedia(call.MediaConfig{
			OpenScreen: func(s call.Share, restore string) (call.Screen, error) {
				<-answer
				return h.openScreen(s, restore)
			},
			List: h.list, WatchDevices: h.watch,
		})
		m.Share(call.Share{Kind: devices.KindScreen, Label: devices.Ask})
		settle()
		if s := m.Sharing(); !s.Opening || s.Open {
			t.Errorf("while the user is asked: %+v", s)
		}
		m.StopSharing()
		settle()
		if s := m.Sharing(); s != (call.Sharing{}) {
			t.Errorf("given up: %+v", s)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		close(answer)
		synctest.Wait()
		h.expectClosed()
	})
}
