package portal_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"

	"parley/devices/portal"
	"parley/devices/portaltest"
)

// node is what the portal of these tests shares.
const node = 42

// pipe is what it hands out: a pipe with something to read, so that a test knows it again.
func pipe() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	_, err = w.WriteString("granted")
	return r, err
}

// start checks at the end that nothing of the test is left running.
func start(t *testing.T) *portaltest.Portal {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	return portaltest.Start(t, node, pipe)
}

// patience ends a test that hangs.
func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func share(t *testing.T, o portal.ScreenCastOptions) *portal.Session {
	t.Helper()
	s, err := portal.ScreenCast(patience(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.FD.Close()
		s.Close()
	})
	return s
}

func expectGranted(t *testing.T, file *os.File) {
	t.Helper()
	if got, err := io.ReadAll(file); err != nil || string(got) != "granted" {
		t.Errorf("read %q, %v from what the portal handed out", got, err)
	}
}

func awaitClosed(t *testing.T, s *portal.Session) {
	t.Helper()
	select {
	case <-s.Closed():
	case <-patience(t).Done():
		t.Fatal("nobody told that sharing has ended")
	}
}

// asked returns the options of the last call of a method.
func asked(t *testing.T, p *portaltest.Portal, method string) map[string]any {
	t.Helper()
	var found map[string]any
	for _, call := range p.Calls() {
		if call.Method == method {
			found = maps.Clone(call.Options)
		}
	}
	if found == nil {
		t.Fatalf("%s was not called", method)
	}
	return found
}

func TestAScreenThatTheUserChoseIsShared(t *testing.T) {
	p := start(t)
	s := share(t, portal.ScreenCastOptions{Cursor: true})
	if s.Node != node || s.Label != "Screen" || s.Restore != "the next time" {
		t.Errorf("got node %d, label %q, token %q", s.Node, s.Label, s.Restore)
	}
	expectGranted(t, s.FD)
	o := asked(t, p, "SelectSources")
	delete(o, "handle_token")
	want := map[string]any{"types": uint32(3), "multiple": false, "cursor_mode": uint32(2), "persist_mode": uint32(2)}
	if !maps.Equal(o, want) {
		t.Errorf("asked for %v, want %v", o, want)
	}
}

func TestAWindowIsCalledAWindow(t *testing.T) {
	p := start(t)
	about := map[string]dbus.Variant{"source_type": dbus.MakeVariant(uint32(2))}
	p.Answer("Start", portaltest.Answer{Results: map[string]any{"streams": []portaltest.Stream{{Node: 7, About: about}}}})
	if s := share(t, portal.ScreenCastOptions{}); s.Label != "Window" || s.Node != 7 || s.Restore != "" {
		t.Errorf("got node %d, label %q, token %q", s.Node, s.Label, s.Restore)
	}
}

func TestTheTokenOfTheLastTimeIsHandedIn(t *testing.T) {
	p := start(t)
	first := share(t, portal.ScreenCastOptions{})
	share(t, portal.ScreenCastOptions{Restore: first.Restore})
	if got := asked(t, p, "SelectSources")["restore_token"]; got != "the next time" {
		t.Errorf("the token handed in is %v", got)
	}
}

func TestAnOldPortalIsNotAskedForWhatItDoesNotKnow(t *testing.T) {
	p := start(t)
	p.Set("ScreenCast", "version", uint32(1))
	p.Set("ScreenCast", "AvailableCursorModes", nil)
	share(t, portal.ScreenCastOptions{Restore: "of another time", Cursor: true})
	for _, option := range []string{"cursor_mode", "persist_mode", "restore_token"} {
		if value, there := asked(t, p, "SelectSources")[option]; there {
			t.Errorf("asked for %s %v", option, value)
		}
	}
}

