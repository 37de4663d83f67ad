package pipewire

import "errors"

var (
	// ErrAbsent: libpipewire is not installed, or cannot run here.
	ErrAbsent = errors.New("PipeWire is not installed")
	// ErrEnded: the source was removed, does not offer pictures that can be read, or the connection to PipeWire ended.
	ErrEnded = errors.New("PipeWire's source ended")
	// ErrClosed: the remote was closed.
	ErrClosed = errors.New("the connection to PipeWire was closed")
)
