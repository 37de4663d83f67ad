package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Signal is what one participant tells another, through the server or over the data channel between them. It has exactly one of Description,
// Candidate, EndOfCandidates, Bye and View.
type Signal struct {
	// Session names one connection between the two, 1 to 128 characters. The side that builds a connection anew makes a new one up, and
	// signals of older sessions are dropped.
	Session string
	// Description is an offer or an answer.
	Description *Description
	// Candidate is one ICE candidate.
	Candidate *Candidate
	// EndOfCandidates says that no more candidates will come. On the wire it is a candidate that is null.
	EndOfCandidates bool
	// Bye says that the sender closed the connection.
	Bye bool
	// View says what the sender shows of the other's pictures. It goes over the data channel alone.
	View *View
}

// View is what somebody shows of another person's pictures, and how much they may send.
type View struct {
	Camera  *Size `json:"camera,omitempty"` // nil is the full size
	Screen  *Size `json:"screen,omitempty"`
	BitRate int   `json:"bitRate,omitempty"` // bit/s, sound and pictures together; 0 is no limit
}

// Size is how large a picture is shown, in pixels; 0x0 is not at all.
type Size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// maxSide bounds a Size: more pixels no picture has.
const maxSide = 1<<14 - 1

func (v *View) check() error {
	for _, s := range []*Size{v.Camera, v.Screen} {
		if s != nil && (s.Width < 0 || s.Height < 0 || s.Width > maxSide || s.Height > maxSide) {
			return fmt.Errorf("%w: a view of %dx%d", ErrSignal, s.Width, s.Height)
		}
	}
	if v.BitRate < 0 {
		return fmt.Errorf("%w: a limit of %d bit/s", ErrSignal, v.BitRate)
	}
	return nil
}

// Description is a session description in the members of RTCSessionDescriptionInit
// (https://www.w3.org/TR/webrtc/#dom-rtcsessiondescriptioninit).
type Description struct {
	Type string `json:"type"` // "offer" or "answer"
	SDP  string `json:"sdp"`
}

// Candidate is an ICE candidate in the members of RTCIceCandidateInit
// (https://www.w3.org/TR/webrtc/#dom-rtcicecandidateinit). Nil is null.
type Candidate struct {
	Candidate        string  `json:"candidate"`
	SDPMid           *string `json:"sdpMid"`
	SDPMLineIndex    *uint16 `json:"sdpMLineIndex"`
	UsernameFragment *string `json:"usernameFragment"`
}

// signalJSON is a Signal on the wire. A candidate that is null differs there from none.
type signalJSON struct {
	Session     string          `json:"session"`
	Description *Description    `json:"description,omitempty"`
	Candidate   json.RawMessage `json:"candidate,omitempty"`
	Bye         bool            `json:"bye,omitempty"`
	View        *View           `json:"view,omitempty"`
}

var null = json.RawMessage("null")

// MarshalJSON writes the Signal as it goes over the wire.
func (s Signal) MarshalJSON() ([]byte, error) {
	w := signalJSON{Session: s.Session, Description: s.Description, Bye: s.Bye, View: s.View}
	switch {
	case s.EndOfCandidates:
		w.Candidate = null
	case s.Candidate != nil:
		raw, err := json.Marshal(s.Candidate)
		if err != nil {
			return nil, err
		}
		w.Candidate = raw
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads a Signal, and does not check it.
func (s *Signal) UnmarshalJSON(b []byte) error {
	var w signalJSON
	if err := json.Unmarshal(b, &w); err != nil {
		return fmt.Errorf("%w: %w", ErrSignal, err)
	}
	*s = Signal{Session: w.Session, Description: w.Description, Bye: w.Bye, View: w.View}
	switch {
	case w.Candidate == nil:
	case bytes.Equal(w.Candidate, null):
		s.EndOfCandidates = true
	default:
		if err := json.Unmarshal(w.Candidate, &s.Candidate); err != nil {
			return fmt.Errorf("%w: candidate: %w", ErrSignal, err)
		}
	}
	return nil
}

// Check returns an error that wraps ErrSignal, or ErrTooLarge too, when s cannot be sent.
func (s *Signal) Check() error {
	if s.Session == "" || len(s.Session) > maxShort {
		return fmt.Errorf("%w: session must have 1 to %d bytes", ErrSignal, maxShort)
	}
	n := 0
	for _, is := range []bool{s.Description != nil, s.Candidate != nil, s.EndOfCandidates, s.Bye, s.View != nil} {
		if is {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("%w: want one of description, candidate, bye and view, have %d", ErrSignal, n)
	}
	if d := s.Description; d != nil && d.Type != "offer" && d.Type != "answer" {
		return fmt.Errorf("%w: description of type %.20q", ErrSignal, d.Type)
	}
	if c := s.Candidate; c != nil && c.size() > MaxCandidate {
		return fmt.Errorf("%w: %w: a candidate of %d bytes", ErrSignal, ErrTooLarge, c.size())
	}
	if s.View != nil {
		return s.View.check()
	}
	return nil
}

func (c *Candidate) size() int {
	n := len(c.Candidate)
	for _, s := range []*string{c.SDPMid, c.UsernameFragment} {
		if s != nil {
			n += len(*s)
		}
	}
	return n
}
