package peer

import "errors"

var (
	// ErrNoPath: no pair of addresses let media through. A relay (TURN) may help.
	ErrNoPath = errors.New("no network path was found")
	// ErrNoSharedCodec: the other side has no format for pictures or sound that this side has.
	ErrNoSharedCodec = errors.New("no shared format for sound or pictures")
	// ErrBadDescription: what the other side sent is no session description that this side can use.
	ErrBadDescription = errors.New("the other side sent a description that cannot be used")
	// ErrTooMuch: the other side sends faster than a connection can need; what it sent was dropped.
	ErrTooMuch = errors.New("the other side sends too many messages")
	// ErrFlood: the other side opened more streams or data channels than any program has a use for; this one is done with it.
	ErrFlood = errors.New("the other side opens more streams than a call can have")
	// ErrClosed: the connection was closed by this side.
	ErrClosed = errors.New("the connection is closed")
)
