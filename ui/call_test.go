package ui_test

import (
	"errors"
	"image"
	"runtime"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
	"parley/ui"
)

var (
	ben  = call.Person{ID: "p1", Name: "Ben", State: call.PersonConnected, Camera: true, Microphone: true}
	dora = call.Person{ID: "p2", Name: "Dora Long", State: call.PersonConnected, Microphone: true}
)

// inCall is a desk whose window is in the room standup with some people.
func inCall(t *testing.T, people ...call.Person) (*desk, *fakeCall) {
	d := newDesk(t, ui.Options{Join: true}, nil)
	d.win.Resize(fyne.NewSize(1280, 800))
	c := d.dialer.calls[0]
	for _, p := range people {
		c.join(p)
	}
	c.become(call.Joined, nil)
	d.settle()
	return d, c
}

func TestWhoIsAloneReadsWhatOthersDial(t *testing.T) {
	d, c := inCall(t)
	d.expect("You are alone in standup")
	d.expect(c.Address())
	d.expect("Only you")
	d.press("Copy the address")
	if got := d.Clipboard().Content(); got != c.Address() {
		t.Errorf("the clipboard has %q", got)
	}
	c.join(ben)
	d.expect("2 people")
	d.expectNot("You are alone")
}

func TestTilesComeAndGoWithPeople(t *testing.T) {
	d, c := inCall(t, ben)
	d.expect("Ben")
	c.join(dora)
	d.expect("Dora Long")
	d.expect("3 people")
	d.expect("DL") // she sends no picture
	c.leave(ben.ID, call.ReasonLeft)
	d.expect("Ben left")
	d.expect("2 people")
}

func TestWhoLeftIsToldByNameAndWhy(t *testing.T) {
	for reason, words := range map[call.Reason]string{
		call.ReasonLeft:     "Ben left",
		call.ReasonTimeout:  "Ben left: the connection was lost",
		call.ReasonKicked:   "Ben was removed",
		call.ReasonNodeLost: "Ben left: their server went down",
		call.ReasonReplaced: "Ben left: they came back on another device",
		"unheard-of":        "Ben is gone",
	} {
		t.Run(string(reason), func(t *testing.T) {
			d, c := inCall(t, ben)
			c.leave(ben.ID, reason)
			d.expect(words)
		})
	}
}

func TestWhoWasThereAlreadyIsNotAnnounced(t *testing.T) {
	d, c := inCall(t, ben)
	d.expectNot("Ben joined")
	d.window.SetNow(func() time.Time { return time.Now().Add(time.Minute) })
	c.join(dora)
	d.expect("Dora Long joined")
}

func TestAPersonIsAsLoudAsTheUserWants(t *testing.T) {
	d, c := inCall(t, ben, dora)
	for _, step := range []struct {
		line string
		want float64
		says string
	}{
		{"Muted", 0, "Ben · muted by you"},
		{"Louder", 1.5, "Ben · 150 %"},
		{"As they are", 1, "Ben"},
	} {
		d.press("Ben, volume")
		d.choose(step.line)
		if got := c.Volume(ben.ID); got != step.want {
			t.Errorf("after %q the volume is %v, want %v", step.line, got, step.want)
		}
		d.expect(step.says)
	}
	d.expectNot("Ben ·")
	if got := c.Volume(dora.ID); got != 1 {
		t.Errorf("somebody else's volume is %v", got)
	}
}

func TestNoticesGoByThemselves(t *testing.T) {
	d, c := inCall(t, ben)
	c.leave(ben.ID, call.ReasonLeft)
	d.expect("Ben left")
	d.window.SetNow(func() time.Time { return time.Now().Add(time.Minute) })
	d.until("no notice", func() bool { return !d.says("Ben left") })
}

