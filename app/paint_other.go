//go:build !linux

package app

// yieldPainting does nothing: only Linux paints by threads of the program where there is no GPU.
func yieldPainting() error { return nil }
