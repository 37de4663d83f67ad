package app

import (
	"os"
	"runtime/debug"
)

// garbagePercent is how much of what is in use may be garbage beside it. A call of five makes a fifth in 6 s, and collecting it takes a few
// thousandths of its CPU; Go's 100 would keep as much again as pictures need.
const garbagePercent = 20

// collectSooner keeps the heap small, unless the user has said how large it may be. It is for the program with a window: without one a few MB are in use,
// of which a fifth is full within a second, and collecting that takes a fiftieth of the CPU of a call of two.
func collectSooner() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}