func TestWhoComesAndGoesIsHeard(t *testing.T) {
	d, c := inCall(t, ben)
	clock := time.Now().Add(time.Minute)
	d.window.SetNow(func() time.Time { return clock })
	hears := func(want ...call.Signal) {
		t.Helper()
		d.settle()
		if !slices.Equal(d.media.signals, want) {
			t.Errorf("the sounds are %q, want %q", d.media.signals, want)
		}
		clock = clock.Add(time.Minute)
	}
	hears() // who was there already
	d.settings.sound.Signals = true
	c.join(dora)
	hears(call.SignalArrival)
	c.leave(dora.ID, call.ReasonTimeout)
	hears(call.SignalArrival, call.SignalDeparture)

	for range 10 { // somebody whose connection breaks again and again
		c.join(dora)
		c.leave(dora.ID, call.ReasonTimeout)
	}
	hears(call.SignalArrival, call.SignalDeparture, call.SignalArrival)
	d.settings.sound.Signals = false
	c.join(dora)
	hears(call.SignalArrival, call.SignalDeparture, call.SignalArrival)
}

func TestAFloodOfEventsIsNotKept(t *testing.T) {
	d, c := inCall(t)
	d.window.SetNow(func() time.Time { return time.Now().Add(time.Minute) })
	for range 10_000 {
		c.event(call.PersonJoined{Person: ben})
	}
	if n := len(d.driver.functions); n > 20 {
		t.Errorf("%d functions wait for the UI goroutine", n)
	}
	d.expect("Ben joined")
}

func TestATileSaysHowThePersonIs(t *testing.T) {
	d, c := inCall(t, ben)
	p := ben
	p.State = call.PersonConnecting
	c.update(p)
	d.expect("Connecting")
	p.State = call.PersonReconnecting
	c.update(p)
	d.expect("Reconnecting")
	p.State, p.Problem = call.PersonFailed, errors.New("no path to Ben was found")
	c.update(p)
	d.expect("No connection")
	d.expect("No path to Ben was found.")
	p.State, p.Problem, p.Microphone = call.PersonConnected, nil, false
	c.update(p)
	d.expect("Ben · muted")
	d.expectNot("No connection")
	d.expectNot("No path")
}

func TestTheCallSaysHowItStands(t *testing.T) {
	d := newDesk(t, ui.Options{Join: true}, nil)
	c := d.dialer.calls[0]
	d.expect("Joining standup")
	c.join(ben)
	c.become(call.Joined, nil)
	d.until("the room", func() bool { return d.says("2 people") && !d.says("Joining") })
	c.become(call.Reconnecting, errors.New("no answer"))
	d.expect("The server is out of reach. The call goes on.")
	d.expect("Ben")
	c.become(call.Joined, nil)
	d.until("no banner", func() bool { return !d.says("out of reach") })
}

func TestACallThatFailsSaysWhyAndLeadsBack(t *testing.T) {
	d := newDesk(t, ui.Options{Join: true}, nil)
	d.dialer.calls[0].become(call.Failed, errors.New("the room is full"))
	d.expect("The room is full.")
	d.press("Back to the lobby")
	d.expect("Dial a room")
}

func TestACallThatFailedCanBeDialledAgain(t *testing.T) {
	d := newDesk(t, ui.Options{Join: true}, nil)
	d.dialer.calls[0].become(call.Failed, errors.New("the room is full"))
	d.settle()
	d.press("Try again")
	if len(d.dialer.calls) != 2 || d.dialer.asked[1] != d.dialer.asked[0] {
		t.Fatalf("dialled %v", d.dialer.asked)
	}
	d.dialer.calls[1].become(call.Joined, nil)
	d.expect("You are alone in standup")
}

