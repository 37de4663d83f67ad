package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"parley/app/e2e"
)

// parleySide is a side that runs Parley.
type parleySide struct {
	h *harness
	p *e2e.Participant

	told int // lines whose ages now has returned
}

func sitParley(h *harness, s seat) side {
	var env, display []string
	args := []string{"--server", s.server, "--name", s.name}
	if s.window {
		display = e2e.StartDisplay(h, "1280x800").Env()
		env = append(env, display...)
	} else {
		args = append(args, "--no-window")
	}
	if s.relay != nil {
		args = append(args, "--relay-only", "--ice", fmt.Sprintf("turn:%s:%s@%s", s.relay.user, s.relay.password, s.relay.address))
	}
	if s.video {
		args = append(args, "--size", fmt.Sprintf("%dx%d@30", s.width, s.height))
	} else {
		args = append(args, "--camera", "none")
	}
	microphone, speaker := "tone", "none"
	if s.sound != nil {
		env = append(env, s.sound...)
		microphone, speaker = s.microphone, s.speaker
	}
	if s.silent {
		microphone = "none"
	}
	args = append(args, "--microphone", microphone, "--speaker", speaker)
	if s.every != 0 {
		args = append(args, "--report-every", s.every.String())
	}
	if s.lobby {
		args = append(args, "--join=false")
	}
	p := &parleySide{h: h, p: e2e.Join(h, env, append(args, room)...)}
	if s.windowSize != "" {
		p.resize(display, s.windowSize)
	}
	if s.lobby {
		p.leaveLobby(display)
	}
	return p
}

// window has xdotool wait for the window, and take it for what follows.
var window = []string{"search", "--sync", "--onlyvisible", "--name", "Parley$"}

// leaveLobby joins as a user does who has looked at the lobby for a moment, so that no start of the program is in what joining takes.
func (s *parleySide) leaveLobby(display []string) {
	s.xdotool(display, window...)
	time.Sleep(settle)
	s.xdotool(display, "key", "Return")
}

// resize gives the window another size once it is there.
func (s *parleySide) resize(display []string, size string) {
	width, height, _ := strings.Cut(size, "x")
	s.xdotool(display, slices.Concat(window, []string{"windowsize", width, height})...)
}

func (s *parleySide) xdotool(display []string, args ...string) {
	patience, cancel := context.WithTimeout(context.Background(), e2e.Patience)
	defer cancel()
	x := exec.CommandContext(patience, "xdotool", args...)
	x.Env = append(os.Environ(), display...)
	if out, err := x.CombinedOutput(); err != nil {
		s.h.Fatalf("xdotool %s: %v\n%s", args[0], err, out)
	}
}

func (s *parleySide) pid() int { return s.p.PID() }

// now waits for the next line of the report.
func (s *parleySide) now() line {
	asked := float64(time.Now().UnixMicro()) / 1e6
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		lines := s.lines()
		if len(lines) == 0 || lines[len(lines)-1].T < asked {
			continue
		}
		last := lines[len(lines)-1]
		for _, l := range lines[s.told:] {
			last.Ages = append(last.Ages, l.video().CapturesToPainted...)
		}
		s.told = len(lines)
		return last
	}
	s.h.Fatalf("Parley's report has ended")
	return line{}
}

func (s *parleySide) last() line {
	if lines := s.lines(); len(lines) > 0 {
		return lines[len(lines)-1]
	}
	return line{}
}

func (s *parleySide) lines() []line {
	data, err := os.ReadFile(s.p.ReportFile())
	if err != nil {
		return nil
	}
	var all []line
	for text := range bytes.Lines(data) {
		var l line
		if json.Unmarshal(text, &l) != nil {
			break // it is being written
		}
		all = append(all, l)
	}
	return all
}
