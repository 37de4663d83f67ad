package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/call"
	"parley/devices"
	"parley/ui"
)

// fresh opens the settings of a user who has none, and returns where they are kept.
func fresh(t *testing.T) (s *settings, path string) {
	t.Helper()
	dir := t.TempDir()
	for _, variable := range []string{"XDG_CONFIG_HOME", "HOME", "AppData"} {
		t.Setenv(variable, dir)
	}
	return reopen(t), reopen(t).path
}

func reopen(t *testing.T) *settings {
	t.Helper()
	s, err := openSettings()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestChoicesAreRememberedFromOneStartToTheNext(t *testing.T) {
	s, path := fresh(t)
	s.Dialled("standup", "Ann")
	s.setDevice(devices.KindCamera, "HD Pro Webcam C920")
	s.SetTheme(ui.ThemeLight)
	if sound := s.Sound(); !sound.Echo || !sound.Noise || !sound.Gain || !sound.Signals {
		t.Errorf("the sound is at first %+v, want everything", sound)
	}
	musician := ui.Sound{Processing: call.Processing{Echo: true}}
	s.SetSound(musician)
	s.setRestoreToken("the screen that was chosen")
	s.Ended(ui.Recent{Room: "standup", At: time.Unix(1, 0), Duration: time.Minute})

	again := reopen(t)
	if room, name := again.Last(); room != "standup" || name != "Ann" {
		t.Errorf("dialled last: %q as %q", room, name)
	}
	if label := again.device(devices.KindCamera); label != "HD Pro Webcam C920" {
		t.Errorf("the camera was %q", label)
	}
	if label := again.device(devices.KindSpeaker); label != devices.Default {
		t.Errorf("the speaker that was never chosen is %q", label)
	}
	if token := again.restoreToken(); token != "the screen that was chosen" {
		t.Errorf("to share the same screen without a question: %q", token)
	}
	if again.Theme() != ui.ThemeLight || len(again.Recent()) != 1 {
		t.Errorf("theme %q, recent %v", again.Theme(), again.Recent())
	}
	if again.Sound() != musician {
		t.Errorf("the sound is %+v, want %+v", again.Sound(), musician)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read the settings: %v, %v", info.Mode(), err)
	}
}

func TestARoomIsRecentOnceAndTheOldestGo(t *testing.T) {
	s, _ := fresh(t)
	for _, room := range []string{"a", "b", "a", "c", "d", "e", "f"} {
		s.Ended(ui.Recent{Room: room})
	}
	var rooms string
	for _, r := range s.Recent() {
		rooms += r.Room
	}
	if rooms != "fedca" {
		t.Errorf("recent rooms %q, want fedca", rooms)
	}
}

func TestSpoiltSettingsAreKeptAsideAndTold(t *testing.T) {
	_, path := fresh(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("{ half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := openSettings()
	if err == nil {
		t.Error("nobody was told")
	}
	s.Dialled("standup", "Ann")
	if kept, err := os.ReadFile(path + ".bad"); err != nil || string(kept) != "{ half a fi" {
		t.Errorf("what was there is lost: %q, %v", kept, err)
	}
	if room, _ := reopen(t).Last(); room != "standup" {
		t.Error("settings that begin anew are not remembered")
	}
}

func TestSettingsThatCannotBeWrittenCostNothingElse(t *testing.T) {
	s, path := fresh(t)
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	if err := s.change(func(st *stored) { st.Room = "standup" }); err == nil {
		t.Error("the failure was not told")
	}
	if room, _ := s.Last(); room != "standup" {
		t.Error("what was dialled is forgotten while the program runs")
	}
}
