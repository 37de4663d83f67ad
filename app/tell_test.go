package app

import (
	"fmt"
	"slices"
	"testing"

	"parley/call"
	"parley/devices"
)

// toldMedia is what a teller is shown.
type toldMedia struct {
	camera  call.Choice
	sharing call.Sharing
}

func (m *toldMedia) Choice(kind devices.Kind) call.Choice {
	if kind == devices.KindCamera {
		return m.camera
	}
	return call.Choice{}
}

func (m *toldMedia) Sharing() call.Sharing { return m.sharing }

func TestWhatBecomesOfADeviceIsToldInOneLineEach(t *testing.T) {
	gone := fmt.Errorf("camera %q: %w", "front", devices.ErrGone)
	denied := fmt.Errorf("camera %q: %w", "front", devices.ErrNotAllowed)
	front := call.Choice{Label: "front", Using: "front", On: true, Open: true}
	window := call.Share{Kind: devices.KindWindow, Label: "Terminal"}
	m := &toldMedia{}
	var told []string
	teller := newTeller(m, func(line string) { told = append(told, line) })
	for _, step := range []struct {
		what    string
		camera  call.Choice
		sharing call.Sharing
		want    string
	}{
		{"nothing yet", call.Choice{Label: "front", On: true, Opening: true}, call.Sharing{}, ""},
		{"denied", call.Choice{Label: "front", On: true, Err: denied}, call.Sharing{}, denied.Error() + "; the call goes on without that camera"},
		{"the same", call.Choice{Label: "front", On: true, Err: denied}, call.Sharing{}, ""},
		{"trying", call.Choice{Label: "front", On: true, Opening: true}, call.Sharing{}, ""},
		{"allowed", front, call.Sharing{}, `the camera "front" can be used now`},
		{"unplugged", call.Choice{Label: "front", Using: "back", On: true, Open: true, Err: gone}, call.Sharing{}, gone.Error() + `; the camera "back" is used meanwhile`},
		{"back", front, call.Sharing{}, `the camera "front" can be used now`},
		{"another", call.Choice{Label: "back", Using: "back", On: true, Open: true}, call.Sharing{}, `the camera is "back" now`},
		{"shared", call.Choice{Label: "back", Using: "back", On: true, Open: true}, call.Sharing{Share: window, Using: "Terminal", Open: true}, `others see the window "Terminal"`},
		{"closed", call.Choice{Label: "back", Using: "back", On: true, Open: true}, call.Sharing{Share: window, Err: devices.ErrGone}, "unplugged; it is not shared"},
	} {
		told, m.camera, m.sharing = nil, step.camera, step.sharing
		teller.tell()
		if want := slices.DeleteFunc([]string{step.want}, func(s string) bool { return s == "" }); !slices.Equal(told, want) {
			t.Errorf("%s: told %q, want %q", step.what, told, want)
		}
	}
}
