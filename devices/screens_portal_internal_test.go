//go:build linux

package devices

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices/frame"
	"parley/devices/portal"
	"parley/devices/portaltest"
)

// sharedNode is the node that the portal of these tests shares.
const sharedNode = 42

// caster stands in for PipeWire: its pictures come when the test says so.
type caster struct {
	slot frame.Slot
	rate float64
	node uint32
}

func (p *caster) Next(ctx context.Context) (*frame.Frame, error) { return p.slot.Next(ctx) }

func (p *caster) Close() error {
	p.slot.Close()
	return nil
}

// show sends a picture of one brightness.
func (p *caster) show(y uint8) {
	f := frame.New(64, 32)
	for i := range f.Y {
		f.Y[i] = y
	}
	p.slot.Put(f)
}

// onPortal puts the test into a Wayland session with a portal, and returns where the casters come that stand behind what was opened.
func onPortal(t *testing.T) (*portaltest.Portal, <-chan *caster) {
	t.Helper()
	t.Setenv("WAYLAND_DISPLAY", "wayland-9")
	desk := portaltest.Start(t, sharedNode, func() (*os.File, error) { return os.Open(os.DevNull) })
	casters := make(chan *caster, 8)
	real := openCast
	t.Cleanup(func() { openCast = real })
	openCast = func(connection *os.File, node uint32, rate float64) (castPictures, error) {
		p := &caster{node: node, rate: rate}
		casters <- p
		return p, connection.Close()
	}
	return desk, casters
}

func brightness(t *testing.T, s *Screen) uint8 {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	f, err := s.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	return f.Y[0]
}

func TestOnWaylandTheDesktopAsks(t *testing.T) {
	onPortal(t)
	if list := List(KindScreen); len(list) != 1 || list[0] != (Device{Kind: KindScreen, Label: Ask, Default: true}) {
		t.Errorf("the screens are %+v", list)
	}
	if list := List(KindWindow); len(list) > 0 {
		t.Errorf("the windows are %+v", list)
	}
	if _, err := Thumbnail(KindScreen, Ask, 100, 100); !errors.Is(err, ErrNotFound) {
		t.Errorf("a picture before the user was asked: %v", err)
	}
}

// chosen opens what the user chose, and returns the caster behind it.
func chosen(t *testing.T, casters <-chan *caster, label string, want ScreenFormat) (*Screen, *caster) {
	t.Helper()
	s, err := OpenScreen(KindScreen, label, want)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, <-casters
}

func TestWhatTheUserChoseIsCaptured(t *testing.T) {
	desk, casters := onPortal(t)
	s, p := chosen(t, casters, Ask, ScreenFormat{FrameRate: 10})
	if p.node != sharedNode || p.rate != 10 || s.Label() == "" || s.Label() == Ask || s.Restore() == "" {
		t.Errorf("node %d at %v a second, %q, to restore with %q", p.node, p.rate, s.Label(), s.Restore())
	}
	p.show(50)
	if y := brightness(t, s); y != 50 {
		t.Errorf("the picture has %d", y)
	}
	s.Close()
	again, p := chosen(t, casters, Default, ScreenFormat{Restore: s.Restore()})
	p.show(60)
	if y := brightness(t, again); y != 60 {
		t.Errorf("the second time the picture has %d", y)
	}
	for _, call := range slices.Backward(desk.Calls()) {
		if call.Method == "SelectSources" {
			if token := call.Options["restore_token"]; token != s.Restore() {
				t.Errorf("the second time the portal is given the token %v, want %q", token, s.Restore())
			}
			break
		}
	}
}

func TestAStillCastIsShownOnceASecond(t *testing.T) {
	_, casters := onPortal(t)
	s, p := chosen(t, casters, Ask, ScreenFormat{})
	p.show(50)
	for range 3 {
		if y := brightness(t, s); y != 50 {
			t.Errorf("the picture has %d", y)
		}
	}
	p.show(60)
	for y := brightness(t, s); y != 60; y = brightness(t, s) {
		if y != 50 {
			t.Fatalf("the picture has %d", y)
		}
	}
}

