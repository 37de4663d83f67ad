package frame

import "errors"

// ErrClosed is returned by [Slot.Next] of a slot that was closed: no more frames will come.
var ErrClosed = errors.New("no more pictures")
