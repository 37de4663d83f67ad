package ui_test

import (
	"errors"
	"fmt"
	"image"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
	"parley/ui"
)

// display is what a test machine has to share.
func display(windows ...string) func(*fakeMedia) {
	return func(m *fakeMedia) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.lists[devices.KindScreen] = []devices.Device{{Kind: devices.KindScreen, Label: "Display 1"}}
		m.lists[devices.KindWindow] = nil
		for _, w := range windows {
			m.lists[devices.KindWindow] = append(m.lists[devices.KindWindow], devices.Device{Kind: devices.KindWindow, Label: w})
		}
	}
}

func (d *desk) shares() []call.Share {
	d.media.mu.Lock()
	defer d.media.mu.Unlock()
	return d.media.shared
}

func (d *desk) isOpen() bool { return len(d.win.Canvas().Overlays().List()) > 0 }

func TestSharingBeginsWithAPickerOfScreensAndWindows(t *testing.T) {
	for how, open := range map[string]func(*desk){
		"the button": func(d *desk) { d.press("Share a screen or a window") },
		"S":          func(d *desk) { d.key(fyne.KeyS) },
	} {
		t.Run(how, func(t *testing.T) {
			d, _ := inCall(t, ben)
			display("Terminal", "Notes")(d.media)
			open(d)
			d.expect("Screens")
			d.expect("Windows")
			d.expect("Display 1")
			d.press("Share the window Notes")
			want := call.Share{Kind: devices.KindWindow, Label: "Notes", FrameRate: 15}
			if got := d.shares(); len(got) != 1 || got[0] != want {
				t.Fatalf("shared %v", got)
			}
			if d.isOpen() {
				t.Error("the picker is still open")
			}
			d.expect("You are sharing “Notes”")
		})
	}
}

func TestThePickerIsUsedByTheKeyboardAlone(t *testing.T) {
	d, _ := inCall(t, ben)
	display("Terminal", "Notes")(d.media)
	d.key(fyne.KeyS)
	d.expect("Display 1")
	d.key(fyne.KeyDown)
	d.key(fyne.KeyRight)
	d.key(fyne.KeyReturn)
	if got := d.shares(); len(got) != 1 || got[0].Label != "Notes" {
		t.Errorf("shared %v", got)
	}
}

func TestArrowsInThePickerGoBackWhereTheyCameFrom(t *testing.T) {
	d, _ := inCall(t, ben)
	display("Terminal", "Notes")(d.media)
	d.key(fyne.KeyS)
	d.expect("Display 1")
	for _, key := range []fyne.KeyName{fyne.KeyUp, fyne.KeyLeft, fyne.KeyDown, fyne.KeyUp, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyUp} {
		d.key(key)
	}
	d.key(fyne.KeySpace)
	if got := d.shares(); len(got) != 1 || got[0].Label != "Display 1" {
		t.Errorf("shared %v", got)
	}
}

func TestEscapeClosesThePickerAndSharesNothing(t *testing.T) {
	for _, key := range []fyne.KeyName{fyne.KeyEscape, fyne.KeyS} {
		for _, focused := range []bool{true, false} {
			d, _ := inCall(t, ben)
			display()(d.media)
			d.key(fyne.KeyS)
			d.expect("Display 1")
			if !focused {
				d.win.Canvas().Unfocus()
			}
			d.key(key)
			if d.isOpen() || len(d.shares()) != 0 {
				t.Errorf("%s, focused %v: open %v, shared %v", key, focused, d.isOpen(), d.shares())
			}
		}
	}
}

func TestTheFrameRateIsChosenByWhatIsShown(t *testing.T) {
	for words, want := range map[string]float64{
		"Text: 5 pictures a second: sharp, for what stands still": 5, "Motion: 30 pictures a second: for what moves": 30,
	} {
		d, _ := inCall(t, ben)
		display()(d.media)
		d.key(fyne.KeyS)
		d.expect("Display 1")
		d.press(words)
		d.press("Share the screen Display 1")
		if got := d.shares(); len(got) != 1 || got[0].FrameRate != want {
			t.Errorf("%s: shared %v", words, got)
		}
	}
}

