package ui_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
	"parley/ui"
)

func TestTheLobbyBeginsWithWhatWasDialledLast(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	if fields := d.entries(); fields[0].Text != "standup" || fields[1].Text != "Ann" {
		t.Errorf("room %q, name %q", fields[0].Text, fields[1].Text)
	}
}

func TestTheFirstLobbyMakesUpARoomAndAsksForAName(t *testing.T) {
	d := newDesk(t, ui.Options{}, func(d *desk) { d.settings.room, d.settings.name = "", "" })
	fields := d.entries()
	if fields[0].Text == "" {
		t.Error("there is no room to dial")
	}
	if d.focused() != fields[1] {
		t.Error("the name does not have the focus")
	}
}

func TestWhatTheCommandLineSaysGoesBeforeWhatIsRemembered(t *testing.T) {
	d := newDesk(t, ui.Options{Room: "family", Name: "Bo"}, nil)
	if fields := d.entries(); fields[0].Text != "family" || fields[1].Text != "Bo" {
		t.Errorf("room %q, name %q", fields[0].Text, fields[1].Text)
	}
}

func TestJoinDialsTheRoomUnderTheName(t *testing.T) {
	for how, join := range map[string]func(*desk){
		"the button":          func(d *desk) { d.press("Join") },
		"Enter in the room":   func(d *desk) { d.win.Canvas().Focus(d.entries()[0]); d.key(fyne.KeyReturn) },
		"Enter in the name":   func(d *desk) { d.win.Canvas().Focus(d.entries()[1]); d.key(fyne.KeyEnter) },
		"Enter without focus": func(d *desk) { d.win.Canvas().Unfocus(); d.key(fyne.KeyReturn) },
	} {
		t.Run(how, func(t *testing.T) {
			d := newDesk(t, ui.Options{}, nil)
			d.entries()[0].SetText("  family ")
			join(d)
			if want := []ui.Request{{Room: "family", Name: "Ann"}}; !slices.Equal(d.dialer.asked, want) {
				t.Fatalf("dialled %v", d.dialer.asked)
			}
			if d.settings.room != "family" {
				t.Errorf("remembered is %q", d.settings.room)
			}
			d.expect("Joining family")
		})
	}
}

func TestJoinAtOnceDialsWithoutAKeyPressed(t *testing.T) {
	d := newDesk(t, ui.Options{Room: "family", Join: true}, nil)
	d.expect("Joining family")
}

func TestBadInputIsExplainedAtItsField(t *testing.T) {
	d := newDesk(t, ui.Options{}, func(d *desk) { d.dialer.err = errors.New("a room's name has no spaces") })
	d.press("Join")
	d.expect("A room's name has no spaces.")
	d.entries()[0].SetText("another")
	d.expectNot("A room's name has no spaces.")

	d.dialer.err = &ui.FieldError{Field: ui.FieldName, Err: errors.New("the name is too long")}
	d.press("Join")
	d.expect("The name is too long.")
	if d.focused() != d.entries()[1] {
		t.Error("the field that is wrong does not have the focus")
	}
}

func TestAnEmptyFieldIsNotDialled(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.entries()[1].SetText(" ")
	d.press("Join")
	d.expect("Type a name, so that others know who you are.")
	d.entries()[0].SetText("")
	d.press("Join")
	d.expect("Type the name of a room, or take a new one.")
	if len(d.dialer.asked) != 0 {
		t.Errorf("dialled %v", d.dialer.asked)
	}
}

func TestNewMakesUpARoom(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.press("New room name")
	if room := d.entries()[0].Text; room == "standup" || room == "" {
		t.Errorf("the room is %q", room)
	}
}

func TestARecentRoomIsOnePressAway(t *testing.T) {
	d := newDesk(t, ui.Options{}, func(d *desk) {
		d.settings.recent = []ui.Recent{{Room: "book club", At: time.Now(), Duration: time.Hour}}
	})
	d.expect("today, 1 h 0 min")
	d.press("book club")
	if room := d.entries()[0].Text; room != "book club" {
		t.Errorf("the room is %q", room)
	}
}