func TestHangingUpLeavesTheCallAndRemembersIt(t *testing.T) {
	for how, hangUp := range map[string]func(*desk){
		"the button": func(d *desk) { d.press("Hang up") },
		"Ctrl+H":     func(d *desk) { d.shortcut(fyne.KeyH) },
		"Ctrl+W":     func(d *desk) { d.shortcut(fyne.KeyW) },
	} {
		t.Run(how, func(t *testing.T) {
			d, c := inCall(t, ben)
			hangUp(d)
			d.expect("Dial a room")
			if c.left != 1 {
				t.Errorf("left %d times", c.left)
			}
			if len(d.settings.recent) != 1 || d.settings.recent[0].Room != "standup" {
				t.Errorf("remembered %v", d.settings.recent)
			}
		})
	}
}

// shortcut presses a key with Ctrl.
func (d *desk) shortcut(key fyne.KeyName) {
	d.shortcuts.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
	d.settle()
}

func TestClosingTheWindowLeavesTheCall(t *testing.T) {
	d, c := inCall(t, ben)
	d.close()
	if c.left != 1 {
		t.Errorf("left %d times", c.left)
	}
	c.event(call.PersonLeft{Person: ben}) // late, and of no consequence
	d.media.set(devices.KindCamera, call.Choice{})
	d.settle()
}

func TestShortcutsWorkWhereverTheFocusIs(t *testing.T) {
	for _, focused := range []bool{false, true} {
		d, _ := inCall(t, ben)
		if focused {
			d.win.Canvas().Focus(d.named("Hang up").(fyne.Focusable))
		}
		d.key(fyne.KeyM)
		d.key(fyne.KeyV)
		if d.media.Choice(devices.KindMicrophone).On || d.media.Choice(devices.KindCamera).On {
			t.Errorf("focused %v: M and V did not switch the devices off", focused)
		}
		d.expect("You · muted")
		d.key(fyne.KeyF)
		if !d.win.FullScreen() {
			t.Errorf("focused %v: F did not fill the screen", focused)
		}
		d.key(fyne.KeyEscape)
		if d.win.FullScreen() {
			t.Errorf("focused %v: Escape did not leave full screen", focused)
		}
	}
}

func TestAButtonTellsItsShortcutWhenTheFocusIsOnIt(t *testing.T) {
	d, _ := inCall(t, ben)
	for name, hint := range map[string]string{
		"Mute the microphone": "Mute the microphone · M", "Turn the camera off": "Turn the camera off · V",
		"Full screen": "Full screen · F", "Hang up": "Hang up · Ctrl+H",
	} {
		d.win.Canvas().Focus(d.named(name).(fyne.Focusable))
		d.expect(hint)
		d.win.Canvas().Unfocus()
		d.expectNot(hint)
	}
}

func TestTabReachesEverythingInACall(t *testing.T) {
	d, _ := inCall(t, ben)
	reached := map[string]bool{}
	for range 20 {
		d.win.Canvas().FocusNext()
		if a, ok := d.win.Canvas().Focused().(fyne.Accessible); ok {
			reached[a.AccessibilityLabel()] = true
		}
	}
	for _, name := range []string{
		"Copy the link to this call", "Mute the microphone", "Choose microphone and speaker", "Turn the camera off",
		"Choose a camera", "Full screen", "Hang up",
	} {
		if !reached[name] {
			t.Errorf("Tab never reaches %q", name)
		}
	}
}

func TestDevicesCanBeChangedInMidCall(t *testing.T) {
	d, _ := inCall(t, ben)
	d.press("Choose microphone and speaker")
	d.choose("Headphones")
	d.press("Choose a camera")
	d.choose("Webcam")
	if got := d.media.uses(); len(got) != 2 || got[0] != "speaker=Headphones" || got[1] != "camera=Webcam" {
		t.Errorf("used %q", got)
	}
}

func TestACallThatIsClosedToOthersIsOpenedByAnInvitation(t *testing.T) {
	d, c := inCall(t)
	c.closed = true
	c.become(call.Joined, nil)
	d.settle()
	d.expect("open to this computer only")
	d.press("Invite others")
	d.expect("Others dial this address")
	if got := d.Clipboard().Content(); got != c.Address() {
		t.Errorf("the clipboard has %q", got)
	}
}

