package devices

import "errors"

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
