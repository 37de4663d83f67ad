//go:build linux

package devices

import (
	"errors"
	"image"
	"slices"
	"testing"

	"parley/devices/x11"
)

func labelsFor(table *windowTable, windows ...x11.Window) []string {
	var labels []string
	for _, w := range table.update(windows) {
		labels = append(labels, w.label)
	}
	return labels
}

func TestWindowsKeepTheirLabelsInWhateverOrderTheyAre(t *testing.T) {
	var table windowTable
	a, b := x11.Window{ID: 1, Title: "Editor"}, x11.Window{ID: 2, Title: "Editor"}
	if got := labelsFor(&table, a, b); !slices.Equal(got, []string{"Editor", "Editor (2)"}) {
		t.Errorf("the labels are %q", got)
	}
	if got := labelsFor(&table, b, a); !slices.Equal(got, []string{"Editor (2)", "Editor"}) {
		t.Errorf("the other way round they are %q", got)
	}
	if got := labelsFor(&table, b, x11.Window{ID: 3, Title: "Editor"}); !slices.Equal(got, []string{"Editor (2)", "Editor"}) {
		t.Errorf("with another one in place of the first they are %q", got)
	}
}

func TestAWindowIsFoundByTheLabelThatTheUserSaw(t *testing.T) {
	var table windowTable
	table.update([]x11.Window{{ID: 1, Title: "Inbox"}, {ID: 2, Title: "Notes"}})
	now := table.update([]x11.Window{{ID: 1, Title: "Inbox (3 new)"}, {ID: 2, Title: "Notes"}})
	if w, ok := find(now, "Inbox"); !ok || w.id != 1 {
		t.Errorf("Inbox is %+v, %v", w, ok)
	}
	now = table.update([]x11.Window{{ID: 1, Title: "Inbox (3 new)"}, {ID: 4, Title: "Inbox"}})
	if w, ok := find(now, "Inbox"); !ok || w.id != 4 {
		t.Errorf("once another has the title, Inbox is %+v, %v", w, ok)
	}
	if w, ok := find(now, "Notes"); ok {
		t.Errorf("a window that was closed is %+v", w)
	}
}

func TestNoWindowIsListedUnderALabelWithAMeaning(t *testing.T) {
	var table windowTable
	for _, title := range []string{None, Pattern, Ask} {
		if got := labelsFor(&table, x11.Window{ID: 1, Title: title}); got[0] == title {
			t.Errorf("a window is listed as %q", got[0])
		}
	}
}

func TestAMonitorIsFoundByItsOutputThoughItsSizeHasChanged(t *testing.T) {
	monitors := []x11.Monitor{
		{Name: "HDMI-1", Bounds: image.Rect(0, 0, 1280, 720)},
		{Name: "DP-2, left", Bounds: image.Rect(1280, 0, 1920, 720), Primary: true},
	}
	for label, want := range map[string]string{
		"HDMI-1, 1280 × 720": "HDMI-1", "HDMI-1, 1920 × 1080": "HDMI-1", "DP-2, left, 640 × 720": "DP-2, left", Default: "DP-2, left",
	} {
		if got, err := findMonitor(monitors, label); err != nil || got.monitor != want {
			t.Errorf("%q is %+v, %v", label, got, err)
		}
	}
	for _, label := range []string{"HDMI-2, 1280 × 720", "HDMI", "DP-2"} {
		if got, err := findMonitor(monitors, label); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q is %+v, %v", label, got, err)
		}
	}
}
