package ui

import (
	"fmt"
	"math"
	"strings"

	"fyne.io/fyne/v2"

	"parley/call"
)

// personTile is somebody else in the call. A press lets the user choose how loud they are.
type personTile struct {
	pressTile

	call   Call
	person call.Person
}

// newPersonTile starts to show the pictures of a person; close ends that.
func newPersonTile(c Call, p call.Person, shutter *shutter, onKey func(*fyne.KeyEvent)) *personTile {
	t := &personTile{call: c}
	t.tile = newTile(c.Picture(p.ID), p.Name, tilePerson, shutter)
	t.tile.video.onSize = func(w, h int) { c.ShowPicture(p.ID, w, h) }
	t.onKey, t.onTapped = onKey, t.onPressed
	t.ExtendBaseWidget(t)
	t.update(p)
	return t
}

// update shows how the person is.
func (t *personTile) update(p call.Person) {
	t.person, t.label = p, p.Name+", volume"
	t.tile.setName(p.Name, t.beside())
	t.tile.setPicture(p.Camera && p.State != call.PersonFailed)
	switch p.State {
	case call.PersonConnecting:
		t.tile.setWord("Connecting", "")
	case call.PersonReconnecting:
		t.tile.setWord("Reconnecting", "")
	case call.PersonFailed:
		t.tile.setWord("No connection", sentence(p.Problem))
	default:
		t.tile.setWord("", "")
	}
}

// beside is what there is to say of the person's sound and of the way to them; empty when all is as usual.
func (t *personTile) beside() string {
	var words []string
	volume := t.call.Volume(t.person.ID)
	switch {
	case volume == 0:
		words = append(words, "muted by you")
	case !t.person.Microphone:
		words = append(words, "muted")
	case volume != 1:
		words = append(words, percent(volume))
	}
	if weak := weakness(t.person); weak != "" {
		words = append(words, weak)
	}
	return strings.Join(words, " · ")
}

func percent(volume float64) string { return fmt.Sprintf("%.0f %%", math.Round(volume*100)) }

// onPressed opens a menu of volumes.
func (t *personTile) onPressed() {
	now := t.call.Volume(t.person.ID)
	items := []*fyne.MenuItem{heading("How loud " + shortened(t.person.Name) + " is for you")}
	for _, choice := range []struct {
		volume float64
		words  string
	}{{2, "Twice as loud"}, {1.5, "Louder"}, {1, "As they are"}, {0.5, "Softer"}, {0, "Muted"}} {
		item := fyne.NewMenuItem(choice.words, func() {
			t.call.SetVolume(t.person.ID, choice.volume)
			t.update(t.person)
		})
		item.Checked = choice.volume == now
		items = append(items, item)
	}
	if t.tile.name.Visible() {
		popMenu(items, t.tile.name)
	} else {
		popMenu(items, t)
	}
}