func TestAPictureOfNothingIsSkipped(t *testing.T) {
	tiny := make(chan struct{})
	p := &caster{}
	p.slot.Put(frame.New(1, 1))
	s := startScreen("Screen", "", newCast(make(chan struct{}), watched{p, tiny}, func() error { return nil }))
	defer s.Close()
	<-tiny
	p.show(50)
	if y := brightness(t, s); y != 50 {
		t.Errorf("the picture has %d", y)
	}
}

// watched closes taken when the first picture was.
type watched struct {
	*caster
	taken chan struct{}
}

func (w watched) Next(ctx context.Context) (*frame.Frame, error) {
	f, err := w.caster.Next(ctx)
	select {
	case <-w.taken:
	default:
		close(w.taken)
	}
	return f, err
}

func TestTheDesktopsAnswerIsTold(t *testing.T) {
	desk, _ := onPortal(t)
	for code, want := range map[uint32]error{1: ErrNotAllowed, 2: ErrNotReadable} {
		desk.Answer("Start", portaltest.Answer{Code: code})
		if _, err := OpenScreen(KindScreen, Ask, ScreenFormat{}); !errors.Is(err, want) {
			t.Errorf("answer %d: %v, want %v", code, err, want)
		}
	}
	if _, err := OpenScreen(KindScreen, "HDMI-1, 1920 × 1080", ScreenFormat{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a screen that programs may not look for: %v", err)
	}
	if _, err := OpenScreen(KindWindow, Ask, ScreenFormat{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a window: %v", err)
	}
}

func TestWaylandWithoutAPortalHasNoScreens(t *testing.T) {
	desk, _ := onPortal(t)
	desk.Withhold("ScreenCast")
	if list := List(KindScreen); len(list) > 0 {
		t.Errorf("the screens are %+v", list)
	}
	if _, err := OpenScreen(KindScreen, Ask, ScreenFormat{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("opening one: %v", err)
	}
}

func TestTheEndOfTheDesktopsConsentIsGone(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	closed := make(chan struct{})
	p, revoked := &caster{}, 0
	s := startScreen("Screen", "", newCast(closed, p, func() error { revoked++; return nil }))
	p.show(50)
	brightness(t, s)
	close(closed)
	for {
		f, err := s.Next(t.Context())
		if err == nil {
			f.Release()
			continue
		}
		if !errors.Is(err, ErrGone) {
			t.Errorf("after the desktop has ended it: %v", err)
		}
		break
	}
	s.Close()
	if revoked != 1 {
		t.Errorf("the desktop was told %d times", revoked)
	}
}

func TestTheEndOfThePicturesIsGone(t *testing.T) {
	p := &caster{}
	s := startScreen("Screen", "", newCast(make(chan struct{}), p, func() error { return nil }))
	defer s.Close()
	p.Close()
	if _, err := s.Next(context.Background()); !errors.Is(err, ErrGone) {
		t.Errorf("after the pictures ended: %v", err)
	}
}

func TestClosingAScreenEndsTheDesktopsSession(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p, revoked := &caster{}, 0
	s := startScreen("Screen", "", newCast(make(chan struct{}), p, func() error { revoked++; return nil }))
	s.Close()
	if _, err := s.Next(context.Background()); !errors.Is(err, frame.ErrClosed) || errors.Is(err, ErrGone) {
		t.Errorf("after Close: %v", err)
	}
	if revoked != 1 {
		t.Errorf("the desktop was told %d times", revoked)
	}
}

func TestThePortalsErrorsAreTold(t *testing.T) {
	for err, want := range map[error]error{
		portal.ErrDenied: ErrNotAllowed, portal.ErrAbsent: ErrNotFound, portal.ErrFailed: ErrNotReadable, context.DeadlineExceeded: ErrNotAllowed,
	} {
		if got := classifyPortal(err); !errors.Is(got, want) || !errors.Is(got, err) {
			t.Errorf("%v is told as %v", err, got)
		}
	}
}

func TestWaylandIsKnownByItsDisplay(t *testing.T) {
	for _, c := range []struct {
		set          bool
		display, typ string
		want         bool
	}{
		{true, "wayland-0", "", true},
		{true, "", "wayland", false},
		{false, "", "wayland", true},
		{false, "", "x11", false},
	} {
		t.Setenv("WAYLAND_DISPLAY", c.display)
		if !c.set {
			os.Unsetenv("WAYLAND_DISPLAY")
		}
		t.Setenv("XDG_SESSION_TYPE", c.typ)
		if got := onWayland(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