func TestJoinSaysWhatItWillDo(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.media.set(devices.KindCamera, call.Choice{On: true, Err: devices.ErrNotFound})
	d.expect("Join with sound only")
	d.media.Switch(devices.KindMicrophone, false)
	d.expect("Join to watch and listen")
	d.media.set(devices.KindCamera, call.Choice{On: true, Open: true})
	d.expect("Join with picture only")
	d.media.Switch(devices.KindMicrophone, true)
	d.until("plain Join", func() bool { return !d.says("Join with") && !d.says("Join to") })
}

func TestEveryWayADeviceFailsIsANoteWithItsWayOut(t *testing.T) {
	for _, failure := range []error{
		devices.ErrNotAllowed, devices.ErrNotFound, devices.ErrNotReadable, devices.ErrOverconstrained, devices.ErrGone,
		errors.New("error 0x42"),
	} {
		for _, kind := range []devices.Kind{devices.KindCamera, devices.KindMicrophone, devices.KindSpeaker} {
			t.Run(fmt.Sprintf("%s/%v", kind, failure), func(t *testing.T) {
				choice := call.Choice{Label: "Thing", On: true, Err: fmt.Errorf("opening: %w", failure)}
				words, _ := ui.Host{OS: "linux"}.Explain(kind, choice)
				what := words.What
				d := newDesk(t, ui.Options{}, nil)
				d.win.Resize(fyne.NewSize(1280, 800))
				d.expectNot(what)
				d.media.set(kind, choice)
				d.expect(what)
				d.press("Try the " + string(kind) + " again")
				if want := []string{string(kind) + "=Thing"}; !slices.Equal(d.media.uses(), want) {
					t.Errorf("trying again used %q", d.media.uses())
				}
				d.expectNot(what)
			})
		}
	}
}

func TestTheCommandThatHelpsCanBeCopied(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.window.SetHost(ui.Host{OS: "linux"})
	d.media.set(devices.KindMicrophone, call.Choice{On: true, Err: devices.ErrNotAllowed})
	d.press("Copy command")
	if got := d.Clipboard().Content(); got != "sudo usermod -aG audio ann" {
		t.Errorf("the clipboard has %q", got)
	}
	d.expect("Copied")
}

func TestTheSystemsSettingsAreOnePressAway(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.window.SetHost(ui.Host{OS: "darwin"})
	d.media.set(devices.KindCamera, call.Choice{On: true, Err: devices.ErrNotAllowed})
	d.press("Open settings")
	if want := []string{"x-apple.systempreferences:com.apple.preference.security?Privacy_Camera"}; !slices.Equal(d.opened, want) {
		t.Errorf("opened %q", d.opened)
	}
	d.openErr = errors.New("no such program")
	d.press("Open settings")
	d.expect("The settings did not open")
}

func TestADeviceThatStandsInIsToldForAsLongAsItDoes(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Resize(fyne.NewSize(1280, 800))
	d.media.set(devices.KindCamera, call.Choice{On: true, Open: true, Label: "HD Webcam", Using: "Integrated Camera", Err: devices.ErrNotFound})
	d.expect("“HD Webcam” is not connected; using “Integrated Camera” until it is back.")
	d.expectNot("You can join without it.")
	d.named("Camera: Integrated Camera")
	d.named("Join") // with a picture
	d.press("Try the camera again")
	d.expectNot("is not connected")
}

func TestThePickerNamesTheSystemsChoice(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.media.set(devices.KindSpeaker, call.Choice{On: true, Open: true, Using: "Built-in Audio"})
	d.settle()
	d.named("Speaker: System default: Built-in Audio")
}

