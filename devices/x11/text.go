//go:build linux

package x11

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTitle bounds a name or title, in characters.
const MaxTitle = 120

// utf8Text reads a property of type UTF8_STRING.
func utf8Text(value []byte) string { return clean(strings.ToValidUTF8(string(value), "")) }

// oldText reads a property of type STRING, which is Latin-1
// (https://www.x.org/releases/current/doc/xorg-docs/icccm/icccm.html#text_properties), though many programs write UTF-8.
func oldText(value []byte) string {
	if utf8.Valid(value) {
		return clean(string(value))
	}
	runes := make([]rune, len(value))
	for i, b := range value {
		runes[i] = rune(b)
	}
	return clean(string(runes))
}

// clean makes one line of a text that any program may have set: without what is not seen, or turns the writing around, and not
// longer than MaxTitle.
func clean(text string) string {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d' // they shape letters and emoji
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.IsGraphic(r), r == zeroWidthJoiner, r == zeroWidthNonJoiner:
			return r
		}
		return -1
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > MaxTitle {
		text = strings.TrimSpace(string(runes[:MaxTitle-1])) + "…"
	}
	return text
}
