package wire

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckRoom reports whether s can name a room: 1 to 64 characters that stand on one line, without a slash and without
// space around them. Letters are told apart by case. The error wraps ErrBadRoom and is a sentence for the user.
func CheckRoom(s string) error {
	if why := wrongName(s); why != "" {
		return fmt.Errorf("%w: it %s", ErrBadRoom, why)
	}
	// A link has the room as its path, where these would mean something else.
	if strings.ContainsAny(s, `/\`) {
		return fmt.Errorf("%w: it must not contain a slash", ErrBadRoom)
	}
	if s == "." || s == ".." {
		return fmt.Errorf("%w: it must not be dots alone", ErrBadRoom)
	}
	return nil
}

// CheckName reports whether s can name a person: 1 to 64 characters that stand on one line, without space around them.
// The error wraps ErrBadName and is a sentence for the user.
func CheckName(s string) error {
	if why := wrongName(s); why != "" {
		return fmt.Errorf("%w: it %s", ErrBadName, why)
	}
	return nil
}

// wrongName returns what is wrong with s as the name of anything, or "".
func wrongName(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "must be valid UTF-8"
	case strings.TrimSpace(s) != s:
		return "must not begin or end with a space"
	case utf8.RuneCountInString(s) > MaxName:
		return fmt.Sprintf("must not be longer than %d characters", MaxName)
	case strings.ContainsFunc(s, misleads):
		return "must not contain control characters"
	case !strings.ContainsFunc(s, shows):
		return "must not be empty"
	}
	return ""
}

// misleads reports whether r breaks a line or changes how what is around it reads, such as the bidirectional controls with which
// one name can be made to look like another. The joiners stay: emoji and several scripts need them.
func misleads(r rune) bool {
	const zwnj, zwj = '\u200c', '\u200d'
	return r != zwnj && r != zwj && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError)
}

func shows(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
