package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

const maxRecent = 5

// settings is what the program remembers from one start to the next, in a file of the user's. Any goroutine may use it. A file that
// cannot be read or written costs what it would have remembered, never the call; see openSettings and save.
type settings struct {
	path string

	mu     sync.Mutex
	stored stored
}

// stored is the file. A name that is missing is as at the first start.
type stored struct {
	Name    string                  `json:"name,omitempty"`
	Room    string                  `json:"room,omitempty"`
	Server  string                  `json:"server,omitempty"` // "" for the one in this program
	Theme   ui.Theme                `json:"theme,omitempty"`
	Devices map[devices.Kind]string `json:"devices,omitempty"` // by label
	Recent  []ui.Recent             `json:"recent,omitempty"`
	Sound   *ui.Sound               `json:"sound,omitempty"` // nil for everything
	Limits  call.Limits             `json:"limits,omitzero"`
	Restore string                  `json:"restore,omitempty"` // the desktop's token for the screen that was shared last
}

// openSettings reads the settings. With an error it returns usable defaults too; a file that is no settings file is left as it is until
// something is remembered, and then kept beside the new one.
func openSettings() (*settings, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return &settings{}, fmt.Errorf("settings are not remembered: %w", err)
	}
	s := &settings{path: filepath.Join(dir, "parley", "settings.json")}
	data, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case err != nil:
		return s, fmt.Errorf("reading the settings: %w", err)
	}
	if err := json.Unmarshal(data, &s.stored); err != nil {
		s.stored = stored{}
		spoilt := s.path + ".bad"
		return s, errors.Join(fmt.Errorf("the settings in %s cannot be read, so they begin anew: %w", s.path, err), os.Rename(s.path, spoilt))
	}
	return s, nil
}

// change changes what is remembered and writes it. The new file replaces the old one whole, so that a crash leaves one of them.
func (s *settings) change(f func(*stored)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.stored)
	if s.path == "" {
		return nil
	}
	data, err := json.MarshalIndent(s.stored, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	fresh := s.path + ".new"
	if err := os.WriteFile(fresh, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	return os.Rename(fresh, s.path)
}

// save is change for callers who could do nothing about an error: a full disk must not end a call.
func (s *settings) save(f func(*stored)) {
	if err := s.change(f); err != nil {
		fmt.Fprintln(os.Stderr, "parley:", err)
	}
}

func (s *settings) get() stored {
	s.mu.Lock()
	defer s.mu.Unlock()
	copied := s.stored
	copied.Recent = slices.Clone(copied.Recent)
	return copied
}

// device returns the label that was used last, or the system's default.
func (s *settings) device(kind devices.Kind) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored.Devices[kind]
}

func (s *settings) setDevice(kind devices.Kind, label string) {
	s.save(func(st *stored) {
		if st.Devices == nil {
			st.Devices = map[devices.Kind]string{}
		}
		st.Devices[kind] = label
	})
}

// restoreToken returns what the system gave so that it need not ask again which screen to share.
func (s *settings) restoreToken() string { return s.get().Restore }

func (s *settings) setRestoreToken(token string) { s.save(func(st *stored) { st.Restore = token }) }

// Last implements ui.Settings.
func (s *settings) Last() (room, name string) {
	st := s.get()
	return st.Room, st.Name
}

// Dialled implements ui.Settings.
func (s *settings) Dialled(room, name string) {
	s.save(func(st *stored) { st.Room, st.Name = room, name })
}

// Recent implements ui.Settings.
func (s *settings) Recent() []ui.Recent { return s.get().Recent }

// Ended implements ui.Settings. A room is listed once, where it was last.
func (s *settings) Ended(r ui.Recent) {
	s.save(func(st *stored) {
		others := slices.DeleteFunc(st.Recent, func(old ui.Recent) bool { return old.Room == r.Room })
		st.Recent = append([]ui.Recent{r}, others[:min(len(others), maxRecent-1)]...)
	})
}

// Theme implements ui.Settings.
func (s *settings) Theme() ui.Theme {
	if t := s.get().Theme; t == ui.ThemeDark || t == ui.ThemeLight {
		return t
	}
	return ui.ThemeSystem
}

// SetTheme implements ui.Settings.
func (s *settings) SetTheme(t ui.Theme) { s.save(func(st *stored) { st.Theme = t }) }

// Sound implements ui.Settings.
func (s *settings) Sound() ui.Sound {
	if sound := s.get().Sound; sound != nil {
		return *sound
	}
	return ui.Sound{Processing: call.Processing{Echo: true, Noise: true, Gain: true}, Signals: true}
}

// SetSound implements ui.Settings.
func (s *settings) SetSound(sound ui.Sound) { s.save(func(st *stored) { st.Sound = &sound }) }

// Limits implements ui.Settings. A limit that no call could live with, from a file that somebody wrote, is none.
func (s *settings) Limits() call.Limits { return s.get().Limits.Sane() }

// SetLimits implements ui.Settings.
func (s *settings) SetLimits(l call.Limits) { s.save(func(st *stored) { st.Limits = l }) }