func TestPickersListWhatIsThereAndTestSourcesUnderTheirHeading(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.press("Camera: System default")
	want := []string{"System default", "Webcam", "Taken (busy)", "Test sources", "Test pattern", "No camera"}
	if got := d.menu(); !slices.Equal(got, want) {
		t.Fatalf("the menu has %q", got)
	}
	d.choose("Test pattern")
	if want := []string{"camera=pattern"}; !slices.Equal(d.media.uses(), want) {
		t.Errorf("used %q", d.media.uses())
	}
	d.expect("Test pattern")
}

func TestAPickerOpensFromTheKeyboard(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Canvas().Focus(d.named("Speaker: System default").(fyne.Focusable))
	d.key(fyne.KeyDown)
	if got := d.menu(); !slices.Contains(got, "Headphones") {
		t.Errorf("the menu has %q", got)
	}
}

func TestTheRoundButtonsMuteAndCloseTheCamera(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.press("Mute the microphone")
	d.press("Turn the camera off")
	if d.media.Choice(devices.KindMicrophone).On || d.media.Choice(devices.KindCamera).On {
		t.Fatal("a device is still on")
	}
	d.press("Unmute the microphone")
	d.press("Turn the camera on")
	if !d.media.Choice(devices.KindMicrophone).On || !d.media.Choice(devices.KindCamera).On {
		t.Fatal("a device is still off")
	}
}

func TestNoDeviceBecomesTheSystemsWhenSwitchedOn(t *testing.T) {
	d := newDesk(t, ui.Options{}, func(d *desk) {
		d.media.choices[devices.KindCamera] = call.Choice{Label: devices.None, On: true}
	})
	d.expect("Others will see your initials")
	d.press("Turn the camera on")
	if c := d.media.Choice(devices.KindCamera); c.Label != devices.Default || !c.On {
		t.Errorf("the camera is %+v", c)
	}
}

func TestThePreviewShowsTheOwnPictureUntilTheCameraIsOff(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Resize(fyne.NewSize(1280, 800))
	d.media.self.Put(frame.New(64, 36))
	d.until("a picture", func() bool { return len(d.pictures()) == 1 })
	d.press("Turn the camera off")
	d.until("no picture", func() bool { return len(d.pictures()) == 0 })
	d.expect("Others will see your initials")
}

func TestTheHeaderSaysWhichServerIsUsed(t *testing.T) {
	d := newDesk(t, ui.Options{}, func(d *desk) { d.dialer.address = "192.168.1.7:1337" })
	d.win.Resize(fyne.NewSize(1280, 800))
	d.expect("Runs here, no server needed")
	d.press("Copy the address that others dial, 192.168.1.7:1337")
	if got := d.Clipboard().Content(); got != "192.168.1.7:1337" {
		t.Errorf("the clipboard has %q", got)
	}
	d.expect("Address copied")
}

func TestSettingsChangeTheServerAndTheTheme(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Resize(fyne.NewSize(1280, 800))
	d.press("Settings")
	server := func() { d.entries()[len(d.entries())-1].SetText("nonsense") }
	server()
	d.press("Save")
	d.expect("That is no address of a server.")
	d.entries()[len(d.entries())-1].SetText("wss://calls.example.org/ws")
	d.press("Light")
	d.press("Save")
	d.expect("calls.example.org")
	if d.dialer.server != "wss://calls.example.org/ws" || d.settings.theme != ui.ThemeLight {
		t.Errorf("server %q, theme %q", d.dialer.server, d.settings.theme)
	}
	if n := len(d.win.Canvas().Overlays().List()); n != 0 {
		t.Errorf("%d dialogs are still open", n)
	}
}

