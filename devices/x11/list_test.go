//go:build linux

package x11_test

import (
	"errors"
	"image"
	"os"
	"slices"
	"strings"
	"testing"

	"parley/devices/x11"
	"parley/devices/x11/x11test"
)

// display starts a display of 800x600 and puts this test there.
func display(t *testing.T, options ...string) *x11test.Display {
	t.Helper()
	d := x11test.Start(t, "800x600", "24", options...)
	t.Setenv("DISPLAY", d.Name)
	return d
}

func titles(t *testing.T) []string {
	t.Helper()
	list, err := x11.Windows()
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, w := range list {
		titles = append(titles, w.Title)
	}
	return titles
}

func TestMonitorsHaveANameAndASize(t *testing.T) {
	display(t)
	list, err := x11.Monitors()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Name == "" || list[0].Bounds != image.Rect(0, 0, 800, 600) || !list[0].Primary {
		t.Errorf("the monitors are %+v", list)
	}
}

func TestThePrimaryMonitorComesFirst(t *testing.T) {
	d := display(t)
	d.SetMonitor("HDMI-1", image.Rect(0, 0, 300, 600), false)
	d.SetMonitor("DP-2", image.Rect(300, 0, 800, 600), true)
	list, err := x11.Monitors()
	if err != nil {
		t.Fatal(err)
	}
	if want := (x11.Monitor{Name: "DP-2", Bounds: image.Rect(300, 0, 800, 600), Primary: true}); list[0] != want {
		t.Errorf("the first monitor is %+v", list[0])
	}
	other := x11.Monitor{Name: "HDMI-1", Bounds: image.Rect(0, 0, 300, 600)}
	if !slices.Contains(list, other) || slices.ContainsFunc(list[1:], func(m x11.Monitor) bool { return m.Primary }) {
		t.Errorf("the monitors are %+v", list)
	}
}

func TestWithoutRandRTheDesktopIsOneMonitor(t *testing.T) {
	display(t, "-extension", "RANDR")
	list, err := x11.Monitors()
	if err != nil {
		t.Fatal(err)
	}
	if want := []x11.Monitor{{Name: "screen", Bounds: image.Rect(0, 0, 800, 600), Primary: true}}; !slices.Equal(list, want) {
		t.Errorf("the monitors are %+v", list)
	}
}

func TestWithoutAnXServerThereIsNoDisplay(t *testing.T) {
	for _, name := range []string{"", ":99999", "nonsense"} {
		t.Setenv("DISPLAY", name)
		if _, err := x11.Monitors(); !errors.Is(err, x11.ErrNoDisplay) {
			t.Errorf("DISPLAY=%q: monitors: %v", name, err)
		}
		if _, err := x11.Windows(); !errors.Is(err, x11.ErrNoDisplay) {
			t.Errorf("DISPLAY=%q: windows: %v", name, err)
		}
		if _, err := x11.OpenMonitor("screen", 15); !errors.Is(err, x11.ErrNoDisplay) {
			t.Errorf("DISPLAY=%q: opening: %v", name, err)
		}
	}
}

func TestWindowsAreListedByTitleTheUppermostFirst(t *testing.T) {
	d := display(t)
	at := image.Rect(10, 10, 200, 200)
	lower := d.Open("Lower", at)
	d.Open("Upper", at)
	if got := titles(t); !slices.Equal(got, []string{"Upper", "Lower"}) {
		t.Errorf("the windows are %q", got)
	}
	lower.Raise()
	if got := titles(t); !slices.Equal(got, []string{"Lower", "Upper"}) {
		t.Errorf("once the lower one was raised they are %q", got)
	}
}

func TestAWindowManagersListIsTaken(t *testing.T) {
	d := display(t)
	at := image.Rect(10, 10, 200, 200)
	first, second := d.Open("First", at), d.Open("Second", at)
	d.Open("Frame", at)
	d.SetNumbers(d.Root(), "_NET_CLIENT_LIST_STACKING", "WINDOW", uint32(second.ID), uint32(first.ID), 0xdead)
	if got := titles(t); !slices.Equal(got, []string{"First", "Second"}) {
		t.Errorf("the windows are %q", got)
	}
}

func TestWhatNobodySharesIsNotListed(t *testing.T) {
	d := display(t)
	at := image.Rect(10, 10, 200, 200)
	d.Open("Shown", at)
	d.Open("", at)
	d.OpenMenu("Menu", at)
	d.Open("Minimised", at).Unmap()
	for _, kind := range []string{"DOCK", "DESKTOP", "POPUP_MENU", "TOOLTIP", "NOTIFICATION"} {
		w := d.Open(kind, at)
		d.SetNumbers(w.ID, "_NET_WM_WINDOW_TYPE", "ATOM", d.Atom("_NET_WM_WINDOW_TYPE_"+kind))
	}
	own := d.Open("Our own", at)
	d.SetNumbers(own.ID, "_NET_WM_PID", "CARDINAL", uint32(os.Getpid()))
	other := d.Open("Another program's", at)
	d.SetNumbers(other.ID, "_NET_WM_PID", "CARDINAL", 1)
	d.SetNumbers(other.ID, "_NET_WM_WINDOW_TYPE", "ATOM", d.Atom("_NET_WM_WINDOW_TYPE_NORMAL"))
	if got := titles(t); !slices.Equal(got, []string{"Another program's", "Shown"}) {
		t.Errorf("the windows are %q", got)
	}
}

func TestTitlesAreOneLineOfText(t *testing.T) {
	d := display(t)
	at := image.Rect(10, 10, 200, 200)
	long := strings.Repeat("Ж", 400)
	for _, c := range []struct{ name, kind, title, want string }{
		{"_NET_WM_NAME", "UTF8_STRING", "Grüße – 日本 👩\u200d💻", "Grüße – 日本 👩\u200d💻"},
		{"_NET_WM_NAME", "UTF8_STRING", "two\nlines\tand\x00\x1b[31m more ", "two lines and [31m more"},
		{"_NET_WM_NAME", "UTF8_STRING", "left\u202eright", "leftright"},
		{"_NET_WM_NAME", "UTF8_STRING", "bro\xff\xfeken", "broken"},
		{"_NET_WM_NAME", "UTF8_STRING", long, long[:2*(x11.MaxTitle-1)] + "…"},
		{"WM_NAME", "STRING", "caf\xe9", "café"},
		{"WM_NAME", "STRING", "naïve", "naïve"},
		{"WM_CLASS", "STRING", "xterm\x00XTerm\x00", "XTerm"},
	} {
		w := d.Open("", at)
		d.SetProperty(w.ID, c.name, c.kind, []byte(c.title))
		if got := titles(t); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s %q is listed as %q, want %q", c.name, c.title, got, c.want)
		}
		w.Close()
	}
}

func TestNoProgramCanMakeTheListLong(t *testing.T) {
	d := display(t)
	for range 230 {
		d.Open("One of many", image.Rect(0, 0, 20, 20))
	}
	if n := len(titles(t)); n != 200 {
		t.Errorf("%d windows are listed, want 200", n)
	}
}
