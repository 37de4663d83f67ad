package app

import (
	"fmt"
	"sync"

	"parley/call"
	"parley/devices"
)

// mediaState is what a teller looks at; *call.Media is one.
type mediaState interface {
	Choice(devices.Kind) call.Choice
	Sharing() call.Sharing
}

// teller says in a line each what becomes of the devices: for a participant without a window. Any goroutine may use it.
type teller struct {
	media mediaState
	print func(line string)

	mu      sync.Mutex
	choices map[devices.Kind]call.Choice // as told last
	sharing call.Sharing
}

func newTeller(media mediaState, print func(string)) *teller {
	return &teller{media: media, print: print, choices: map[devices.Kind]call.Choice{}}
}

// tell says what is new since the last time. While a device is being opened there is nothing to say yet.
func (t *teller) tell() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, kind := range []devices.Kind{devices.KindCamera, devices.KindMicrophone, devices.KindSpeaker} {
		now, before := t.media.Choice(kind), t.choices[kind]
		if !now.Opening {
			t.choices[kind] = now
			t.say(choiceLine(kind, before, now))
		}
	}
	if now := t.media.Sharing(); !now.Opening {
		before := t.sharing
		t.sharing = now
		t.say(sharingLine(before, now))
	}
}

func (t *teller) say(line string) {
	if line != "" {
		t.print(line)
	}
}

// choiceLine says what happened to a device, or "" where that is what was asked for.
func choiceLine(kind devices.Kind, before, now call.Choice) string {
	sameErr := text(before.Err) == text(now.Err)
	switch {
	case sameErr && before.Using == now.Using:
		return ""
	case now.Fallback():
		return fmt.Sprintf("%v; the %s %q is used meanwhile", now.Err, kind, now.Using)
	case now.Err != nil && sameErr && before.Using == "":
		return ""
	case now.Err != nil:
		return fmt.Sprintf("%v; the call goes on without that %s", now.Err, kind)
	case before.Err != nil && now.Open:
		return fmt.Sprintf("the %s %q can be used now", kind, now.Using)
	case before.Open && now.Open:
		return fmt.Sprintf("the %s is %q now", kind, now.Using)
	}
	return ""
}

func sharingLine(before, now call.Sharing) string {
	switch {
	case now.Err != nil && text(before.Err) != text(now.Err):
		return fmt.Sprintf("%v; it is not shared", now.Err)
	case now.Open && now.Using != before.Using:
		return fmt.Sprintf("others see the %s %q", now.Kind, now.Using)
	case before.Open && !now.Open:
		return fmt.Sprintf("others do not see %q any more", before.Using)
	}
	return ""
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
