package ui_test

import (
	"errors"
	"image"
	"regexp"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

func TestAPictureThatCoversATileKeepsItsMiddle(t *testing.T) {
	for _, c := range []struct {
		picture       image.Rectangle
		width, height int
		want          image.Rectangle
	}{
		{image.Rect(0, 0, 1280, 720), 640, 360, image.Rect(0, 0, 1280, 720)},
		{image.Rect(0, 0, 1280, 720), 100, 100, image.Rect(280, 0, 1000, 720)},
		{image.Rect(0, 0, 1280, 720), 1280, 640, image.Rect(0, 40, 1280, 680)},
		{image.Rect(0, 0, 5, 5), 1, 5, image.Rect(2, 0, 3, 5)},
		{image.Rect(0, 0, 4, 4), 4000, 1, image.Rect(0, 0, 4, 1)},
		{image.Rect(0, 0, 4, 4), 0, 9, image.Rectangle{}},
	} {
		got := ui.Cover(c.picture, c.width, c.height)
		if got.Min.X%2 != 0 || got.Min.Y%2 != 0 || !got.In(c.picture) {
			t.Errorf("%v in %dx%d: %v is not a part that I420 can have", c.picture, c.width, c.height, got)
		}
		if c.want.Min.Y == 0 && c.height == 1 {
			c.want = c.want.Add(image.Pt(0, got.Min.Y)) // any row of the middle
		}
		if got != c.want {
			t.Errorf("%v in %dx%d: %v, want %v", c.picture, c.width, c.height, got, c.want)
		}
	}
}

func TestTheGridMakesPicturesLarge(t *testing.T) {
	wide, tall := fyne.NewSize(1240, 652), fyne.NewSize(400, 900)
	for _, c := range []struct {
		n    int
		size fyne.Size
		want int
	}{{1, wide, 1}, {2, wide, 2}, {3, wide, 2}, {4, wide, 2}, {5, wide, 3}, {9, wide, 3}, {2, tall, 1}, {4, tall, 1}, {10, tall, 2}} {
		if got := ui.GridColumns(c.n, c.size); got != c.want {
			t.Errorf("%d tiles in %v: %d columns, want %d", c.n, c.size, got, c.want)
		}
	}
}

func TestInitialsStandForANameOfAnyKind(t *testing.T) {
	for name, want := range map[string]string{
		"Ann": "A", "Emil Kranz": "EK", "anna maria de souza": "AS", "": "?", "  ": "?", "!!!": "?", "李 雷": "李雷", "ørsted": "Ø", "7of9": "7",
	} {
		if got := ui.Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestRoomNamesAreEasyToSay(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z]+-[a-z]+-[a-z]+-[1-9][0-9]$`)
	for range 100 {
		if name := ui.NewRoomName(); !shape.MatchString(name) {
			t.Fatalf("%q", name)
		}
	}
}

func TestACallThatWasIsToldAsPeopleDo(t *testing.T) {
	now := time.Date(2026, time.March, 11, 9, 0, 0, 0, time.UTC) // a Wednesday
	for _, c := range []struct {
		ago, took time.Duration
		want      string
	}{
		{time.Hour, 30 * time.Second, "today, 1 min"},
		{time.Hour, 20 * time.Second, "today, under 1 min"},
		{10 * time.Hour, 12 * time.Minute, "yesterday, 12 min"},
		{3 * 24 * time.Hour, 48 * time.Minute, "Sunday, 48 min"},
		{20 * 24 * time.Hour, 61 * time.Minute, "19 Feb, 1 h 1 min"},
		{400 * 24 * time.Hour, time.Hour, "4 Feb 2025, 1 h 0 min"},
		{-time.Hour, time.Hour, "today, 1 h 0 min"}, // the clock was set back
	} {
		if got := ui.Ago(ui.Recent{At: now.Add(-c.ago), Duration: c.took}, now); got != c.want {
			t.Errorf("%v ago for %v: %q, want %q", c.ago, c.took, got, c.want)
		}
	}
}

func TestTheClockCountsHoursWhenThereAreSome(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0:00", 7 * time.Second: "0:07", 12*time.Minute + 41*time.Second: "12:41",
		time.Hour + 2*time.Minute + 3*time.Second: "1:02:03",
	} {
		if got := ui.Clock(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestJoinTextFollowsWhatWillBeSent(t *testing.T) {
	on, failed := call.Choice{On: true, Open: true}, call.Choice{On: true, Err: errors.New("no")}
	opening, off, none := call.Choice{On: true, Opening: true}, call.Choice{}, call.Choice{On: true, Label: devices.None}
	for _, c := range []struct {
		camera, microphone call.Choice
		want               string
	}{
		{on, on, "Join"},
		{opening, opening, "Join"},
		{failed, on, "Join with sound only"},
		{on, off, "Join with picture only"},
		{none, none, "Join to watch and listen"},
	} {
		if got := ui.JoinText(c.camera, c.microphone); got != c.want {
			t.Errorf("%+v, %+v: %q, want %q", c.camera, c.microphone, got, c.want)
		}
	}
}

func TestTheMeterShowsQuietSpeechAndStaysInItsTrough(t *testing.T) {
	for level, want := range map[float64]int{-1: 0, 0: 0, 1: ui.MeterSteps, 7: ui.MeterSteps, 0.25: ui.MeterSteps / 2} {
		if got := ui.MeterStep(level); got != want {
			t.Errorf("%v: %d, want %d", level, got, want)
		}
	}
}

func TestAServerIsCalledByItsHost(t *testing.T) {
	for address, want := range map[string]string{
		"wss://calls.example.org/ws": "calls.example.org", "ws://[::1]:1337/ws": "[::1]:1337", "calls": "calls",
	} {
		if got := ui.ServerName(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
