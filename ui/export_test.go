package ui

import (
	"parley/call"
	"parley/devices"
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
