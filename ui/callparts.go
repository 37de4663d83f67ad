package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// callHeader is the line at the top of a call.
type callHeader struct {
	box    *fyne.Container
	clock  *text
	people *text
}

func newCallHeader(room string, onInvite func(), onKey func(*fyne.KeyEvent)) *callHeader {
	h := &callHeader{
		clock:  newText(&text{size: textSmall, color: colorQuiet}),
		people: newText(&text{size: textSmall, color: colorQuiet}),
	}
	name := newText(&text{content: room, strong: true, shrink: true})
	pill := newPanel(&panel{
		fill: colorRaised, corner: 10, insetX: 12, insetY: 6,
		content: newText(&text{content: "Encrypted end to end", size: textSmall}),
	})
	invite := newButton(&button{words: "Invite", small: true, tappable: tappable{
		label: "Copy the link to this call", onTapped: onInvite, onKey: onKey,
	}})
	place := func(_ []fyne.CanvasObject, size fyne.Size) {
		middle := func(o fyne.CanvasObject, x, width float32) {
			h := o.MinSize().Height
			put(o, x, (size.Height-h)/2, width, h)
		}
		right := size.Width - edge
		for _, o := range []fyne.CanvasObject{invite, h.people} {
			width := o.MinSize().Width
			middle(o, right-width, width)
			right -= width + 14
		}
		clock := h.clock.MinSize().Width
		room := min(name.measure(name.content).Width, max(24, right-edge-clock-2*gap))
		middle(name, edge, room)
		middle(h.clock, edge+room+gap, clock)
		x := edge + room + gap
		if clock > 0 {
			x += clock + gap
		}
		width := pill.MinSize().Width
		pill.Hidden = x+width > right
		middle(pill, x, width)
	}
	h.box = container.New(layoutFunc{min: fyne.NewSize(280, headerHeight), layout: place},
		name, h.clock, pill, h.people, invite)
	return h
}

func (h *callHeader) setPeople(others int) {
	h.people.set(people(others))
	h.box.Refresh()
}

func (h *callHeader) setClock(words string) {
	if words != h.clock.content {
		h.clock.set(words)
		h.box.Refresh()
	}
}

// action is a button of the centerPiece.
type action struct {
	words string
	do    func()
}

// centerPiece says something in the middle of a call where no pictures are, and what can be done.
type centerPiece struct {
	box     *fyne.Container
	title   *text
	more    *paragraph
	actions *fyne.Container
	onKey   func(*fyne.KeyEvent)
	said    string
}

func newCenterPiece(onKey func(*fyne.KeyEvent)) *centerPiece {
	c := &centerPiece{onKey: onKey}
	c.title = newText(&text{size: textTitle, title: true, shrink: true, align: fyne.TextAlignCenter})
	c.more = newParagraph(fyne.TextAlignCenter)
	c.actions = container.New(row{gap: gap})
	place := func(_ []fyne.CanvasObject, size fyne.Size) {
		width := min(size.Width, 560)
		c.more.Resize(fyne.NewSize(width, c.more.MinSize().Height))
		title, words, buttons := c.title.MinSize().Height, c.more.MinSize().Height, c.actions.MinSize()
		y := max(0, (size.Height-title-words-buttons.Height-32)/2)
		x := (size.Width - width) / 2
		put(c.title, x, y, width, title)
		put(c.more, x, y+title+12, width, words)
		put(c.actions, (size.Width-buttons.Width)/2, y+title+words+32, buttons.Width, buttons.Height)
	}
	c.box = container.New(layoutFunc{layout: place}, c.title, c.more, c.actions)
	c.box.Hide()
	return c
}

// clear says nothing.
func (c *centerPiece) clear() { c.box.Hide() }

// say shows a title, an explanation and what can be done.
func (c *centerPiece) say(title, more string, actions ...action) {
	c.box.Show()
	if said := title + "\n" + more; said == c.said {
		return // keeps the focus where it is
	} else {
		c.said = said
	}
	c.title.set(title)
	c.more.set(run{content: more, color: colorQuiet})
	c.actions.RemoveAll()
	for i, a := range actions {
		look := lookPlain
		if i == len(actions)-1 {
			look = lookMain
		}
		c.actions.Add(newButton(&button{words: a.words, look: look, tappable: tappable{onTapped: a.do, onKey: c.onKey}}))
	}
	c.box.Refresh()
}
