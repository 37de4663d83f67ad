package app

import (
	"os"
	"runtime/debug"
)

// garbagePercent is how much of what is in use may be garbage beside it. A call of five makes a fifth in 6 s, and collecting it takes a few
// thousandths of its CPU; Go's 100 would keep as much again as pictures need.
const garbagePercent = 20

// collectSooner keeps the heap small, unless the user has said how large it may be.
func collectSooner() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}