func TestACallThatCannotBeOpenedSaysWhy(t *testing.T) {
	d, c := inCall(t, ben)
	c.inviteErr = errors.New("this machine is on no network")
	d.press("Copy the link to this call")
	d.expect("This machine is on no network")
	if got := d.Clipboard().Content(); got == c.Address() {
		t.Error("a link that nobody can dial was copied")
	}
}

func TestADeviceThatFailsInMidCallIsTold(t *testing.T) {
	d, _ := inCall(t, ben)
	d.media.set(devices.KindMicrophone, call.Choice{On: true, Err: devices.ErrGone})
	d.expect("The microphone was unplugged.")
	d.expect("You · muted")
}

func TestInviteCopiesTheLink(t *testing.T) {
	d, c := inCall(t, ben)
	d.press("Copy the link to this call")
	if got := d.Clipboard().Content(); got != c.Address() {
		t.Errorf("the clipboard has %q", got)
	}
	d.expect("Copied the link")
}

func TestATileShowsThePictureUntilTheCameraIsOff(t *testing.T) {
	d, c := inCall(t, ben)
	c.Picture(ben.ID).Put(frame.New(64, 36))
	d.until("a picture", func() bool { return len(d.pictures()) == 1 })
	off := ben
	off.Camera = false
	c.update(off)
	d.until("no picture", func() bool { return len(d.pictures()) == 0 })
	d.expect("B")
	c.Picture(ben.ID).Put(frame.New(64, 36)) // late, of a camera that is off
	c.update(ben)
	d.settle()
	c.Picture(ben.ID).Put(frame.New(64, 36))
	d.until("a picture again", func() bool { return len(d.pictures()) == 1 })
}

func TestWhoSpeaksHasARing(t *testing.T) {
	d, c := inCall(t, ben)
	before := test.RenderObjectToMarkup(d.win.Content())
	c.setLevel(ben.ID, 0.4)
	d.until("a ring", func() bool { return test.RenderObjectToMarkup(d.win.Content()) != before })
}

func TestPicturesNeverPileUpBehindABusyWindow(t *testing.T) {
	d, c := inCall(t, ben)
	var pool frame.Pool
	slot := c.Picture(ben.ID)
	f := pool.Get(64, 36)
	for range 50 {
		slot.Put(f)
		for pool.Get(64, 36) != f { // until the tile is done with f; others are not given back
			runtime.Gosched()
		}
	}
	if n := len(d.driver.functions); n > 5 {
		t.Errorf("%d functions wait for the UI goroutine", n)
	}
}

func TestTwoPicturesOfATileGoRound(t *testing.T) {
	d, c := inCall(t, ben)
	all := map[image.Image]bool{}
	for _, level := range []byte{30, 60, 90, 120, 150} {
		c.Picture(ben.ID).Put(gray(level))
		d.until("the next picture", func() bool { return d.own() != 0 && max(d.own(), level)-min(d.own(), level) < 20 })
		all[d.pictures()[0].Image] = true
	}
	if len(all) != 2 {
		t.Errorf("%d pictures went round", len(all))
	}
}

func TestASmallWindowHoldsACall(t *testing.T) {
	d, _ := inCall(t, ben, dora)
	d.win.Resize(fyne.NewSize(480, 360))
	d.settle()
	if least := d.win.Content().MinSize(); least.Width > 480 || least.Height > 360 {
		t.Errorf("the call wants at least %v", least)
	}
	for _, name := range []string{"Hang up", "Mute the microphone", "Copy the link to this call"} {
		o := d.named(name)
		at := d.driver.AbsolutePositionForObject(o)
		if at.X < 0 || at.Y < 0 || at.X+o.Size().Width > 480 || at.Y+o.Size().Height > 360 {
			t.Errorf("%q lies at %v, outside of the window", name, at)
		}
	}
}
