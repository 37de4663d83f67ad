package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"parley/app/browser"
	"parley/devices/pattern"
)

// chromiumSide is a side that runs Chromium.
type chromiumSide struct {
	h *harness
	b *browser.Browser
}

func sitChromium(h *harness, f *files, s seat) side {
	b, err := browser.Open(chromiumPage(h, f, s))
	h.check(err)
	h.Cleanup(b.Close)
	c := chromiumSide{h, b}
	ready, err := browser.Evaluate[bool](b, "ready")
	h.check(err)
	if !ready {
		why, err := browser.Evaluate[string](b, "String(callFailure)")
		h.check(err)
		h.Fatalf("the page has no devices: %s", why)
	}
	_, err = browser.Evaluate[bool](b, "dial() || true")
	h.check(err)
	return c
}

// chromiumPage says how the page takes that seat.
func chromiumPage(h *harness, f *files, s seat) (cfg browser.Config, query url.Values) {
	query = url.Values{
		"server": {s.server}, "room": {room}, "name": {s.name}, "dial": {"later"}, "camera": {"none"},
		"width": {strconv.Itoa(s.width)}, "height": {strconv.Itoa(s.height)}, "microphone": {"raw"},
	}
	cfg = browser.Config{Home: h.TempDir(), Env: s.sound}
	if s.relay != nil {
		server, err := json.Marshal([]map[string]string{{
			"urls": "turn:" + s.relay.address + "?transport=udp", "username": s.relay.user, "credential": s.relay.password,
		}})
		h.check(err)
		query.Set("ice", string(server))
		query.Set("relay", "yes")
	}
	switch {
	case s.video && s.counter:
		query.Set("camera", "pattern")
	case s.video:
		query.Set("camera", "device")
		cfg.Camera = f.camera(h, s.width, s.height)
	}
	if s.ages {
		query.Set("ages", "yes")
	}
	if s.keepsSize {
		query.Set("size", "kept")
	}
	if s.counter || s.ages {
		query.Set("seed", strconv.Itoa(int(pattern.Seed())))
		query.Set("clock", strconv.FormatInt(time.Now().UnixMicro()-pattern.Now().Microseconds(), 10))
	}
	switch {
	case s.silent:
		query.Set("microphone", "none")
	case s.sound != nil:
		query.Set("microphone", "device")
		query.Set("microphoneLabel", s.microphone)
		query.Set("speakerLabel", s.speaker)
		cfg.Devices = true
	default:
		cfg.Microphone = f.tones(h)
	}
	return cfg, query
}

func (s chromiumSide) pid() int { return s.b.Process().Pid }

func (s chromiumSide) last() line { return s.now() }

func (s chromiumSide) now() line {
	l, err := browser.Evaluate[line](s.b, "measured()")
	s.h.check(err)
	if l.Failure != "" || l.Closed != "" {
		s.h.Fatal(fmt.Sprintf("the page failed: %s %s", l.Failure, l.Closed))
	}
	return l
}
