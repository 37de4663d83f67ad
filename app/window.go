package app

import (
	"log/slog"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

// appID names the program to the desktop; FyneApp.toml has the same.
const appID = "app.parley.Parley"

// runWindow shows the window until the user closes it. It must be called on the main goroutine.
func runWindow(d *dialer, media *call.Media, s *settings, r request, f callFlags, log *slog.Logger) error {
	if err := checkDisplay(); err != nil {
		return err
	}
	fyneapp.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Parley", Version: Version, Migrations: map[string]bool{"fyneDo": true}})
	desktop := fyneapp.NewWithID(appID)
	var window *ui.Window
	window = ui.NewWindow(desktop, &windowMedia{Media: media, settings: s}, d, s, ui.Options{
		Room: r.room, Name: nameOr(r.name, s), Join: r.join,
		OnPaint: func() {
			watchMinimised(func(is bool) { window.SetHidden(is) })
			releaseCompiler()
			if err := yieldPainting(); err != nil {
				log.Debug("the call does not go before the painting", "error", err)
			}
		},
	})
	if f.LeaveAfter > 0 {
		end := time.AfterFunc(f.LeaveAfter, func() { fyne.Do(desktop.Quit) })
		defer end.Stop()
	}
	paintFlat()
	window.ShowAndRun()
	return nil
}

// windowMedia is the local side as the window uses it: what the user chooses there is remembered.
type windowMedia struct {
	*call.Media
	settings *settings

	mu   sync.Mutex
	stop func()
}

// Use implements ui.Media. It remembers a real choice; the test sources are for one time.
func (m *windowMedia) Use(kind devices.Kind, label string) {
	m.Media.Use(kind, label)
	if label != devices.Pattern && label != devices.Tone {
		m.settings.setDevice(kind, label)
	}
}

// Watch implements ui.Media.
func (m *windowMedia) Watch(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stop != nil {
		m.stop()
	}
	m.stop = nil
	if f != nil {
		m.stop = m.Media.Watch(f)
	}
}
