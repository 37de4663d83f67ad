package ui_test

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

// Each way in which a camera fails is photographed in the lobby, in the window's usual size and a narrow one, for people to look at in
// build/shots; an optical character reader sees whether the explanation is really legible: not cut off, covered, or too pale.
func TestEveryFailureIsLegibleInTheLobby(t *testing.T) {
	camera := "HD Pro Webcam C920"
	failed := func(err error) call.Choice { return call.Choice{Label: camera, On: true, Err: err} }
	for name, choice := range map[string]call.Choice{
		"not-allowed":     failed(devices.ErrNotAllowed),
		"not-found":       failed(devices.ErrNotFound),
		"none-found":      {On: true, Err: devices.ErrNotFound},
		"in-use":          failed(&devices.InUseError{Program: "cheese", PID: 4711}),
		"not-readable":    failed(devices.ErrNotReadable),
		"overconstrained": failed(devices.ErrOverconstrained),
		"unplugged":       failed(devices.ErrGone),
		"replaced":        {Label: camera, Using: "Webcam", On: true, Open: true, Err: devices.ErrGone},
	} {
		for _, theme := range []ui.Theme{ui.ThemeDark, ui.ThemeLight} {
			t.Run(fmt.Sprintf("%s/%v", name, theme), func(t *testing.T) {
				d := newDesk(t, ui.Options{}, func(d *desk) {
					d.settings.theme = theme
					d.media.choices[devices.KindCamera] = choice
				})
				machine := ui.Host{OS: "linux"}
				d.window.SetHost(machine)
				d.media.set(devices.KindCamera, choice)
				d.settle()
				told, bad := machine.Explain(devices.KindCamera, choice)
				if !bad {
					t.Fatal("nothing is said to be wrong")
				}
				for look, size := range map[string]fyne.Size{"1x": fyne.NewSize(1280, 800), "narrow": fyne.NewSize(480, 1200)} {
					file := fmt.Sprintf("lobby-%s-%v-%s", name, theme, look)
					d.photograph(file, size, 1)
					d.legible(file, told.What+" "+told.Why)
				}
				if name == "not-allowed" { // which says most
					d.photograph(fmt.Sprintf("lobby-%s-%v-2x", name, theme), fyne.NewSize(1280, 800), 2)
				}
			})
		}
	}
}

// photograph leaves a picture of the window in build/shots.
func (d *desk) photograph(name string, size fyne.Size, scale float32) {
	d.t.Helper()
	d.win.Canvas().(software.WindowlessCanvas).SetScale(scale)
	d.win.Resize(size)
	d.settle()
	var data bytes.Buffer
	fast := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := fast.Encode(&data, d.win.Canvas().Capture()); err != nil {
		d.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(shot(name)), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(shot(name), data.Bytes(), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func shot(name string) string { return filepath.Join("..", "build", "shots", name+".png") }

// legible asserts that nearly all words can be read from a picture in build/shots: a reader of characters errs now and then.
func (d *desk) legible(name, words string) {
	d.t.Helper()
	read := exec.Command("tesseract", shot(name), "-")
	read.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	text, err := read.Output()
	if err != nil {
		d.t.Fatalf("reading %s (package tesseract-ocr): %v", name, err)
	}
	all := strings.Fields(words)
	var missing []string
	for _, word := range all {
		if !strings.Contains(string(text), strings.Trim(word, ".,;:()“”")) {
			missing = append(missing, word)
		}
	}
	if len(missing) > len(all)/6 {
		d.t.Errorf("%s does not legibly say %q: it lacks %q; it says\n%s", name, words, missing, text)
	}
}
