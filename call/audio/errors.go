package audio

import "errors"

// ErrClosed is returned by what an [Engine] is asked to do after it was closed. Failures of devices are those of
// package devices.
var ErrClosed = errors.New("the sound engine is closed")
