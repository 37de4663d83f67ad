package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
)

// harness starts and stops programs for one call by the helpers that the tests have (packages e2e, soundtest), which want a testing.TB.
// Instead of a test it fails one measurement.
type harness struct {
	testing.TB // no method of it is called but those below

	log     io.Writer // what the programs said, when it failed
	cleanup []func()
	failed  bool
}

// errMeasure is the reason of a measurement that failed.
var errMeasure = errors.New("not measured")

type giveUp struct{ err error }

// measure runs f, ends what that started, and returns why it failed, if it did.
func (h *harness) measure(f func()) (err error) {
	defer func() {
		for _, clean := range slices.Backward(h.cleanup) {
			clean()
		}
		h.cleanup = nil
	}()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case giveUp:
			h.failed, err = true, r.err
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// check fails the measurement when there is an error.
func (h *harness) check(err error) {
	if err != nil {
		panic(giveUp{fmt.Errorf("%w: %w", errMeasure, err)})
	}
}

func (h *harness) Helper()          {}
func (h *harness) Failed() bool     { return h.failed }
func (h *harness) Cleanup(f func()) { h.cleanup = append(h.cleanup, f) }

func (h *harness) Logf(format string, args ...any) { fmt.Fprintf(h.log, format+"\n", args...) }

func (h *harness) Fatal(args ...any) {
	panic(giveUp{fmt.Errorf("%w: %s", errMeasure, fmt.Sprint(args...))})
}

func (h *harness) Fatalf(format string, args ...any) { h.Fatal(fmt.Sprintf(format, args...)) }

func (h *harness) TempDir() string {
	dir, err := os.MkdirTemp("", "compare")
	h.check(err)
	h.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
