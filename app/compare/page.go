package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// results are those of several scenarios, perhaps of several runs of this program.
type results []*result

// readResults returns what a run before this one wrote; nothing when there was none.
func readResults(path string) (results, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all results
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// with returns all with one more. What is known of the same scenario stays where it was not measured anew.
func (all results) with(r *result) results {
	at := slices.IndexFunc(all, func(old *result) bool { return old.Name == r.Name })
	if at < 0 {
		return append(all, r)
	}
	all[at] = all[at].renewed(r)
	return all
}

// renewed returns what is known after newer calls of some of the pairs, or all.
func (r *result) renewed(newer *result) *result {
	all := &result{Name: r.Name, Calls: newer.Calls, Seconds: newer.Seconds, Columns: slices.Clone(r.Columns), Samples: maps.Clone(r.Samples)}
	for _, column := range newer.Columns {
		if all.Samples[column] == nil {
			all.Columns = append(all.Columns, column)
		}
		all.Samples[column] = newer.Samples[column]
	}
	for _, why := range r.Failed {
		pair, _, _ := strings.Cut(why, ": ")
		if !slices.Contains(newer.pairs, pair) {
			all.Failed = append(all.Failed, why)
		}
	}
	all.Failed = append(all.Failed, newer.Failed...)
	return all
}

func (all results) save(path string) error {
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

const preface = `# Figures

Parley beside Chromium, on one machine in the same run. Made by

    %s

on %s, on %s.

A column says who sends to whom. Chromium runs without a window, as does Parley where a note does not say otherwise. Every column in which
Parley takes part is judged, also where Chromium is what sends or shows; the yardstick is Chromium to Chromium. Frames, freezes and
concealed sound are those of https://www.w3.org/TR/webrtc-stats/, as each program counts them. What is missed stands here as missed.
`

// page writes all tables, in the order of the scenarios, below a note if there is one.
func (all results) page(path, note string) error {
	var page bytes.Buffer
	command := "go run ./app/compare " + quoted(os.Args[1:])
	fmt.Fprintf(&page, preface, command, time.Now().Format(time.DateOnly), machine())
	if note != "" {
		fmt.Fprintf(&page, "\n%s\n", note)
	}
	for _, s := range scenarios() {
		if at := slices.IndexFunc(all, func(r *result) bool { return r.Name == s.name }); at >= 0 {
			all[at].write(&page, s)
		}
	}
	return os.WriteFile(path, page.Bytes(), 0o644)
}

func quoted(args []string) string {
	var words []string
	for _, arg := range args {
		if strings.ContainsAny(arg, " |^$()*'") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// machine names what the figures were made on.
func machine() string {
	model := runtime.GOARCH
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%s with %d cores of %s", runtime.GOOS, runtime.NumCPU(), model)
}
