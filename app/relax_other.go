//go:build !linux

package app

// relaxMonitor does nothing: only Linux lets a thread sleep longer than it asked for by a time of one's own.
func relaxMonitor(bool) error { return nil }
