package portal

import "errors"

// How asking the desktop fails. They come wrapped with what was asked; test for them with errors.Is.
var (
	// ErrAbsent: there is no session bus, or no portal on it, or it cannot do this.
	ErrAbsent = errors.New("the desktop has no portal for this")
	// ErrDenied: the user said no, now or once for all in the settings of the desktop.
	ErrDenied = errors.New("declined by the user")
	// ErrFailed: the portal gave up, vanished, or answered with what makes no sense.
	ErrFailed = errors.New("the desktop's portal failed")
	// ErrNoCamera: the portal knows no camera.
	ErrNoCamera = errors.New("the desktop's portal knows no camera")
)
