package wire

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Envelope is a frame from a participant, taken apart as far as it takes to pass it on. Its parts point into the frame.
type Envelope struct {
	Type []byte
	To   []byte
	Body []byte // the object that is the member "d", unparsed; nil when there is none
}

// Open reads the header of a frame: the members before "d", which must be the last member and an object. The body is walked,
// to find where it ends, and not parsed: reading all of each description made a relay slower by half. When
// the frame is valid JSON, so is the body, and the body has no way to reach out of its place: what [Stamp] makes of it has the
// members that Stamp wrote and no others. When it is not, whoever receives it finds that out. The error wraps ErrMessage, and
// ErrTooLarge when the header is over MaxHeader.
func Open(frame []byte) (Envelope, error) {
	if !utf8.Valid(frame) { // a browser would close its connection over it
		return Envelope{}, fmt.Errorf("%w: not UTF-8", ErrMessage)
	}
	w := walker{b: frame}
	e, ok := w.envelope()
	switch {
	case !ok || len(e.Type) == 0:
		return Envelope{}, fmt.Errorf("%w: want one JSON object with a type \"t\" and, last, the body \"d\"", ErrMessage)
	case len(frame)-len(e.Body) > MaxHeader:
		return Envelope{}, fmt.Errorf("%w: %w: a header of %d bytes", ErrMessage, ErrTooLarge, len(frame)-len(e.Body))
	}
	return e, nil
}

// Stamp returns the frame with which the server passes a signal's body on, as from that id.
func Stamp(from string, body []byte) []byte {
	const between, after = `","d":`, `}`
	frame := make([]byte, 0, len(stamp)+len(from)+len(between)+len(body)+len(after))
	frame = append(frame, stamp...)
	frame = append(frame, from...)
	frame = append(frame, between...)
	frame = append(frame, body...)
	return append(frame, after...)
}

const stamp = `{"t":"signal","from":"`

// FromPeer reports whether a frame from the server is one that Stamp made, in which a participant wrote the body.
func FromPeer(frame []byte) bool { return bytes.HasPrefix(frame, []byte(stamp)) }

// walker steps through JSON (RFC 8259) by its strings and brackets alone. In a valid text these say where each value
// ends; about an invalid one the walker promises only to end.
type walker struct {
	b []byte
	i int
}

func (w *walker) envelope() (e Envelope, ok bool) {
	if !w.take('{') {
		return e, false
	}
	for !w.take('}') {
		key, ok := w.text()
		if !ok || !w.take(':') {
			return e, false
		}
		w.space()
		if string(key) == "d" {
			e.Body, ok = w.object()
			return e, ok && w.take('}') && w.end()
		}
		value, ok := w.value()
		if !ok {
			return e, false
		}
		switch string(key) {
		case "t":
			e.Type = unquote(value)
		case "to":
			e.To = unquote(value)
		}
		if !w.take(',') && !w.at('}') {
			return e, false
		}
	}
	return e, w.end()
}

// unquote returns the contents of a string that has no escapes. The protocol's own types and ids have none; anything else is
// nothing.
func unquote(value []byte) []byte {
	if len(value) < 2 || value[0] != '"' {
		return nil
	}
	value = value[1 : len(value)-1]
	for _, c := range value {
		if c == '\\' || c < ' ' {
			return nil
		}
	}
	return value
}

func (w *walker) space() {
	for w.i < len(w.b) && (w.b[w.i] == ' ' || w.b[w.i] == '\t' || w.b[w.i] == '\n' || w.b[w.i] == '\r') {
		w.i++
	}
}

// at reports whether c comes next, after space.
func (w *walker) at(c byte) bool {
	w.space()
	return w.i < len(w.b) && w.b[w.i] == c
}

// take steps over c if it comes next.
func (w *walker) take(c byte) bool {
	if !w.at(c) {
		return false
	}
	w.i++
	return true
}

func (w *walker) end() bool {
	w.space()
	return w.i == len(w.b)
}

// text steps over a string and returns what is between the quotes, escapes as they are.
func (w *walker) text() ([]byte, bool) {
	if !w.take('"') {
		return nil, false
	}
	start := w.i
	for ; w.i < len(w.b); w.i++ {
		switch w.b[w.i] {
		case '\\':
			w.i++
		case '"':
			w.i++
			return w.b[start : w.i-1], true
		}
	}
	return nil, false
}

// object steps over an object or array and returns all of it.
func (w *walker) object() ([]byte, bool) {
	if w.i >= len(w.b) || w.b[w.i] != '{' {
		return nil, false
	}
	return w.value()
}

// value steps over any value and returns all of it.
func (w *walker) value() ([]byte, bool) {
	start, depth := w.i, 0
	for w.i < len(w.b) {
		switch w.b[w.i] {
		case '"':
			if _, ok := w.text(); !ok {
				return nil, false
			}
		case '{', '[':
			depth++
			w.i++
		case '}', ']':
			if depth == 0 { // the end of what holds a number, true, false or null
				return w.b[start:w.i], w.i > start
			}
			depth--
			w.i++
		case ',':
			if depth == 0 {
				return w.b[start:w.i], w.i > start
			}
			w.i++
			continue
		default:
			w.i++
			continue
		}
		if depth == 0 {
			return w.b[start:w.i], true
		}
	}
	return nil, false
}