func TestWhereTheSystemAsksThereIsNoPicker(t *testing.T) {
	d, _ := inCall(t, ben)
	d.media.lists[devices.KindScreen] = []devices.Device{{Kind: devices.KindScreen, Label: devices.Ask}}
	d.key(fyne.KeyS)
	d.until("sharing", func() bool { return len(d.shares()) == 1 })
	if got := d.shares()[0]; got.Label != devices.Ask || d.isOpen() {
		t.Errorf("shared %v, picker open %v", got, d.isOpen())
	}
	d.media.change(func() {
		d.media.sharing = call.Sharing{Share: call.Share{Kind: devices.KindScreen, Label: devices.Ask}, Opening: true}
	})
	d.expect("Choose in the window of your system what to share.")
	d.media.change(func() { d.media.sharing.Opening, d.media.sharing.Open, d.media.sharing.Using = false, true, "Firefox" })
	d.expect("You are sharing “Firefox”")
}

func TestWhereThereIsNothingToShareThePickerSaysSo(t *testing.T) {
	d, _ := inCall(t, ben)
	d.key(fyne.KeyS)
	d.expect("There is no screen and no window here")
	d.press("Cancel")
	if d.isOpen() {
		t.Error("the picker is still open")
	}
}

func TestWhatMayNotBeSharedSaysWhyAndCannotBeChosen(t *testing.T) {
	d, _ := inCall(t, ben)
	d.window.SetHost(ui.Host{OS: "darwin"})
	d.media.lists[devices.KindScreen] = []devices.Device{{Kind: devices.KindScreen, Label: "Display 1", Err: devices.ErrNotAllowed}}
	d.media.lists[devices.KindWindow] = []devices.Device{{Kind: devices.KindWindow, Label: "Terminal"}}
	d.media.thumbnail = func(_ devices.Kind, label string) (image.Image, error) {
		if label == "Display 1" {
			t.Error("a picture was taken of what may not be shared")
		}
		return nil, errors.New("minimised")
	}
	d.key(fyne.KeyS)
	d.expect("Not allowed")
	d.expect("No preview")
	d.expect("Privacy & Security, Screen Recording, then start Parley again.")
	d.key(fyne.KeyReturn)
	if got := d.shares(); len(got) != 0 {
		t.Errorf("shared %v", got)
	}
}

func TestThePickerShowsSmallPicturesAndSaysWhereThereIsNone(t *testing.T) {
	d, _ := inCall(t, ben)
	display("Terminal", "Hidden")(d.media)
	d.media.thumbnail = func(_ devices.Kind, label string) (image.Image, error) {
		if label == "Hidden" {
			return nil, errors.New("no picture of what is minimised")
		}
		return image.NewYCbCr(image.Rect(0, 0, 32, 18), image.YCbCrSubsampleRatio420), nil
	}
	d.key(fyne.KeyS)
	d.expect("No preview")
	d.until("two pictures", func() bool { return len(d.pictures()) == 2 })
}

func TestFewSmallPicturesAreTakenAtOnceAndNoneOfWhatIsOutOfSight(t *testing.T) {
	d, _ := inCall(t, ben)
	d.win.Resize(fyne.NewSize(480, 360))
	var windows []string
	for i := range 20 {
		windows = append(windows, fmt.Sprintf("Window %d with a title that goes on and on and on and on", i))
	}
	display(windows...)(d.media)
	var mu sync.Mutex
	taken, now, most := map[string]bool{}, 0, 0
	d.media.thumbnail = func(_ devices.Kind, label string) (image.Image, error) {
		mu.Lock()
		taken[label] = true
		now++
		most = max(most, now)
		mu.Unlock()
		defer func() { mu.Lock(); now--; mu.Unlock() }()
		return image.NewGray(image.Rect(0, 0, 32, 18)), nil
	}
	took := func(label string) bool { mu.Lock(); defer mu.Unlock(); return taken[label] }
	d.key(fyne.KeyS)
	d.until("the first picture", func() bool { return took("Display 1") })
	if took(windows[19]) {
		t.Error("a picture was taken of what cannot be seen")
	}
	for range windows {
		d.key(fyne.KeyDown) // scrolls
	}
	d.until("the last picture", func() bool { return took(windows[19]) })
	mu.Lock()
	defer mu.Unlock()
	if most > 2 {
		t.Errorf("%d pictures were taken at once", most)
	}
}

func TestThePickerFollowsWindowsThatComeAndGo(t *testing.T) {
	d, _ := inCall(t, ben)
	display("Terminal", "Notes")(d.media)
	d.key(fyne.KeyS)
	d.expect("Notes")
	d.key(fyne.KeyDown)
	display("Terminal", "Mail")(d.media)
	d.expect("Mail")
	d.expectNot("Notes")
	d.key(fyne.KeyReturn)
	if got := d.shares(); len(got) != 1 || got[0].Label != "Terminal" {
		t.Errorf("the focus did not stay on Terminal: shared %v", got)
	}
}

