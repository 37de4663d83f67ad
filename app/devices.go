package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"parley/devices"
)

// deviceLine is a device in the list for programs. What does not apply is left out.
type deviceLine struct {
	Kind    devices.Kind `json:"kind"`
	Label   string       `json:"label"`
	Default bool         `json:"default"`
	Test    bool         `json:"test"`
	Error   string       `json:"error,omitempty"`   // why it cannot be opened, in words
	Reason  string       `json:"reason,omitempty"`  // the same in one word; see reasons
	Program string       `json:"program,omitempty"` // that has it
	PID     int          `json:"pid,omitempty"`     // of that program
}

// reasons are the words that stand for the ways in which a device fails, after the names of
// https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia. Scripts rely on them.
var reasons = []struct {
	err  error
	word string
}{
	{devices.ErrNotAllowed, "not-allowed"},
	{devices.ErrNotReadable, "in-use"},
	{devices.ErrOverconstrained, "overconstrained"},
	{devices.ErrGone, "gone"},
	{devices.ErrNotFound, "not-found"},
}

func reason(err error) string {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.word
		}
	}
	return ""
}

// everyKind is what the program asks the system for, in the order of the list.
var everyKind = []devices.Kind{
	devices.KindCamera, devices.KindMicrophone, devices.KindSpeaker, devices.KindScreen, devices.KindWindow,
}

// listDevices writes what there is, and for what cannot be opened, why.
func listDevices(out io.Writer, list func(devices.Kind) []devices.Device, asJSON bool) error {
	lines := []deviceLine{}
	for _, kind := range everyKind {
		for _, d := range list(kind) {
			lines = append(lines, describeDevice(d))
		}
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(lines)
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(out, "%-11s %s%s\n", l.Kind, l.name(), l.note()); err != nil {
			return err
		}
	}
	return nil
}

func describeDevice(d devices.Device) deviceLine {
	line := deviceLine{Kind: d.Kind, Label: d.Label, Default: d.Default, Test: d.Test}
	if d.Err == nil {
		return line
	}
	line.Error, line.Reason = d.Err.Error(), reason(d.Err)
	var inUse *devices.InUseError
	if errors.As(d.Err, &inUse) {
		line.Program, line.PID = inUse.Program, inUse.PID
	}
	return line
}

// name is what to call the device in a list for people.
func (l deviceLine) name() string {
	if l.Label == devices.Ask && l.Kind == devices.KindScreen {
		return "ask (the system lets you choose a screen or window)"
	}
	return l.Label
}

// note is what people should know of it.
func (l deviceLine) note() string {
	switch {
	case l.Error != "":
		return ": " + l.Error
	case l.Default:
		return " (default)"
	case l.Test:
		return " (test source)"
	}
	return ""
}
