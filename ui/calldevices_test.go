package ui_test

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

var running = call.Choice{On: true, Open: true, Label: "HD Webcam", Using: "HD Webcam"}

func TestTheMenuOfADeviceCoversNoButton(t *testing.T) {
	for _, button := range []string{"Choose microphone and speaker", "Choose a camera"} {
		d, _ := inCall(t, ben)
		d.press(button)
		d.menu() // once it is there
		top := d.driver.AbsolutePositionForObject(d.named("Share a screen or a window")).Y
		for _, o := range visible(nil, d.win.Canvas().Overlays().Top()) {
			if words, ok := o.(*canvas.Text); ok && d.driver.AbsolutePositionForObject(o).Y+o.Size().Height > top {
				t.Errorf("%s: %q covers the buttons", button, words.Text)
			}
		}
	}
}

func TestAFallbackInMidCallIsToldAndSoIsTheReturn(t *testing.T) {
	d, _ := inCall(t, ben)
	d.media.set(devices.KindCamera, running)
	d.settle()
	instead := call.Choice{On: true, Open: true, Label: "HD Webcam", Using: "Integrated Camera", Err: devices.ErrGone}
	d.media.set(devices.KindCamera, instead)
	d.expect("Camera unplugged. Using “Integrated Camera” meanwhile.")
	d.expectNot("Try again") // nothing is missing
	d.media.set(devices.KindCamera, call.Choice{On: true, Opening: true, Label: "HD Webcam"})
	d.media.set(devices.KindCamera, running)
	d.expect("“HD Webcam” is back.")
}

func TestADeviceThatTheUserChangesIsNotToldAsAFallback(t *testing.T) {
	d, _ := inCall(t, ben)
	d.media.set(devices.KindCamera, running)
	d.settle()
	d.media.set(devices.KindCamera, call.Choice{On: true, Open: true, Label: "Other", Using: "Other"})
	d.settle()
	d.expectNot("is back")
	d.expectNot("unplugged")
}

func TestAMarkStandsWhileADeviceIsMissingAndTriesAgain(t *testing.T) {
	for kind, what := range map[devices.Kind]string{
		devices.KindCamera: "The camera is busy.", devices.KindMicrophone: "The microphone is busy.", devices.KindSpeaker: "The speaker is busy.",
	} {
		t.Run(string(kind), func(t *testing.T) {
			d, _ := inCall(t, ben)
			d.media.set(kind, call.Choice{On: true, Label: "Thing", Err: devices.ErrNotReadable})
			d.window.SetNow(func() time.Time { return time.Now().Add(time.Hour) })
			d.until("no notice", func() bool { return !d.says(what) })
			d.win.Canvas().Focus(d.named(what + " Try again.").(fyne.Focusable))
			d.expect(what + " Try again.") // its hint
			d.media.set(kind, call.Choice{On: true, Label: "Thing", Opening: true})
			d.settle()
			d.key(fyne.KeySpace) // the mark stands while it is tried
			if want := []string{string(kind) + "=Thing"}; !slices.Equal(d.media.uses(), want) {
				t.Errorf("used %q", d.media.uses())
			}
			d.expectNot("Try again.")
			if d.win.Canvas().Focused() != nil {
				t.Error("a mark that is gone has the focus")
			}
		})
	}
}

func TestTryingAgainInVainIsAnswered(t *testing.T) {
	d, _ := inCall(t, ben)
	busy := call.Choice{On: true, Label: "Thing", Err: devices.ErrNotReadable}
	d.media.set(devices.KindCamera, busy)
	d.expect("Close that program, then try again.")
	d.window.SetNow(func() time.Time { return time.Now().Add(time.Hour) })
	d.until("no notice", func() bool { return !d.says("Close that program") })
	d.media.set(devices.KindCamera, busy)
	d.settle()
	d.expectNot("Close that program") // nothing new
	d.media.fails = busy.Err
	d.press("The camera is busy. Try again.")
	d.expect("Close that program, then try again.")
}

func TestTheMenuOfADeviceThatIsMissingOffersToTryAgain(t *testing.T) {
	d, _ := inCall(t, ben)
	d.media.set(devices.KindCamera, call.Choice{On: true, Label: "Thing", Err: devices.ErrNotAllowed})
	d.press("Choose a camera")
	d.choose("Try again")
	if want := []string{"camera=Thing"}; !slices.Equal(d.media.uses(), want) {
		t.Errorf("used %q", d.media.uses())
	}
}

