package ui

import "time"

// When to tell somebody who talks into a muted microphone: not at a cough, not for ever, and not again and again.
const (
	mutedTalkStays = 2 * time.Second  // after the last word
	mutedTalkPause = 30 * time.Second // until it is told again
)

// mutedTalkWords is the hint.
const mutedTalkWords = "You are muted. Press M to unmute."

// mutedTalk decides when to tell the user that they talk but are muted. One goroutine uses it.
type mutedTalk struct {
	shown       bool
	heard, gone time.Time // when talk was last heard, and when the hint went away
}

// look takes how things are now, and says whether the hint is to be seen.
func (m *mutedTalk) look(muted, talking bool, now time.Time) bool {
	if !muted {
		*m = mutedTalk{}
		return false
	}
	if talking {
		m.heard = now
	}
	switch {
	case m.shown && now.Sub(m.heard) >= mutedTalkStays:
		m.shown, m.gone = false, now
	case !m.shown && talking && (m.gone.IsZero() || now.Sub(m.gone) >= mutedTalkPause):
		m.shown = true
	}
	return m.shown
}
