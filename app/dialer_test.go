package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
)

// blank is a window that stands still.
type blank struct{ label string }

func (b blank) Next(ctx context.Context) (*frame.Frame, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(10 * time.Millisecond):
		return frame.New(16, 16), nil
	}
}

func (b blank) Label() string   { return b.label }
func (b blank) Restore() string { return "" }
func (b blank) Close() error    { return nil }

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain for: " + what)
		}
	}
}

func TestWhatTheCommandLineNamesIsSharedOnceJoinedAndNotInTheNextCall(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent()) // Fyne's own run for ever
	label := "Terminal"
	media := call.NewMedia(call.MediaConfig{
		OpenScreen: func(s call.Share, _ string) (call.Screen, error) {
			return blank{string(s.Kind) + " " + s.Label}, nil
		},
		List: func(kind devices.Kind) []devices.Device {
			if kind == devices.KindWindow {
				return []devices.Device{{Kind: kind, Label: label}}
			}
			return nil
		},
		WatchDevices: func(ctx context.Context, _ func()) { <-ctx.Done() },
	})
	defer media.Close()
	d := newDialer(media, &settings{}, request{}, callFlags{Share: &label}, slog.New(slog.DiscardHandler))
	defer d.close()
	if media.Sharing().Open {
		t.Error("shared before there is a call")
	}
	first, err := d.dial("room", "Ann", func(call.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the window to be shared", func() bool { return media.Sharing().Using == "window Terminal" })
	first.Leave()
	until(t, "sharing to end with the call", func() bool { return !media.Sharing().Open })

	second, err := d.dial("another room", "Ann", func(call.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the next call", func() bool { s, _ := second.State(); return s == call.Joined })
	d.work.Wait()
	if s := media.Sharing(); s.Open || s.Opening {
		t.Errorf("whoever is in the next call is shown %+v", s)
	}
}
