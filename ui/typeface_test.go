package ui_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"parley/call"
	"parley/ui"
)

// fontsRead paints the window and returns the styles for which Fyne has read the theme's font so far.
func (d *desk) fontsRead() []fyne.TextStyle {
	d.settle()
	d.win.Canvas().Capture()
	return slices.Collect(maps.Keys(d.fonts))
}

// onlyPlain asserts that nothing was painted or measured in a style for which Fyne reads all its fonts.
func (d *desk) onlyPlain(screen string) {
	d.t.Helper()
	read := d.fontsRead()
	if len(read) == 0 {
		d.t.Errorf("%s: no font was read at all", screen)
	}
	for _, style := range read {
		if style != ui.Plain {
			d.t.Errorf("%s: the theme's fonts are read for %+v", screen, style)
		}
	}
}

func TestNoScreenReadsFontsThatItDoesNotShow(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	d.onlyPlain("the lobby")
	d.entries()[0].SetText("")
	d.press("Join")
	d.expect("Type the name of a room")
	d.onlyPlain("a complaint")
	d.entries()[0].TypedRune('ж')
	d.onlyPlain("another alphabet")
	d.press("Join")
	d.expect("Joining")
	c := d.dialer.calls[0]
	failed := call.Person{ID: "p9", Name: "Émile Žák", State: call.PersonFailed}
	c.join(ben)
	c.join(failed)
	c.become(call.Joined, nil)
	d.expect(failed.Name)
	d.onlyPlain("the call")
	c.become(call.Failed, errors.New("the room is gone"))
	d.onlyPlain("the call's end")
}

func TestLettersThatInterLacksAreShownInOtherFonts(t *testing.T) {
	d, c := inCall(t, ben)
	d.onlyPlain("the call")
	c.join(call.Person{ID: "p9", Name: "Yuki ⚽", State: call.PersonConnected})
	d.expect("Yuki ⚽")
	if read := d.fontsRead(); !slices.Contains(read, fyne.TextStyle{Bold: true}) {
		t.Errorf("fonts were read for %+v alone", read)
	}
}

func TestAFieldShowsEveryLetter(t *testing.T) {
	d := newDesk(t, ui.Options{}, nil)
	name := d.entries()[1]
	name.SetText("Yuki ⚽")
	if name.TextStyle == ui.Plain {
		t.Error("a ball is to be painted in Inter, which has none")
	}
	name.SetText("Yuki")
	if name.TextStyle != ui.Plain {
		t.Errorf("letters of Inter are painted in the style %+v", name.TextStyle)
	}
}

func TestLettersAreLookedForWithoutAllocating(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		if !ui.Covered("Žofie, “Дмитрий”…") || ui.Covered("a ball: ⚽") {
			t.Error("Inter has other letters")
		}
	}); n != 0 {
		t.Errorf("%v allocations for a text", n)
	}
}
