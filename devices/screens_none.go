//go:build !linux && !darwin && !windows

package devices

import "image"

// listScreens returns nothing: there is no way to capture a screen on this system.
func listScreens(Kind) []Device { return nil }

func openScreenSource(Kind, string, ScreenFormat) (*Screen, error) { return nil, ErrNotFound }

func screenThumbnail(Kind, string, int, int) (image.Image, error) { return nil, ErrNotFound }
