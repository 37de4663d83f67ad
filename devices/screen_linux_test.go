package devices_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/devices/frame"
	"parley/devices/pattern"
	"parley/devices/x11/x11test"
)

// onDisplay starts an X display of 800x600 and puts this test there.
func onDisplay(t *testing.T) *x11test.Display {
	t.Helper()
	d := x11test.Start(t, "800x600", "24")
	t.Setenv("DISPLAY", d.Name)
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("XDG_SESSION_TYPE", "x11")
	return d
}

func openScreen(t *testing.T, kind devices.Kind, label string) *devices.Screen {
	t.Helper()
	s, err := devices.OpenScreen(kind, label, devices.ScreenFormat{FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// awaitReading waits until a part of the pictures shows the pattern with that counter.
func awaitReading(t *testing.T, s *devices.Screen, counter uint64, part image.Rectangle) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for {
		f, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("waiting for the pattern: %v", err)
		}
		read, ok := pattern.Read(f.SubImage(part).(*image.YCbCr))
		f.Release()
		if ok && read.Counter == counter {
			return
		}
	}
}

func TestScreensAndWindowsAreListedAsPeopleKnowThem(t *testing.T) {
	d := onDisplay(t)
	d.Open("Twin", image.Rect(0, 0, 200, 100))
	d.Open("Twin", image.Rect(0, 0, 200, 100))
	screens := devices.List(devices.KindScreen)
	if len(screens) != 1 || screens[0].Kind != devices.KindScreen || !screens[0].Default || !strings.HasSuffix(screens[0].Label, ", 800 × 600") {
		t.Errorf("the screens are %+v", screens)
	}
	windows := devices.List(devices.KindWindow)
	if got := labelsOf(windows); !slices.Equal(got, []string{"Twin", "Twin (2)"}) || windows[0].Kind != devices.KindWindow {
		t.Errorf("the windows are %+v", windows)
	}
}

func TestAScreenAndAWindowAreCapturedAtOnce(t *testing.T) {
	d := onDisplay(t)
	at := image.Rect(100, 50, 420, 230)
	w := d.Open("Slides", at)
	screen, window := openScreen(t, devices.KindScreen, devices.Default), openScreen(t, devices.KindWindow, "Slides")
	if screen.Label() != devices.List(devices.KindScreen)[0].Label || window.Label() != "Slides" || window.Restore() != "" {
		t.Errorf("what runs is called %q and %q", screen.Label(), window.Label())
	}
	counter := w.Pattern(7)
	awaitReading(t, screen, counter, at)
	awaitReading(t, window, counter, image.Rect(0, 0, 320, 180))
	w.Title("Slides - saved")
	if s := openScreen(t, devices.KindWindow, "Slides"); s.Label() != "Slides - saved" {
		t.Errorf("a window whose title has changed is called %q", s.Label())
	}
}

func TestAScreenThatEndsSaysWhy(t *testing.T) {
	defer goleak.VerifyNone(t)
	d := onDisplay(t)
	w := d.Open("Slides", image.Rect(0, 0, 320, 180))
	closed, gone := openScreen(t, devices.KindScreen, devices.Default), openScreen(t, devices.KindWindow, "Slides")
	closed.Close()
	if _, err := closed.Next(context.Background()); !errors.Is(err, frame.ErrClosed) || errors.Is(err, devices.ErrGone) {
		t.Errorf("after Close: %v", err)
	}
	w.Close()
	for {
		f, err := gone.Next(context.Background())
		if err == nil {
			f.Release()
			continue
		}
		if !errors.Is(err, devices.ErrGone) {
			t.Errorf("after the window was closed: %v", err)
		}
		break
	}
	gone.Close()
	d.Kill()
}

func TestAScreenThatIsNotThereIsNotFound(t *testing.T) {
	onDisplay(t)
	check := func(kind devices.Kind, label string) {
		t.Helper()
		if _, err := devices.OpenScreen(kind, label, devices.ScreenFormat{}); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("opening the %s %q: %v", kind, label, err)
		}
		if _, err := devices.Thumbnail(kind, label, 100, 100); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("a picture of the %s %q: %v", kind, label, err)
		}
	}
	check(devices.KindScreen, "HDMI-9, 800 × 600")
	check(devices.KindScreen, devices.None)
	check(devices.KindWindow, "no such window")
	check(devices.KindWindow, devices.Default)
	check(devices.KindCamera, devices.Pattern)
	t.Setenv("DISPLAY", "")
	check(devices.KindScreen, devices.Default)
	check(devices.KindWindow, "Slides")
	if list := append(devices.List(devices.KindScreen), devices.List(devices.KindWindow)...); len(list) > 0 {
		t.Errorf("without a display there is %+v", list)
	}
}

func TestAThumbnailShowsTheWindowWhileItIsShared(t *testing.T) {
	d := onDisplay(t)
	w := d.Open("Slides", image.Rect(0, 0, 320, 180))
	share := openScreen(t, devices.KindWindow, "Slides")
	green := color.RGBA{R: 20, G: 200, B: 60, A: 255}
	w.Fill(green)
	img, err := devices.Thumbnail(devices.KindWindow, "Slides", 160, 160)
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds().Size() != image.Pt(160, 90) || img.At(80, 45) != green {
		t.Errorf("the picture is %v with %v", img.Bounds().Size(), img.At(80, 45))
	}
	if _, err := devices.Thumbnail(devices.KindWindow, "Slides", 0, 100); !errors.Is(err, devices.ErrOverconstrained) {
		t.Errorf("an empty picture: %v", err)
	}
	awaitReading(t, share, w.Pattern(7), image.Rect(0, 0, 320, 180))
}

func TestALargeDesktopIsHalvedUntilItFits(t *testing.T) {
	d := x11test.Start(t, "5000x1200", "24")
	t.Setenv("DISPLAY", d.Name)
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("XDG_SESSION_TYPE", "x11")
	counter := d.Open("Slides", image.Rect(1000, 200, 1640, 560)).Pattern(7)
	s := openScreen(t, devices.KindScreen, devices.Default)
	awaitReading(t, s, counter, image.Rect(500, 100, 820, 280))
	f, err := s.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	if f.Rect.Size() != image.Pt(2500, 600) || f.Captured.IsZero() {
		t.Errorf("5000x1200 becomes %v, captured at %v", f.Rect.Size(), f.Captured)
	}
}
