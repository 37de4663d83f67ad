package ui

import (
	"time"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
)

// What the tests look at from inside: pure functions that are worth tables of their own.
var (
	Cover       = cover
	GridColumns = gridColumns
	Initials    = initials
	NewRoomName = newRoomName
	Ago         = ago
	Clock       = clock
	Farewell    = farewell
	JoinText    = joinText
	MeterStep   = meterStep
	ServerName  = serverName
)

// MeterSteps is the number of lengths of a meter.
const MeterSteps = meterSteps

// Explain returns the words about a device that does not work.
func Explain(os, user string, kind devices.Kind, choice call.Choice) (what, why, command string, bad bool) {
	t, bad := host{os, user}.explain(kind, choice)
	return t.what, t.why, t.command, bad
}

// SetNow changes the clock of the window.
func (w *Window) SetNow(now func() time.Time) { w.env.clock.Store(&now) }

// NewDeveloper returns what turns frames into pictures for a tile, into one buffer.
func NewDeveloper() func(f *frame.Frame, width, height int) error {
	var d developer
	var p picture
	return func(f *frame.Frame, width, height int) error { return d.develop(&p, f, width, height) }
}
