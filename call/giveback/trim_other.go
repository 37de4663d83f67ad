//go:build !linux

package giveback

// trim does nothing where the C library has no such thing.
func trim() {}
