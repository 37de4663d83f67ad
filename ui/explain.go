package ui

import (
	"errors"
	"fmt"

	"parley/call"
	"parley/devices"
)

// ownKinds are the devices of the own side that a call is made of.
var ownKinds = []devices.Kind{devices.KindCamera, devices.KindMicrophone, devices.KindSpeaker}

// trouble is what the user reads about a device that does not work: what happened, why, and the way out.
type trouble struct {
	what  string // "Parley may not use the camera."
	why   string // the cause, and what to do; empty when what says it all
	short string // for the picker: "Not allowed"
	mild  bool   // another device stands in: nothing is missing from the call
	wayOut
}

// wayOut is what helps beside trying again; both may be empty.
type wayOut struct {
	command  string // to be copied
	settings string // the address of the page of the system's settings, to be opened
}

// explain says in words why a device does not work, or that another one stands in for it. False when nothing is wrong.
func (h host) explain(kind devices.Kind, choice call.Choice) (trouble, bool) {
	if choice.Err == nil || !choice.On || choice.Label == devices.None {
		return trouble{}, false
	}
	if choice.Fallback() {
		return h.fallback(kind, choice), true
	}
	if choice.Label == devices.Default && errors.Is(choice.Err, devices.ErrNotFound) {
		return trouble{
			what: "No " + string(kind) + " was found.", short: "None found",
			why: "Plug one in, then try again.",
		}, true
	}
	return h.failure(kind, named(kind, choice.Label), choice.Err), true
}

// failure says why a device, called by its name, does not run.
func (h host) failure(kind devices.Kind, name string, err error) trouble {
	the := "the " + string(kind)
	var inUse *devices.InUseError
	switch {
	case errors.Is(err, devices.ErrNotAllowed):
		t := trouble{what: "Parley may not use " + the + ".", short: "Not allowed"}
		t.why, t.wayOut = h.permission(kind)
		return t
	case errors.Is(err, devices.ErrNotFound):
		return trouble{
			what: capital(name) + " is not there.", short: "Not connected",
			why: "Plug it in, then try again, or choose another one.",
		}
	case errors.As(err, &inUse):
		return trouble{
			what: fmt.Sprintf("%s is used by %s (process %d).", capital(name), inUse.Program, inUse.PID), short: "Used by " + inUse.Program,
			why: "Close that program, then try again, or choose another one.",
		}
	case errors.Is(err, devices.ErrNotReadable):
		return trouble{
			what: capital(the) + " is busy.", short: "Busy",
			why: "Another program uses " + name + ", or the system could not start it. Close that program, then try again.",
		}
	case errors.Is(err, devices.ErrOverconstrained):
		return trouble{
			what: capital(the) + " cannot do what was asked of it.", short: "Not suitable",
			why: "It does not offer the size or the rate that Parley was told to use. Choose another one.",
		}
	case errors.Is(err, devices.ErrGone):
		return trouble{
			what: capital(the) + " was unplugged.", short: "Unplugged",
			why: "Plug " + name + " in again, or choose another one.",
		}
	}
	return trouble{
		what: capital(the) + " did not start.", short: "Does not start",
		why: fmt.Sprintf("The system said: %v. Try again, or choose another one.", err),
	}
}

// fallback says which device stands in, and until when.
func (h host) fallback(kind devices.Kind, choice call.Choice) trouble {
	name, using := capital(named(kind, choice.Label)), named(kind, choice.Using)
	t := trouble{short: deviceName(kind, choice.Using), mild: true}
	var inUse *devices.InUseError
	switch {
	case errors.Is(choice.Err, devices.ErrNotFound), errors.Is(choice.Err, devices.ErrGone):
		t.what = fmt.Sprintf("%s is not connected; using %s until it is back.", name, using)
	case errors.As(choice.Err, &inUse):
		t.what = fmt.Sprintf("%s is used by %s; using %s until it is free.", name, inUse.Program, using)
	case errors.Is(choice.Err, devices.ErrNotReadable):
		t.what = fmt.Sprintf("%s is busy; using %s until it is free.", name, using)
	case errors.Is(choice.Err, devices.ErrNotAllowed):
		t.what = fmt.Sprintf("Parley may not use %s; using %s instead.", named(kind, choice.Label), using)
		t.why, t.wayOut = h.permission(kind)
	default:
		t.what = fmt.Sprintf("%s does not start; using %s instead.", name, using)
	}
	return t
}

// change is what to tell in a call when a choice became another by itself; empty when there is nothing to tell.
func (h host) change(kind devices.Kind, before, now call.Choice) string {
	t, bad := h.explain(kind, now)
	was, wasBad := h.explain(kind, before)
	same := before.Label == now.Label && before.On && now.On
	switch {
	case !bad && wasBad && same && now.Open:
		return capital(named(kind, now.Label)) + " is back."
	case !bad || t == was:
		return ""
	case t.mild && before.Open && before.Err == nil && same && errors.Is(now.Err, devices.ErrGone):
		return fmt.Sprintf("%s unplugged. Using %s meanwhile.", capital(string(kind)), named(kind, now.Using))
	case t.why == "":
		return t.what
	}
	return t.what + " " + t.why
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

// named is what a device is called within a sentence: by its name, if it has one.
func named(kind devices.Kind, label string) string {
	if label == devices.Default {
		return "the " + string(kind)
	}
	return "“" + deviceName(kind, label) + "”"
}

// systemDefault is what the system's choice is called where it is known which device that is.
func systemDefault(kind devices.Kind, label string) string {
	name := deviceName(kind, devices.Default)
	if label != "" {
		name += ": " + deviceName(kind, label)
	}
	return name
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
func willSend(c call.Choice) bool {
	return c.On && c.Label != devices.None && (c.Err == nil || c.Fallback())
}

// failed says whether a device that the user wants does not run, and no other one stands in.
func failed(c call.Choice) bool {
	return c.On && c.Label != devices.None && c.Err != nil && !c.Open
}