func TestSettingsChangeWhatIsDoneToTheSound(t *testing.T) {
	d := newDesk(t, ui.Options{}, func(d *desk) {
		d.settings.sound = ui.Sound{Processing: call.Processing{Echo: true, Noise: true, Gain: true}}
	})
	d.press("Settings")
	for _, words := range []string{"Take out noise", "Even out loudness", "Music: in stereo, and nothing of the above", "A sound when somebody comes or goes"} {
		test.Tap(d.check(words))
	}
	if d.settings.sound.Signals {
		t.Error("it is changed before it is saved")
	}
	d.press("Save")
	want := ui.Sound{Processing: call.Processing{Echo: true, Music: true}, Signals: true}
	if d.settings.sound != want || d.media.processing != want.Processing {
		t.Errorf("remembered is %+v, and in use %+v, want %+v", d.settings.sound, d.media.processing, want)
	}
}

func TestCancelLeavesTheSettingsAlone(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.press("Settings")
	test.Tap(d.check("Take out noise"))
	d.entries()[len(d.entries())-1].SetText("wss://elsewhere.example.org/ws")
	d.press("Light")
	d.press("Cancel")
	if d.dialer.server != "" || d.settings.theme != ui.ThemeDark || d.settings.sound != (ui.Sound{}) {
		t.Errorf("server %q, theme %q, sound %+v", d.dialer.server, d.settings.theme, d.settings.sound)
	}
}

func TestTabReachesEverythingInTheLobby(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	reached := map[string]bool{}
	for range 40 {
		d.win.Canvas().FocusNext()
		if a, ok := d.win.Canvas().Focused().(fyne.Accessible); ok {
			reached[a.AccessibilityLabel()] = true
		}
	}
	for _, name := range []string{
		"Settings", "Mute the microphone", "Turn the camera off", "Camera: System default",
		"Microphone: System default", "Speaker: System default", "New room name", "Join",
	} {
		if !reached[name] {
			t.Errorf("Tab never reaches %q", name)
		}
	}
}

func TestASmallWindowStacksTheLobbyAndScrolls(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Resize(fyne.NewSize(480, 360))
	d.settle()
	join := d.named("Join")
	at := d.driver.AbsolutePositionForObject(join)
	if at.X < 0 || at.X+join.Size().Width > 480 {
		t.Errorf("Join lies at %v, %v wide, outside of the window", at, join.Size().Width)
	}
	if least := d.win.Content().MinSize(); least.Width > 480 || least.Height > 360 {
		t.Errorf("the lobby wants at least %v", least)
	}
}

func TestACameraThatIsOpenBeforeTheWindowWatchesIsShown(t *testing.T) {
	d := newDesk(t, ui.Options{}, func(d *desk) {
		d.media.set(devices.KindCamera, call.Choice{On: true, Opening: true})
		d.media.onWatch = func() { d.media.set(devices.KindCamera, call.Choice{On: true, Open: true}) }
	})
	d.until("a camera that is not starting", func() bool { return !d.says("Starting the camera") })
}

func TestTheMeterFollowsTheMicrophone(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.win.Resize(fyne.NewSize(1280, 800))
	look := func() string { return test.RenderObjectToMarkup(d.win.Content()) }
	before := look()
	d.media.setLevels(0.5, 0)
	d.until("a longer faint bar", func() bool { return look() != before })
	before = look()
	d.media.setLevels(0.5, 0.4)
	d.until("a longer bar of what others hear", func() bool { return look() != before })
}

// enter presses the key in the field that has the focus, in which the cursor blinks.
func (d *desk) enter() {
	d.t.Helper()
	if n := len(d.driver.animations); n != 1 {
		d.t.Fatalf("%d cursors blink in the fields, want 1", n)
	}
	d.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	d.settle()
}

func TestNoCursorBlinksInAFieldThatIsGone(t *testing.T) {
	for name, enter := range map[string]func(*desk){
		"of the lobby":    func(d *desk) { d.enter(); d.expect("Joining standup") },
		"of the settings": func(d *desk) { d.press("Settings"); d.enter() },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, ui.Options{}, nil)
			enter(d)
			if n := len(d.driver.animations); n != 0 {
				t.Errorf("%d go on", n)
			}
		})
	}
}
