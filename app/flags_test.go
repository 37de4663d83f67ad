package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"parley/devices"
)

// parse reads a command line as Main does.
func parse(t *testing.T, args ...string) (callFlags, error) {
	t.Helper()
	var line commandLine
	parser, err := kong.New(&line)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return line.Call, err
}

func TestARoomOrALinkIsDialled(t *testing.T) {
	for _, c := range []struct {
		args []string
		want request
	}{
		{nil, request{}},
		{[]string{"standup"}, request{room: "standup"}},
		{[]string{"standup", "--join", "--name", "Ann"}, request{room: "standup", name: "Ann", join: true}},
		{[]string{"standup", "--no-window"}, request{room: "standup", join: true}},
		{[]string{"standup", "--server", "https://calls.example.org"}, request{room: "standup", server: "wss://calls.example.org/ws"}},
		{[]string{"standup", "--server", "ws://127.0.0.1:1337/ws"}, request{room: "standup", server: "ws://127.0.0.1:1337/ws"}},
		{[]string{"standup", "--server", "ws://[::1]:1337/ws"}, request{room: "standup", server: "ws://[::1]:1337/ws"}},
		{[]string{"parley://192.168.1.7:1337/standup"}, request{room: "standup", server: "ws://192.168.1.7:1337/ws"}},
		{[]string{"https://calls.example.org/standup"}, request{room: "standup", server: "wss://calls.example.org/ws"}},
	} {
		f, err := parse(t, c.args...)
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		if got, err := f.request(); err != nil || got != c.want {
			t.Errorf("%q asks for %+v (%v), want %+v", c.args, got, err, c.want)
		}
	}
}

func TestWhatCannotBeDialledIsRefusedBeforeAnythingIsOpened(t *testing.T) {
	for _, args := range [][]string{
		{"--join"},
		{"a/b"},
		{"standup", "--name", "two\nlines"},
		{"standup", "--server", "ftp://example.org"},
		{"parley://example.org"},
		{"standup", "--leave-after=-3s"},
		{"standup", "--report-every", "1ms"},
		{"standup", "--port", "70000"},
	} {
		f, err := parse(t, args...)
		if err != nil {
			t.Errorf("%q was not even parsed: %v", args, err)
			continue
		}
		if _, err := f.request(); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v, want a refusal", args, err)
		} else if strings.Contains(strings.TrimSpace(err.Error()), "\n") {
			t.Errorf("%q is refused in more than one line: %q", args, err)
		}
	}
}

func TestSizesAndServersAreReadOrRefused(t *testing.T) {
	f, err := parse(t, "--size", "640x360@15", "--ice", "stun:stun.example.org:3478", "--ice", "turn:ann:se:c,ret@turn.example.org:3478?transport=tcp", "--leave-after", "20s")
	if err != nil {
		t.Fatal(err)
	}
	if want := (size{Width: 640, Height: 360, FrameRate: 15}); f.Size != want {
		t.Errorf("size %+v, want %+v", f.Size, want)
	}
	if f.LeaveAfter != 20*time.Second {
		t.Errorf("leaves after %v", f.LeaveAfter)
	}
	if len(f.ICE) != 2 || f.ICE[1].URLs[0] != "turn:turn.example.org:3478?transport=tcp" || f.ICE[1].Username != "ann" || f.ICE[1].Credential != "se:c,ret" {
		t.Errorf("ICE servers %+v", f.ICE)
	}
	if f, err := parse(t); err != nil || f.Size != (size{Width: 1280, Height: 720, FrameRate: 30}) {
		t.Errorf("without --size the camera is asked for %+v (%v)", f.Size, err)
	}
	for _, args := range [][]string{
		{"--size", "big"},
		{"--size", "1x1@30"},
		{"--size", "99999x10"},
		{"--size", "640x360@0"},
		{"--ice", "turn:turn.example.org"},
		{"--ice", "http://x"},
		{"--ice", "stun:"},
		{"--ice", "turn:ann:secret@turn.example.org?transport=tls"},
		{"--ice", "turns:turn.example.org:5349?transport=tcp"},
		{"--ice", "stun:stun.example.org?transport=tcp"},
		{"--no-such-flag"},
		{"--leave-after", "soon"},
	} {
		if _, err := parse(t, args...); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}

func TestDevicesAreListedForPeopleAndForPrograms(t *testing.T) {
	var text, asJSON bytes.Buffer
	if err := errors.Join(listDevices(&text, devices.List, false), listDevices(&asJSON, devices.List, true)); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{devices.Pattern, devices.Tone} {
		if !strings.Contains(text.String(), source+" (test source)") {
			t.Errorf("the list does not say that %s is a test source:\n%s", source, &text)
		}
	}
	var lines []deviceLine
	if err := json.Unmarshal(asJSON.Bytes(), &lines); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text.String(), "\n") != len(lines) {
		t.Errorf("people read of %d devices, programs of %d", strings.Count(text.String(), "\n"), len(lines))
	}
}
