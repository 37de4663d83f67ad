package signal

import (
	"errors"
	"fmt"
	"time"

	"parley/call/signal/wire"
)

// The ways in which signaling fails. They come wrapped with the particulars, in words for the user; test for them with
// errors.Is.
var (
	// ErrBadAddress: what was given as the server's address, or as a link, is not one. Or it is the address of something
	// else than a Parley server.
	ErrBadAddress = errors.New("not the address of a Parley server")
	// ErrBadICE: what was given as a STUN or TURN server is not one.
	ErrBadICE = errors.New("not the address of a STUN or TURN server")
	// ErrUnreachable: the server does not answer.
	ErrUnreachable = errors.New("the server cannot be reached")
	// ErrRefused: the server does not let this client in; see Refusal for its own words.
	ErrRefused = errors.New("refused by the server")
	// ErrRoomFull: the room has as many people as the server allows.
	ErrRoomFull = errors.New("the room is full")
	// ErrTooMany: too many connections, new rooms or messages from here; it passes.
	ErrTooMany = errors.New("too many at once")
	// ErrProtocol: the two sides do not understand each other.
	ErrProtocol = errors.New("the server speaks another protocol")
	// ErrReplaced: the same client joined on another connection.
	ErrReplaced = errors.New("joined on another connection")
	// ErrStopping: the server is about to stop.
	ErrStopping = errors.New("the server is stopping")
	// ErrDisconnected: the server is lost at the moment.
	ErrDisconnected = errors.New("not connected to the server")
	// ErrQueueFull: more is waiting to be sent than the client holds.
	ErrQueueFull = errors.New("too many signals are waiting to be sent")
	// ErrClosed: the client was closed.
	ErrClosed = errors.New("the client is closed")

	// ErrBadRoom: the room's name cannot be one.
	ErrBadRoom = wire.ErrBadRoom
	// ErrBadName: the person's name cannot be one.
	ErrBadName = wire.ErrBadName
	// ErrBadSignal: a Signal that cannot be sent.
	ErrBadSignal = wire.ErrSignal
	// ErrTooLarge: a Signal that is over the limit.
	ErrTooLarge = wire.ErrTooLarge
)

// Refusal is an error that the server sent. It wraps ErrRefused and, where there is a closer one, another of the sentinels.
type Refusal struct {
	Code       string        // one of the codes of package wire
	Text       string        // the server's words, in English
	RetryAfter time.Duration // 0 where the server did not say
}

// Error returns the sentinel's words and the server's.
func (r *Refusal) Error() string {
	s := r.sentinel()
	switch s {
	case nil:
		s = ErrRefused
	case ErrRoomFull, ErrReplaced, ErrStopping: // they say it all
		return s.Error()
	}
	return fmt.Sprintf("%v: %s", s, r.Text)
}

// Unwrap returns the sentinels.
func (r *Refusal) Unwrap() []error {
	if s := r.sentinel(); s != nil {
		return []error{ErrRefused, s}
	}
	return []error{ErrRefused}
}

func (r *Refusal) sentinel() error {
	switch r.Code {
	case wire.CodeRoomFull:
		return ErrRoomFull
	case wire.CodeTooManyRooms, wire.CodeRate, wire.CodeSlow:
		return ErrTooMany
	case wire.CodeMessage, wire.CodeUnknownType:
		return ErrProtocol
	case wire.CodeRoom:
		return ErrBadRoom
	case wire.CodeName:
		return ErrBadName
	case wire.CodeReplaced:
		return ErrReplaced
	case wire.CodeDraining:
		return ErrStopping
	}
	return nil
}

// passes reports whether trying again later may help.
func passes(err error) bool {
	if errors.Is(err, ErrTooMany) || errors.Is(err, ErrStopping) {
		return true
	}
	for _, final := range []error{ErrRefused, ErrBadAddress, ErrProtocol} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}
