//go:build unix && !darwin

package app

import (
	"errors"
	"fmt"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// errNoDisplay: there is nothing that a window could be shown on.
var errNoDisplay = errors.New("no display to show a window on; see --no-window")

// checkDisplay asks for a display before Fyne does, which would only log that there is none and go on without a window.
func checkDisplay() error {
	if err := glfw.Init(); err != nil {
		return fmt.Errorf("%w (%w)", errNoDisplay, err)
	}
	return nil
}
