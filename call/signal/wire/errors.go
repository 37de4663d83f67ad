package wire

import "errors"

// The ways in which a frame or a part of it is wrong. They come wrapped with the particulars.
var (
	// ErrMessage: the frame is not a message of this protocol.
	ErrMessage = errors.New("not a parley.v1 message")
	// ErrUnknownType: the frame is a message, of a type that this version does not know. Later versions may have more
	// types, so whoever receives one goes on.
	ErrUnknownType = errors.New("unknown message type")
	// ErrSignal: the message is well formed and what one participant put into it for another is not.
	ErrSignal = errors.New("not a session description or candidate")
	// ErrTooLarge: the frame, or a part of it, is over its limit.
	ErrTooLarge = errors.New("too large")
	// ErrBadRoom: the room's name cannot be one.
	ErrBadRoom = errors.New("not a room name")
	// ErrBadName: the person's name cannot be one.
	ErrBadName = errors.New("not a name")
)
