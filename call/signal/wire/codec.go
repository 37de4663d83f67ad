package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Encode returns the frame of m, with the type as its first member. The error wraps ErrMessage, or ErrSignal, or
// ErrTooLarge when the frame is over the limit of its direction.
func Encode(m Message) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("encode %s: %w", m.Type(), err)
	}
	members, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", m.Type(), err)
	}
	frame := make([]byte, 0, len(members)+24)
	frame = append(frame, `{"t":"`...)
	frame = append(frame, m.Type()...)
	frame = append(frame, '"')
	if len(members) > len("{}") {
		frame = append(frame, ',')
	}
	frame = append(frame, members[1:]...)
	if limit := limitOf(m); len(frame) > limit {
		return nil, fmt.Errorf("encode %s: %w: %d bytes, the limit is %d", m.Type(), ErrTooLarge, len(frame), limit)
	}
	return frame, nil
}

// limitOf returns how long the frame of m may be.
func limitOf(m Message) int {
	switch m := m.(type) {
	case *Join, *Leave, *SetState:
		return MaxHeader
	case *Relay:
		if m.From == "" {
			return MaxFrame
		}
	}
	return MaxFromHost
}

// Decode returns the message in a frame, checked. The message shares no memory with the frame. The error wraps
// ErrUnknownType, ErrSignal (a Relay whose Signal is wrong), or ErrMessage for the rest.
func Decode(frame []byte) (Message, error) {
	if len(frame) > MaxFromHost {
		return nil, fmt.Errorf("%w: %w: %d bytes", ErrMessage, ErrTooLarge, len(frame))
	}
	if !utf8.Valid(frame) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrMessage)
	}
	var head struct {
		T string `json:"t"`
	}
	if err := json.Unmarshal(frame, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	m := blank(head.T)
	if m == nil {
		return nil, fmt.Errorf("%w: %.40q", ErrUnknownType, head.T)
	}
	err := json.Unmarshal(frame, m)
	if err == nil {
		err = m.check()
	}
	switch {
	case err == nil:
		return m, nil
	case errors.Is(err, ErrMessage), errors.Is(err, ErrSignal):
		return nil, fmt.Errorf("decode %s: %w", m.Type(), err)
	default:
		return nil, fmt.Errorf("%w: decode %s: %w", ErrMessage, m.Type(), err)
	}
}

// blank returns an empty message of that type, or nil.
func blank(t string) Message {
	switch t {
	case TypeJoin:
		return new(Join)
	case TypeLeave:
		return new(Leave)
	case TypeState:
		return new(SetState)
	case TypeSignal:
		return new(Relay)
	case TypeJoined:
		return new(Joined)
	case TypePeerJoined:
		return new(PeerJoined)
	case TypePeerUpdated:
		return new(PeerUpdated)
	case TypePeerLeft:
		return new(PeerLeft)
	case TypeICE:
		return new(ICE)
	case TypeDraining:
		return new(Draining)
	case TypeError:
		return new(Error)
	}
	return nil
}
