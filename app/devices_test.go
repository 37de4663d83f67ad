package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"parley/devices"
)

// someDevices is a machine with one device of each fate.
func someDevices(kind devices.Kind) []devices.Device {
	wrap := func(err error) error { return fmt.Errorf("camera: %w (what the driver said)", err) }
	if kind == devices.KindScreen {
		return []devices.Device{{Kind: kind, Label: devices.Ask}}
	}
	if kind != devices.KindCamera {
		return nil
	}
	return []devices.Device{
		{Kind: kind, Label: "fine", Default: true},
		{Kind: kind, Label: "forbidden", Err: wrap(devices.ErrNotAllowed)},
		{Kind: kind, Label: "taken", Err: wrap(&devices.InUseError{Program: "cheese", PID: 4711, Err: errors.New("busy")})},
		{Kind: kind, Label: "odd", Err: wrap(devices.ErrOverconstrained)},
		{Kind: kind, Label: "pulled", Err: wrap(devices.ErrGone)},
		{Kind: kind, Label: "missing", Err: wrap(devices.ErrNotFound)},
	}
}

func TestTheListForProgramsHasAStableReasonForEachDevice(t *testing.T) {
	var out bytes.Buffer
	if err := listDevices(&out, someDevices, true); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	reasons := map[string]any{}
	for _, d := range got {
		reasons[d["label"].(string)] = d["reason"]
		if (d["error"] == nil) != (d["reason"] == nil) {
			t.Errorf("a reason without words, or words without: %v", d)
		}
		if d["label"] == "taken" && (d["program"] != "cheese" || d["pid"] != 4711.0) {
			t.Errorf("who has the camera: %v", d)
		}
	}
	want := map[string]any{
		"fine": nil, "ask": nil, "forbidden": "not-allowed", "taken": "in-use", "odd": "overconstrained", "pulled": "gone", "missing": "not-found",
	}
	if !reflect.DeepEqual(reasons, want) {
		t.Errorf("reasons %v, want %v", reasons, want)
	}
}

func TestTheListForPeopleSaysWhoHasADeviceInOneLine(t *testing.T) {
	var out bytes.Buffer
	if err := listDevices(&out, someDevices, false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 7 || !strings.Contains(lines[2], "taken") || !strings.Contains(lines[2], "cheese") {
		t.Errorf("the list:\n%s", &out)
	}
}
