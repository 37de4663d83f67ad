package ui_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

func TestPermissionIsExplainedForEverySystem(t *testing.T) {
	denied := call.Choice{On: true, Err: fmt.Errorf("opening: %w", devices.ErrNotAllowed)}
	linux := ui.Host{OS: "linux"}
	for name, c := range map[string]struct {
		host     ui.Host
		kind     devices.Kind
		why      string
		command  string
		settings string
	}{
		"linux, camera": {linux, devices.KindCamera, "Your account is not in the group video. Run sudo usermod -aG video ann and log in again.", "sudo usermod -aG video ann", ""},
		"linux, sound":  {linux, devices.KindMicrophone, "Your account is not in the group audio. Run sudo usermod -aG audio ann and log in again.", "sudo usermod -aG audio ann", ""},
		"linux, in the group since the log-in": {
			ui.Host{OS: "linux", Member: ui.MemberLater},
			devices.KindCamera,
			"Your account came into the group video after you logged in. Log out and in again.", "", "",
		},
		"linux, in the group": {
			ui.Host{OS: "linux", Member: ui.Member},
			devices.KindCamera,
			"Your account may not use it, though it is in the group video: the device does not let that group in. " +
				"Run sudo chgrp video /dev/video* && sudo chmod g+rw /dev/video*, then try again.",
			"sudo chgrp video /dev/video* && sudo chmod g+rw /dev/video*", "",
		},
		"flatpak": {
			ui.Host{OS: "linux", Sandbox: "flatpak"},
			devices.KindCamera,
			"Allow it in your system's settings, Applications, Parley, then try again.", "", "",
		},
		"snap": {
			ui.Host{OS: "linux", Sandbox: "snap"},
			devices.KindMicrophone,
			"Allow it in your system's settings, Applications, Parley, or run sudo snap connect parley:audio-record, then try again.",
			"sudo snap connect parley:audio-record", "",
		},
		"macOS, camera": {
			ui.Host{OS: "darwin"},
			devices.KindCamera, "Allow it in System Settings, Privacy & Security, Camera, then try again.", "",
			"x-apple.systempreferences:com.apple.preference.security?Privacy_Camera",
		},
		"macOS, microphone": {
			ui.Host{OS: "darwin"},
			devices.KindMicrophone, "Allow it in System Settings, Privacy & Security, Microphone, then try again.", "",
			"x-apple.systempreferences:com.apple.preference.security?Privacy_Microphone",
		},
		"macOS, speaker": {ui.Host{OS: "darwin"}, devices.KindSpeaker, "The system keeps it from Parley.", "", ""},
		"Windows, camera": {
			ui.Host{OS: "windows"}, devices.KindCamera, "Allow desktop apps in Settings, Privacy & security, Camera, then try again.", "", "ms-settings:privacy-webcam",
		},
		"Windows, microphone": {
			ui.Host{OS: "windows"}, devices.KindMicrophone, "Allow desktop apps in Settings, Privacy & security, Microphone, then try again.", "", "ms-settings:privacy-microphone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, bad := c.host.Explain(c.kind, denied)
			want := ui.Explanation{
				What: "Parley may not use the " + string(c.kind) + ".", Why: c.why, Short: "Not allowed", Command: c.command, Settings: c.settings,
			}
			if !bad || got != want {
				t.Errorf("\ngot  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestADeviceThatAnotherProgramUsesIsToldWithThatProgram(t *testing.T) {
	taken := fmt.Errorf("opening: %w", &devices.InUseError{Program: "cheese", PID: 4242, Err: errors.New("EBUSY")})
	got, _ := ui.Host{OS: "linux"}.Explain(devices.KindCamera, call.Choice{On: true, Label: "Webcam", Err: taken})
	if got.What != "“Webcam” is used by cheese (process 4242)." || got.Short != "Used by cheese" || !strings.Contains(got.Why, "Close that program") {
		t.Errorf("%+v", got)
	}
	got, _ = ui.Host{OS: "linux"}.Explain(devices.KindCamera, call.Choice{On: true, Err: taken})
	if got.What != "The camera is used by cheese (process 4242)." {
		t.Errorf("of the system's choice: %q", got.What)
	}
}

func TestAFallbackSaysWhatIsUsedAndUntilWhen(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{devices.ErrNotFound, "“HD Webcam” is not connected; using “Integrated Camera” until it is back."},
		{devices.ErrGone, "“HD Webcam” is not connected; using “Integrated Camera” until it is back."},
		{devices.ErrNotReadable, "“HD Webcam” is busy; using “Integrated Camera” until it is free."},
		{&devices.InUseError{Program: "cheese", PID: 1}, "“HD Webcam” is used by cheese; using “Integrated Camera” until it is free."},
		{devices.ErrNotAllowed, "Parley may not use “HD Webcam”; using “Integrated Camera” instead."},
		{errors.New("error 0x42"), "“HD Webcam” does not start; using “Integrated Camera” instead."},
	} {
		choice := call.Choice{On: true, Open: true, Label: "HD Webcam", Using: "Integrated Camera", Err: c.err}
		got, bad := ui.Host{OS: "linux"}.Explain(devices.KindCamera, choice)
		if !bad || got.What != c.want || got.Short != "Integrated Camera" {
			t.Errorf("%v: %+v, want %q", c.err, got, c.want)
		}
	}
}

func TestADeviceThatIsOffOrNoneHasNoTrouble(t *testing.T) {
	for _, choice := range []call.Choice{
		{On: true, Open: true},
		{On: false, Err: devices.ErrGone},
		{On: true, Label: devices.None, Err: devices.ErrGone},
	} {
		if words, bad := (ui.Host{OS: "linux"}).Explain(devices.KindCamera, choice); bad {
			t.Errorf("%+v: %q", choice, words.What)
		}
	}
}

func TestJoinPromisesAPictureFromACameraThatStandsIn(t *testing.T) {
	instead := call.Choice{On: true, Open: true, Label: "HD Webcam", Using: "Integrated Camera", Err: devices.ErrGone}
	if got := ui.JoinText(instead, call.Choice{On: true, Open: true}); got != "Join" {
		t.Errorf("%q", got)
	}
}
