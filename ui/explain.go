package ui

import (
	"errors"
	"fmt"

	"parley/call"
	"parley/devices"
)

// trouble is what the user reads about a device that does not work: what happened, why, and the way out.
type trouble struct {
	what    string // "Parley may not use the camera."
	why     string // the cause, and what to do
	command string // to be copied; empty when there is none
	short   string // for the picker: "Not allowed"
}

// host is what explanations need to know of this machine.
type host struct {
	os   string // as runtime.GOOS
	user string // the account's name
}

// explain says in words why a device does not work. False when nothing is wrong.
func (h host) explain(kind devices.Kind, choice call.Choice) (trouble, bool) {
	if choice.Err == nil || !choice.On || choice.Label == devices.None {
		return trouble{}, false
	}
	the := "the " + string(kind)
	named := the
	if name := deviceName(kind, choice.Label); choice.Label != devices.Default {
		named = "“" + name + "”"
	}
	switch err := choice.Err; {
	case errors.Is(err, devices.ErrNotAllowed):
		t := trouble{what: "Parley may not use " + the + ".", short: "Not allowed"}
		t.why, t.command = h.permission(kind)
		return t, true
	case errors.Is(err, devices.ErrNotFound):
		if choice.Label == devices.Default {
			return trouble{
				what: "No " + string(kind) + " was found.", short: "None found",
				why: "Plug one in and try again.",
			}, true
		}
		return trouble{
			what: capital(named) + " is not there.", short: "Not connected",
			why: "Plug it in and try again, or choose another one below.",
		}, true
	case errors.Is(err, devices.ErrNotReadable):
		return trouble{
			what: capital(the) + " is busy.", short: "Busy",
			why: "Another program uses " + named + ", or the system could not start it. Close that program and try again.",
		}, true
	case errors.Is(err, devices.ErrOverconstrained):
		return trouble{
			what: capital(the) + " cannot do what was asked of it.", short: "Not suitable",
			why: "It does not offer the size or the rate that Parley was told to use. Choose another one below.",
		}, true
	case errors.Is(err, devices.ErrGone):
		return trouble{
			what: capital(the) + " was unplugged.", short: "Unplugged",
			why: "Plug " + named + " in again and try again, or choose another one below.",
		}, true
	default:
		return trouble{
			what: capital(the) + " did not start.", short: "Does not start",
			why: fmt.Sprintf("The system said: %v. Try again, or choose another one below.", err),
		}, true
	}
}

// permission says how to be allowed to use a kind of device.
func (h host) permission(kind devices.Kind) (why, command string) {
	switch h.os {
	case "darwin":
		return fmt.Sprintf("Allow it in System Settings, Privacy & Security, %s, then try again.", capital(string(kind))), ""
	case "windows":
		return fmt.Sprintf("Allow desktop apps in Settings, Privacy & security, %s, then try again.", capital(string(kind))), ""
	}
	group := "audio"
	if kind == devices.KindCamera {
		group = "video"
	}
	command = fmt.Sprintf("sudo usermod -aG %s %s", group, h.user)
	return fmt.Sprintf("Your account is not in the group %s. Run %s and log in again.", group, command), command
}

// consequence says what a call is without that device.
func consequence(kind devices.Kind) string {
	if kind == devices.KindSpeaker {
		return "You can join, but will hear nobody."
	}
	return "You can join without it."
}

// deviceName is what a label is called on the screen.
func deviceName(kind devices.Kind, label string) string {
	switch label {
	case devices.Default:
		return "System default"
	case devices.None:
		return "No " + string(kind)
	case devices.Pattern:
		return "Test pattern"
	case devices.Tone:
		return "Test tones"
	}
	return label
}

// joinText says what Join will do, given how camera and microphone are.
func joinText(camera, microphone call.Choice) string {
	switch picture, sound := willSend(camera), willSend(microphone); {
	case picture && sound:
		return "Join"
	case sound:
		return "Join with sound only"
	case picture:
		return "Join with picture only"
	}
	return "Join to watch and listen"
}

// willSend says whether others will get something from a device. One that is being opened is expected to open.
func willSend(c call.Choice) bool { return c.On && c.Err == nil && c.Label != devices.None }
