package devices

import (
	"errors"
	"fmt"
)

// The ways in which a device fails, after the names of
// https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia. They come wrapped with the device and
// what was being done; test for them with errors.Is.
var (
	// ErrNotAllowed: the user, or the system's settings, do not let this program use the device.
	ErrNotAllowed = errors.New("not allowed")
	// ErrNotFound: there is no such device.
	ErrNotFound = errors.New("not found")
	// ErrNotReadable: another program uses the device, or the system could not start it.
	ErrNotReadable = errors.New("in use by another program")
	// ErrOverconstrained: the device cannot do what was asked of it.
	ErrOverconstrained = errors.New("cannot do what was asked")
	// ErrGone: the device was unplugged, or its driver stopped, while it was in use.
	ErrGone = errors.New("unplugged")
)

// InUseError is an [ErrNotReadable] that names the program which has the device.
type InUseError struct {
	Program string // as its process is called, "cheese"
	PID     int
	Err     error // what the driver said
}

// Error names the program.
func (e *InUseError) Error() string {
	return fmt.Sprintf("%v: %s, process %d (%v)", ErrNotReadable, e.Program, e.PID, e.Err)
}

// Unwrap returns ErrNotReadable and what the driver said.
func (e *InUseError) Unwrap() []error { return []error{ErrNotReadable, e.Err} }
