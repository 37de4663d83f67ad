package app

import (
	"encoding/json"
	"fmt"
	"io"

	"parley/devices"
)

// deviceLine is a device in the list for programs.
type deviceLine struct {
	Kind    devices.Kind `json:"kind"`
	Label   string       `json:"label"`
	Default bool         `json:"default"`
	Test    bool         `json:"test"`
	Error   string       `json:"error,omitempty"`
}

// listDevices writes what there is, and for what cannot be opened, why.
func listDevices(out io.Writer, asJSON bool) error {
	lines := []deviceLine{}
	for _, kind := range []devices.Kind{devices.KindCamera, devices.KindMicrophone, devices.KindSpeaker} {
		for _, d := range devices.List(kind) {
			line := deviceLine{Kind: d.Kind, Label: d.Label, Default: d.Default, Test: d.Test}
			if d.Err != nil {
				line.Error = d.Err.Error()
			}
			lines = append(lines, line)
		}
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(lines)
	}
	for _, l := range lines {
		note := ""
		switch {
		case l.Error != "":
			note = ": " + l.Error
		case l.Default:
			note = " (default)"
		case l.Test:
			note = " (test source)"
		}
		if _, err := fmt.Fprintf(out, "%-11s %s%s\n", l.Kind, l.Label, note); err != nil {
			return err
		}
	}
	return nil
}