func TestThePickerClosesWithTheCall(t *testing.T) {
	d, c := inCall(t, ben)
	display()(d.media)
	d.key(fyne.KeyS)
	d.expect("Display 1")
	c.become(call.Left, nil)
	d.expect("Dial a room")
	if d.isOpen() {
		t.Error("the picker is still open")
	}
}

func TestSharingEndsByTheButtonTheBannerAndTheKey(t *testing.T) {
	for how, stop := range map[string]func(*desk){
		"S":          func(d *desk) { d.key(fyne.KeyS) },
		"the banner": func(d *desk) { d.press("Stop sharing") },
	} {
		t.Run(how, func(t *testing.T) {
			d, _ := inCall(t, ben)
			d.media.Share(call.Share{Kind: devices.KindWindow, Label: "Terminal"})
			d.expect("You are sharing “Terminal”")
			stop(d)
			d.expectNot("You are sharing")
			if d.media.Sharing().Open {
				t.Error("it is still shared")
			}
		})
	}
}

func TestHowSharingGoesWrongIsToldUntilItIsRead(t *testing.T) {
	for _, c := range []struct {
		os   string
		err  error
		want string
	}{
		{"linux", devices.ErrGone, "“Terminal” was closed, so it is no longer shared."},
		{"linux", devices.ErrNotFound, "“Terminal” is not there any more. Share something else."},
		{"linux", devices.ErrNotAllowed, "Nothing is shared: the system did not allow it, or nothing was chosen."},
		{"darwin", devices.ErrNotAllowed, "Nothing is shared: Parley may not. Allow it in System Settings, Privacy & Security, Screen Recording, then start Parley again."},
		{"linux", errors.New("error 0x42"), "“Terminal” cannot be shared: error 0x42."},
	} {
		t.Run(c.os+c.err.Error(), func(t *testing.T) {
			d, _ := inCall(t, ben)
			d.window.SetHost(ui.Host{OS: c.os})
			share := call.Share{Kind: devices.KindWindow, Label: "Terminal"}
			fail := func() { d.media.sharing = call.Sharing{Share: share, Err: fmt.Errorf("sharing: %w", c.err)} }
			if !errors.Is(c.err, devices.ErrGone) && !errors.Is(c.err, devices.ErrNotFound) && !errors.Is(c.err, devices.ErrNotAllowed) {
				fail = func() { d.media.sharing = call.Sharing{Share: share, Err: c.err} }
			}
			d.media.change(fail)
			d.settle()
			said := false
			for _, o := range d.objects() {
				a, ok := o.(fyne.Accessible)
				said = said || ok && a.AccessibilityLabel() == c.want
			}
			if !said {
				t.Fatalf("the window says %q", d.words())
			}
			d.press("Dismiss")
			d.expectNot("Dismiss")
			d.media.change(fail)
			d.expectNot("Dismiss") // it was read
		})
	}
}

// sharesScreen makes a person share, or stop.
func sharesScreen(c *fakeCall, p call.Person, on bool) {
	p.Screen = on
	c.update(p)
}

// staged is the name of what is on the stage, found as the widest of what is shared; empty when nothing is.
func (d *desk) staged() (name string) {
	d.settle()
	var widest float32
	for _, o := range d.objects() {
		a, named := o.(fyne.Accessible)
		_, double := o.(fyne.DoubleTappable)
		if named && double && o.Size().Width > widest {
			name, widest = a.AccessibilityLabel(), o.Size().Width
		}
	}
	return name
}

func TestWhatSomebodySharesIsOnTheStageUntilItEnds(t *testing.T) {
	d, c := inCall(t, ben, dora)
	if got := d.staged(); got != "" {
		t.Fatalf("%q is on the stage", got)
	}
	sharesScreen(c, ben, true)
	d.expect("Ben’s screen")
	d.expect("Waiting for the picture")
	c.Screen(ben.ID).Put(frame.New(64, 48))
	d.until("the picture", func() bool { return len(d.pictures()) == 1 })
	d.expectNot("Waiting for the picture")
	d.expect("Dora Long") // still there, beside it
	sharesScreen(c, ben, false)
	d.until("the grid", func() bool { return !d.says("Ben’s screen") && len(d.pictures()) == 0 })
}

