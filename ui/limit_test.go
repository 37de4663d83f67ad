package ui_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

// selects are the fields that offer a choice, from the top.
func (d *desk) selects() []*widget.Select {
	var all []*widget.Select
	for _, o := range d.objects() {
		if s, ok := o.(*widget.Select); ok {
			all = append(all, s)
		}
	}
	return all
}

func TestSettingsLimitHowMuchACallUses(t *testing.T) {
	d := newDesk(t, ui.Options{}, func(d *desk) { d.settings.limits = call.Limits{Down: 750_000} })
	d.win.Resize(fyne.NewSize(1280, 1000))
	d.press("Settings")
	d.expect("Send at most No limit")
	d.expect("Receive at most 750 kbit/s · 338 MB/h") // which somebody wrote into the file
	d.selects()[0].SetSelected("500 kbit/s · 225 MB/h")
	d.selects()[1].SetSelected("2 Mbit/s · 900 MB/h")
	if d.settings.limits != (call.Limits{Down: 750_000}) {
		t.Error("it is changed before it is saved")
	}
	d.press("Save")
	want := call.Limits{Up: 500_000, Down: 2_000_000}
	if d.settings.limits != want {
		t.Errorf("remembered is %+v, want %+v", d.settings.limits, want)
	}
}

// settingsInCall opens the settings from the menu of one of the call's buttons.
func settingsInCall(t *testing.T, button string) (*desk, *fakeCall) {
	d, c := inCall(t, ben)
	d.win.Resize(fyne.NewSize(1280, 1000))
	d.press(button)
	d.choose("Settings…")
	d.expect("Send at most No limit")
	return d, c
}

func TestALimitThatIsChangedInMidCallHoldsAtOnce(t *testing.T) {
	d, c := settingsInCall(t, "Choose microphone and speaker")
	d.selects()[0].SetSelected("500 kbit/s · 225 MB/h")
	d.key(fyne.KeyM) // into the field of the server
	if !d.media.Choice(devices.KindMicrophone).On {
		t.Error("what is typed into a field mutes the microphone")
	}
	if len(c.limits) != 0 {
		t.Error("the call is limited before that is saved")
	}
	d.press("Save")
	if want := []call.Limits{{Up: 500_000}}; !slices.Equal(c.limits, want) || d.settings.limits != want[0] {
		t.Errorf("the call was limited to %+v, and remembered is %+v, want %+v", c.limits, d.settings.limits, want)
	}
	d.key(fyne.KeyM)
	if d.media.Choice(devices.KindMicrophone).On {
		t.Error("keys are not the call's again")
	}
}

func TestTheSettingsCloseWithTheirCall(t *testing.T) {
	d, _ := settingsInCall(t, "Choose a camera")
	d.press("Hang up")
	d.expectNot("Send at most")
}

func TestSettingsLookAsTheyShould(t *testing.T) {
	for _, theme := range []ui.Theme{ui.ThemeDark, ui.ThemeLight} {
		t.Run(string(theme), func(t *testing.T) {
			d := newDesk(t, ui.Options{}, func(d *desk) { d.settings.theme = theme })
			d.win.Resize(fyne.NewSize(1280, 800))
			d.press("Settings")
			d.photograph("settings-"+string(theme)+"-1x", fyne.NewSize(1280, 800), 1)
			d.legible("settings-"+string(theme)+"-1x", "Data saver Send at most No limit Receive at most")
		})
	}
}
