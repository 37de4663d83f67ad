package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"parley/assets"
	"parley/call"
	"parley/devices"
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

// callBar is the foot of a call: own devices, full screen, hanging up. Each button tells its shortcut when the pointer
// or the focus is on it.
type callBar struct {
	env  *env
	box  *fyne.Container
	hint *panel

	mic, micMore, cam, camMore, full, leave *round
	words                                   *text
	pointed                                 *round
}

func newCallBar(env *env, onKey func(*fyne.KeyEvent), onLeave func()) *callBar {
	b := &callBar{env: env}
	b.hint, b.words = newBadge("", textSmall)
	b.hint.Hide()
	button := func(sign string, ground fyne.ThemeColorName, label string, onTapped func()) *round {
		r := newRound(&round{sign: sign, ground: ground, tappable: tappable{label: label, onTapped: onTapped, onKey: onKey}})
		r.onHint = func(show bool) { b.onHint(r, show) }
		return r
	}
	more := func(label string, kinds ...devices.Kind) *round {
		var r *round
		r = newRound(&round{
			sign: assets.IconChevronUp, ground: colorSurface, size: 22, border: true,
			tappable: tappable{label: label, onKey: onKey, onTapped: func() {
				deviceList(env, kinds, func(items []*fyne.MenuItem) { popMenu(items, r) })
			}},
		})
		r.onHint = func(show bool) { b.onHint(r, show) }
		return r
	}
	b.mic = button(assets.IconMicrophone, colorButton, "", func() { toggle(env.media, devices.KindMicrophone) })
	b.micMore = more("Choose microphone and speaker", devices.KindMicrophone, devices.KindSpeaker)
	b.cam = button(assets.IconCamera, colorButton, "", func() { toggle(env.media, devices.KindCamera) })
	b.camMore = more("Choose a camera", devices.KindCamera)
	b.full = button(assets.IconFullScreen, colorButton, "Full screen", b.onFullScreen)
	b.leave = button(assets.IconHangUp, colorLeave, "Hang up", onLeave)
	b.leave.width = 76
	b.box = container.New(layoutFunc{min: fyne.NewSize(300, 84), layout: b.place},
		b.mic, b.micMore, b.cam, b.camMore, b.full, b.leave)
	return b
}

// update shows which devices are on.
func (b *callBar) update(camera, microphone call.Choice) {
	showSwitch(b.mic, devices.KindMicrophone, microphone, colorButton)
	showSwitch(b.cam, devices.KindCamera, camera, colorButton)
	if b.pointed != nil {
		b.onHint(b.pointed, true)
	}
}

func (b *callBar) onFullScreen() { b.env.window.SetFullScreen(!b.env.window.FullScreen()) }

// shortcut is the key that does the same as a button; empty for none.
func (b *callBar) shortcut(r *round) string {
	switch r {
	case b.mic:
		return "M"
	case b.cam:
		return "V"
	case b.full:
		return "F"
	case b.leave:
		return "Ctrl+H"
	}
	return ""
}

func (b *callBar) onHint(r *round, show bool) {
	if !show {
		if b.pointed == r {
			b.pointed = nil
			b.hint.Hide()
		}
		return
	}
	b.pointed = r
	words := r.label
	if key := b.shortcut(r); key != "" {
		words += "  ·  " + key
	}
	b.words.set(words)
	b.hint.Show()
	b.placeHint()
}

// layout puts the bar at the foot of a window of that size.
func (b *callBar) layout(size fyne.Size) {
	put(b.box, 0, size.Height-84, size.Width, 84)
	b.placeHint()
}

func (b *callBar) placeHint() {
	if b.pointed == nil {
		return
	}
	size := b.hint.MinSize()
	size.Width = b.hint.fit(b.box.Size().Width - 16)
	middle := b.pointed.Position().X + b.pointed.Size().Width/2
	x := max(8, min(middle-size.Width/2, b.box.Size().Width-size.Width-8))
	put(b.hint, x, b.box.Position().Y+8-size.Height, size.Width, size.Height)
}

func (b *callBar) place(_ []fyne.CanvasObject, size fyne.Size) {
	y := (size.Height - roundSize) / 2
	buttons := []*round{b.mic, b.cam, b.full, b.leave}
	width := float32(-14)
	for _, r := range buttons {
		width += r.MinSize().Width + 14
	}
	width += 24
	x := (size.Width - width) / 2
	for _, r := range buttons {
		if r == b.leave {
			x += 24
		}
		put(r, x, y, r.MinSize().Width, roundSize)
		x += r.MinSize().Width + 14
	}
	for more, r := range map[*round]*round{b.micMore: b.mic, b.camMore: b.cam} {
		put(more, r.Position().X+roundSize-17, y+roundSize-19, 22, 22)
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
	more    func(...run)
	actions *fyne.Container
	onKey   func(*fyne.KeyEvent)
	said    string
}

func newCenterPiece(onKey func(*fyne.KeyEvent)) *centerPiece {
	c := &centerPiece{onKey: onKey}
	c.title = newText(&text{size: textTitle, title: true, shrink: true, align: fyne.TextAlignCenter})
	var paragraph fyne.CanvasObject
	paragraph, c.more = newParagraph(fyne.TextAlignCenter)
	c.actions = container.New(row{gap: gap})
	place := func(_ []fyne.CanvasObject, size fyne.Size) {
		width := min(size.Width, 560)
		paragraph.Resize(fyne.NewSize(width, paragraph.MinSize().Height))
		title, words, buttons := c.title.MinSize().Height, paragraph.MinSize().Height, c.actions.MinSize()
		y := max(0, (size.Height-title-words-buttons.Height-32)/2)
		x := (size.Width - width) / 2
		put(c.title, x, y, width, title)
		put(paragraph, x, y+title+12, width, words)
		put(c.actions, (size.Width-buttons.Width)/2, y+title+words+32, buttons.Width, buttons.Height)
	}
	c.box = container.New(layoutFunc{layout: place}, c.title, paragraph, c.actions)
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
	c.more(run{content: more, color: colorQuiet})
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