func TestADeviceThatIsOffHasNoMark(t *testing.T) {
	d, _ := inCall(t, ben)
	d.media.set(devices.KindCamera, call.Choice{On: true, Err: devices.ErrGone})
	d.settle()
	d.named("The camera was unplugged. Try again.")
	d.media.set(devices.KindCamera, call.Choice{On: false, Err: devices.ErrGone})
	d.settle()
	d.expectNot("Try again")
	for _, o := range d.objects() {
		if a, ok := o.(fyne.Accessible); ok && a.AccessibilityLabel() == "The camera was unplugged. Try again." {
			t.Error("the mark still stands")
		}
	}
}

func TestAnOpenMenuFollowsDevicesThatComeAndGo(t *testing.T) {
	for where, options := range map[string]ui.Options{"lobby": {}, "call": {Join: true}} {
		t.Run(where, func(t *testing.T) {
			d := newDesk(t, options, nil)
			d.win.Resize(fyne.NewSize(1280, 800))
			d.settle()
			if where == "lobby" {
				d.press("Camera: System default")
			} else {
				d.press("Choose a camera")
			}
			if got := d.menu(); slices.Contains(got, "New Camera") {
				t.Fatalf("the menu has %q", got)
			}
			d.media.change(func() {
				d.media.lists[devices.KindCamera] = []devices.Device{{Kind: devices.KindCamera, Label: "New Camera", Default: true}}
			})
			d.until("the new one", func() bool { return slices.Contains(d.menu(), "New Camera") })
			if got := d.menu(); slices.Contains(got, "Webcam") || !slices.Contains(got, "System default: New Camera") {
				t.Errorf("the menu has %q", got)
			}
			if n := len(d.win.Canvas().Overlays().List()); n != 1 {
				t.Errorf("%d menus are open", n)
			}
			if d.win.Canvas().Focused() == nil {
				t.Error("the menu lost the focus")
			}
			d.choose("New Camera")
			if want := []string{"camera=New Camera"}; !slices.Equal(d.media.uses(), want) {
				t.Errorf("used %q", d.media.uses())
			}
		})
	}
}

func TestAMenuThatWasClosedStaysClosed(t *testing.T) {
	d, _ := inCall(t, ben)
	d.press("Choose a camera")
	d.menu()
	d.key(fyne.KeyEscape)
	d.media.change(func() { d.media.lists[devices.KindCamera] = nil })
	d.settle()
	if d.isOpen() {
		t.Error("the menu opened by itself")
	}
}

func TestAMenuClosesWithItsScreen(t *testing.T) {
	d, c := inCall(t, ben)
	d.press("Choose a camera")
	d.menu()
	c.become(call.Left, nil)
	d.expect("Dial a room")
	if d.isOpen() {
		t.Error("the menu of a call that is over is open")
	}
}

func TestWhoTalksMutedIsToldCalmly(t *testing.T) {
	d, _ := inCall(t, ben)
	at := time.Now().Add(time.Minute)
	later := func(by time.Duration) {
		at = at.Add(by)
		now := at
		d.window.SetNow(func() time.Time { return now })
	}
	talk := func(on bool) { d.media.mu.Lock(); d.media.talkingMuted = on; d.media.mu.Unlock() }
	const words = "You are muted. Press M to unmute."
	later(0)
	talk(true)
	d.settle()
	d.expectNot(words) // the microphone is on
	d.key(fyne.KeyM)
	d.expect(words)
	talk(false)
	later(time.Second)
	d.expect(words) // a pause between words
	later(2 * time.Second)
	d.until("no hint", func() bool { return !d.says(words) })
	d.key(fyne.KeyM)
	d.expectNot(words)
}

func TestTheReminderOfBeingMutedIsNotRepeatedAllTheTime(t *testing.T) {
	var m ui.MutedTalk
	at := time.Now()
	look := func(after time.Duration, talking bool) bool { return m.Look(true, talking, at.Add(after)) }
	for _, c := range []struct {
		after   time.Duration
		talking bool
		want    bool
	}{
		{0, false, false},
		{1 * time.Second, true, true},
		{2 * time.Second, false, true},  // between words
		{3 * time.Second, false, false}, // quiet
		{4 * time.Second, true, false},  // told just now
		{32 * time.Second, true, false},
		{33 * time.Second, true, true},
	} {
		if got := look(c.after, c.talking); got != c.want {
			t.Errorf("after %v, talking %v: shown %v", c.after, c.talking, got)
		}
	}
	if m.Look(false, true, at.Add(34*time.Second)) {
		t.Error("it is shown to somebody who is not muted")
	}
	if !look(35*time.Second, true) {
		t.Error("who mutes anew and talks is not told")
	}
}
