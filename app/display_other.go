//go:build !unix || darwin

package app

// checkDisplay has nothing to ask where a desktop cannot be without a display.
func checkDisplay() error { return nil }