func TestTheStageShowsTheWholePicture(t *testing.T) {
	d, c := inCall(t, ben)
	sharesScreen(c, ben, true)
	d.settle()
	c.Screen(ben.ID).Put(frame.New(400, 1000)) // much higher than the stage
	d.until("the picture", func() bool { return len(d.pictures()) == 1 })
	size := d.pictures()[0].Image.Bounds().Size()
	if ratio := float64(size.X) / float64(size.Y); ratio < 0.39 || ratio > 0.41 {
		t.Errorf("a picture of 400x1000 is shown as %v", size)
	}
}

func TestTheNewestShareIsOnTheStageUntilAnotherIsPutThere(t *testing.T) {
	d, c := inCall(t, ben, dora)
	sharesScreen(c, ben, true)
	sharesScreen(c, dora, true)
	if got := d.staged(); got != "Dora Long’s screen" {
		t.Fatalf("%q is on the stage", got)
	}
	d.win.Canvas().Focus(d.named("Ben’s screen").(fyne.Focusable))
	d.key(fyne.KeyReturn)
	if got := d.staged(); got != "Ben’s screen" {
		t.Fatalf("%q is on the stage", got)
	}
	p := dora
	p.Screen, p.Microphone = true, false
	c.update(p)
	if got := d.staged(); got != "Ben’s screen" {
		t.Errorf("an update put %q on the stage", got)
	}
	sharesScreen(c, ben, false)
	if got := d.staged(); got != "Dora Long’s screen" {
		t.Errorf("after the one on the stage ended, %q is there", got)
	}
}

func TestADoubleTapOnTheStageFillsTheScreen(t *testing.T) {
	d, c := inCall(t, ben)
	sharesScreen(c, ben, true)
	d.settle()
	test.DoubleTap(d.named("Ben’s screen").(fyne.DoubleTappable))
	if !d.win.FullScreen() {
		t.Error("the window does not fill the screen")
	}
}

func TestASharedScreenGoesWithThePerson(t *testing.T) {
	d, c := inCall(t, ben, dora)
	sharesScreen(c, ben, true)
	d.expect("Ben’s screen")
	c.leave(ben.ID, call.ReasonLeft)
	d.until("the grid", func() bool { return !d.says("Ben’s screen") })
}

func TestAnEarlierPictureIsNotShownWhenSomebodySharesAgain(t *testing.T) {
	d, c := inCall(t, ben)
	c.Screen(ben.ID).Put(frame.New(64, 48)) // of what was shared before, and came late
	sharesScreen(c, ben, true)
	d.expect("Waiting for the picture")
	c.Screen(ben.ID).Put(frame.New(32, 24))
	d.until("the picture", func() bool { return len(d.pictures()) == 1 })
	if got := d.pictures()[0].Image.Bounds().Dx(); got != 32 {
		t.Errorf("the picture is %d wide", got)
	}
}

func TestTheStripHoldsManyPeopleAndCountsTheRest(t *testing.T) {
	d, c := inCall(t, ben)
	for i := range 60 {
		c.join(call.Person{ID: fmt.Sprint("q", i), Name: fmt.Sprint("Guest ", i), State: call.PersonConnected, Camera: true, Microphone: true})
	}
	d.expect("Guest 59")
	sharesScreen(c, ben, true)
	d.until("a count", func() bool { return d.says("+") })
	d.expectNot("Guest 59")
	c.speaks("q59")
	d.expect("Guest 59") // whoever speaks is seen
	c.speaks("q58")
	d.expect("Guest 58")
	d.expectNot("Guest 59")
	sharesScreen(c, ben, false)
	d.expect("Guest 59")
	d.until("no count", func() bool { return !d.says("+") })
}

func TestASmallWindowHoldsAStage(t *testing.T) {
	d, c := inCall(t, ben, dora)
	d.media.Share(call.Share{Kind: devices.KindWindow, Label: "A window with a title that is very long indeed and goes on"})
	for _, size := range []fyne.Size{{Width: 480, Height: 360}, {Width: 360, Height: 640}} {
		d.win.Resize(size)
		sharesScreen(c, ben, true)
		d.settle()
		for _, name := range []string{"Ben’s screen", "Stop sharing", "Hang up"} {
			o := d.named(name)
			at := d.driver.AbsolutePositionForObject(o)
			if at.X < 0 || at.Y < 0 || at.X+o.Size().Width > size.Width || at.Y+o.Size().Height > size.Height {
				t.Errorf("in %v %q lies at %v, %v large", size, name, at, o.Size())
			}
		}
	}
}