func TestClosingTheSessionTellsThePortal(t *testing.T) {
	p := start(t)
	s := share(t, portal.ScreenCastOptions{})
	if n := p.Sessions(); n != 1 {
		t.Fatalf("%d sessions while sharing", n)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	p.Await("the end of the session", func() bool { return p.Sessions() == 0 })
	awaitClosed(t, s)
	if err := s.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	expectGranted(t, s.FD) // which Close leaves to the caller
}

func TestTheUserEndsSharingInTheDesktop(t *testing.T) {
	p := start(t)
	s := share(t, portal.ScreenCastOptions{})
	other := share(t, portal.ScreenCastOptions{})
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	p.Await("the end of the other session", func() bool { return p.Sessions() == 1 })
	select {
	case <-s.Closed():
		t.Fatal("the end of another session ended this one")
	default:
	}
	p.EndSessions()
	awaitClosed(t, s)
}

func TestSharingEndsWithThePortalOrTheBus(t *testing.T) {
	ends := map[string]func(*portaltest.Portal){
		"the portal crashes": (*portaltest.Portal).Leave,
		"the bus crashes":    func(p *portaltest.Portal) { p.Bus.Kill() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			p := start(t)
			s := share(t, portal.ScreenCastOptions{})
			end(p)
			awaitClosed(t, s)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// screen and cameras ask, and let go of what was granted.
func screen(ctx context.Context) error {
	s, err := portal.ScreenCast(ctx, portal.ScreenCastOptions{})
	if err == nil {
		s.FD.Close()
		s.Close()
	}
	return err
}

func cameras(ctx context.Context) error {
	file, err := portal.AccessCamera(ctx)
	if err == nil {
		file.Close()
	}
	return err
}

// steps are the methods that end in a Response, and what calls them.
var steps = map[string]func(context.Context) error{
	"CreateSession": screen, "SelectSources": screen, "Start": screen, "AccessCamera": cameras,
}

func TestARefusalIsToldFromAFailure(t *testing.T) {
	answers := map[string]struct {
		answer portaltest.Answer
		want   error
	}{
		"declined":            {portaltest.Declined, portal.ErrDenied},
		"failed":              {portaltest.Failed, portal.ErrFailed},
		"not allowed":         {portaltest.Answer{Error: dbus.NewError("org.freedesktop.portal.Error.NotAllowed", nil)}, portal.ErrDenied},
		"an error":            {portaltest.Answer{Error: dbus.NewError("org.freedesktop.portal.Error.Failed", nil)}, portal.ErrFailed},
		"an unknown method":   {portaltest.Answer{Error: dbus.NewError("org.freedesktop.DBus.Error.UnknownMethod", nil)}, portal.ErrAbsent},
		"an unknown response": {portaltest.Answer{Code: 99}, portal.ErrFailed},
	}
	for step, ask := range steps {
		for name, a := range answers {
			t.Run(step+"/"+name, func(t *testing.T) {
				p := start(t)
				p.Answer(step, a.answer)
				if err := ask(patience(t)); !errors.Is(err, a.want) {
					t.Errorf("got %v, want %v", err, a.want)
				}
				p.Await("the end of the session", func() bool { return p.Sessions() == 0 })
			})
		}
	}
}

func TestTheCameraIsGranted(t *testing.T) {
	start(t)
	file, err := portal.AccessCamera(patience(t))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	expectGranted(t, file)
}

func TestAMachineWithoutACameraIsNotAskedForIt(t *testing.T) {
	p := start(t)
	p.Set("Camera", "IsCameraPresent", false)
	if _, err := portal.AccessCamera(patience(t)); !errors.Is(err, portal.ErrNoCamera) {
		t.Errorf("got %v", err)
	}
	if calls := p.Calls(); len(calls) > 0 {
		t.Errorf("called %v", calls)
	}
}

func TestWhoeverDoesNotWantToWaitWithdrawsTheQuestion(t *testing.T) {
	for step, ask := range steps {
		t.Run(step, func(t *testing.T) {
			p := start(t)
			p.Answer(step, portaltest.Silent)
			ctx, cancel := context.WithCancel(patience(t))
			result := make(chan error, 1)
			go func() { result <- ask(ctx) }()
			p.Await(step, func() bool { return p.Pending() > 0 })
			cancel()
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			p.Await("the request to be withdrawn", func() bool { return p.Withdrawn() > 0 })
		})
	}
}

func TestAPortalThatDiesWhileTheUserThinksIsAFailure(t *testing.T) {
	for step, ask := range steps {
		t.Run(step, func(t *testing.T) {
			p := start(t)
			p.Answer(step, portaltest.Silent)
			result := make(chan error, 1)
			go func() { result <- ask(patience(t)) }()
			p.Await(step, func() bool { return p.Pending() > 0 })
			p.Leave()
			if err := <-result; !errors.Is(err, portal.ErrFailed) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNobodyToAsk(t *testing.T) {
	nobody := map[string]func(t *testing.T){
		"no session bus": func(t *testing.T) { t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all") },
		"no portal":      func(t *testing.T) { portaltest.StartBus(t).Use(t) },
		"no interface": func(t *testing.T) {
			p := portaltest.Start(t, node, pipe)
			p.Withhold("ScreenCast")
			p.Withhold("Camera")
		},
		"nothing to share": func(t *testing.T) {
			p := portaltest.Start(t, node, pipe)
			p.Set("ScreenCast", "AvailableSourceTypes", uint32(4))
			p.Withhold("Camera")
		},
	}
	for name, arrange := range nobody {
		t.Run(name, func(t *testing.T) {
			t.Cleanup(func() { goleak.VerifyNone(t) })
			arrange(t)
			if err := screen(patience(t)); !errors.Is(err, portal.ErrAbsent) {
				t.Errorf("a screen: %v", err)
			}
			if err := cameras(patience(t)); !errors.Is(err, portal.ErrAbsent) {
				t.Errorf("the camera: %v", err)
			}
			if portal.ScreenCastOffered() {
				t.Error("screens are offered")
			}
		})
	}
}

func TestScreensAreOfferedWhereThePortalHasThem(t *testing.T) {
	start(t)
	if !portal.ScreenCastOffered() {
		t.Error("screens are not offered")
	}
}

func TestAbsurdAnswersAreFailures(t *testing.T) {
	absurd := map[string]portaltest.Answer{
		"CreateSession of another reply":      {Reply: []any{"not a path"}},
		"CreateSession without a session":     {Results: map[string]any{}},
		"CreateSession of a number":           {Results: map[string]any{"session_handle": uint32(7)}},
		"CreateSession of a path of nonsense": {Results: map[string]any{"session_handle": "no//path/"}},
		"SelectSources of one value":          {Body: []any{uint32(0)}},
		"SelectSources of words":              {Body: []any{"yes", "please"}},
		"SelectSources of no value":           {Body: []any{}},
		"Start without streams":               {Results: map[string]any{}},
		"Start of an empty list":              {Results: map[string]any{"streams": []portaltest.Stream{}}},
		"Start of a list of words":            {Results: map[string]any{"streams": []string{"screen"}}},
		"Start of a word":                     {Results: map[string]any{"streams": "screen"}},
		"Start of a node that is no number":   {Results: map[string]any{"streams": []struct{ A, B string }{{"a", "b"}}}},
		"Start of a node alone":               {Results: map[string]any{"streams": []struct{ A uint32 }{{1}}}},
		"OpenPipeWireRemote of a number":      {Reply: []any{int32(1)}},
		"OpenPipeWireRemote of a word":        {Reply: []any{"the first"}},
	}
	for name, a := range absurd {
		t.Run(name, func(t *testing.T) {
			p := start(t)
			method, _, _ := strings.Cut(name, " ")
			p.Answer(method, a)
			if err := screen(patience(t)); !errors.Is(err, portal.ErrFailed) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestATokenTooLongToKeepIsForgotten(t *testing.T) {
	p := start(t)
	p.Answer("Start", portaltest.Answer{Results: map[string]any{
		"streams": []portaltest.Stream{{Node: node}}, "restore_token": strings.Repeat("x", 1<<20),
	}})
	if s := share(t, portal.ScreenCastOptions{}); s.Restore != "" {
		t.Errorf("kept %d bytes", len(s.Restore))
	}
}

func TestAStrangerOnTheBusIsNotBelieved(t *testing.T) {
	p := start(t)
	p.Answer("AccessCamera", portaltest.Silent)
	result := make(chan error, 1)
	go func() { result <- cameras(patience(t)) }()
	p.Forge(portaltest.Declined)
	p.Settle(portaltest.Answer{})
	if err := <-result; err != nil {
		t.Errorf("the stranger was believed: %v", err)
	}
}
