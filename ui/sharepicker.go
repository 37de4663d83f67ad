package ui

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"parley/call"
	"parley/devices"
)

// shareRates are the frame rates to choose from, by what they are good for.
var shareRates = []struct {
	words, more string
	rate        float64
}{
	{"Text", "5 pictures a second: sharp, for what stands still", 5},
	{"Mixed", "15 pictures a second: for most things", 15},
	{"Motion", "30 pictures a second: for what moves", 30},
}

// sharePicker lets the user choose a screen or a window to share, by small pictures of them that follow what is there.
type sharePicker struct {
	env   *env
	onKey func(*fyne.KeyEvent) // of the screen that it lies on

	popup  *widget.PopUp
	box    *fyne.Container
	list   *fyne.Container
	scroll *container.Scroll
	wrong  *paragraph
	rates  []*button
	more   *text

	devices []devices.Device
	entries []*shareEntry

	cancel context.CancelFunc
	wake   chan struct{}                    // asks for thumbnails now
	now    atomic.Pointer[[]*shareEntry]    // those to take them for
	newest atomic.Pointer[[]devices.Device] // not shown yet
	shown  poke
}

// showSharePicker opens the picker. Its goroutine ends after it was closed.
func showSharePicker(env *env, list []devices.Device, onKey func(*fyne.KeyEvent)) *sharePicker {
	p := &sharePicker{env: env, onKey: onKey, wake: make(chan struct{}, 1)}
	p.shown.run = p.onList
	p.buildUI()
	p.show(list)
	p.popup.Show()
	p.focus(0)
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	env.work.Go(func() { p.look(ctx) })
	return p
}

func (p *sharePicker) buildUI() {
	p.list = container.New(layoutFunc{layout: func([]fyne.CanvasObject, fyne.Size) {}})
	p.scroll = container.NewVScroll(p.list)
	p.scroll.OnScrolled = func(fyne.Position) { p.seen() }
	p.wrong = newParagraph(fyne.TextAlignLeading)
	p.wrong.Hide()
	p.more = newText(&text{size: textSmall, color: colorQuiet, shrink: true})
	rates := container.New(row{gap: 8})
	for _, r := range shareRates {
		b := newButton(&button{words: r.words, look: lookPlain, tappable: tappable{label: r.words + ": " + r.more, onKey: p.onKey}})
		b.onTapped = func() {
			p.env.shareRate = r.rate
			p.markRate()
		}
		p.rates = append(p.rates, b)
		rates.Add(b)
	}
	p.markRate()
	title := newText(&text{content: "Share a screen or a window", size: textTitle, title: true, shrink: true})
	cancel := newButton(&button{words: "Cancel", look: lookPlain, tappable: tappable{onTapped: p.close, onKey: p.onKey}})
	p.box = container.New(layoutFunc{min: fyne.NewSize(280, 200), layout: func(_ []fyne.CanvasObject, size fyne.Size) {
		y := title.MinSize().Height
		put(title, 0, 0, size.Width, y)
		y += 12
		if p.wrong.Visible() {
			y += settle(p.wrong, 0, y, size.Width) + 12
		}
		foot := size.Height - 38
		put(p.more, 0, foot-24, size.Width, p.more.MinSize().Height)
		put(p.scroll, 0, y, size.Width, max(0, foot-32-y))
		put(rates, 0, foot, rates.MinSize().Width, 38)
		own := cancel.MinSize()
		put(cancel, size.Width-own.Width, foot, own.Width, own.Height)
	}}, title, p.wrong, p.scroll, p.more, rates, cancel)
	p.popup = widget.NewModalPopUp(container.New(insets(24), p.box), p.env.window.Canvas())
}

// markRate shows which frame rate is chosen.
func (p *sharePicker) markRate() {
	for i, r := range shareRates {
		look := lookPlain
		if r.rate == p.env.shareRate {
			look = lookMain
			p.more.set(r.more)
		}
		if p.rates[i].look != look {
			p.rates[i].look = look
			p.rates[i].Refresh()
		}
	}
}

// open says whether the picker is there.
func (p *sharePicker) open() bool { return p != nil && p.popup.Visible() }

// close takes the picker away. Closing it again does nothing.
func (p *sharePicker) close() {
	if p.open() {
		p.cancel()
		p.popup.Hide()
	}
}

// handle takes a key that went down, and says whether it was for the picker.
func (p *sharePicker) handle(key *fyne.KeyEvent) bool {
	if !p.open() || key.Name != fyne.KeyEscape && key.Name != fyne.KeyS {
		return false
	}
	p.close()
	return true
}

func (p *sharePicker) onChosen(d devices.Device) {
	p.close()
	p.env.media.Share(call.Share{Kind: d.Kind, Label: d.Label, FrameRate: p.env.shareRate})
}

// show makes entries of what is there; those that were there already keep their pictures, and the focus.
func (p *sharePicker) show(list []devices.Device) {
	focused := slices.IndexFunc(p.entries, func(e *shareEntry) bool { return e.focused })
	before := p.entries
	p.devices, p.entries = list, nil
	for _, d := range list {
		same := func(e *shareEntry) bool { return e.device.Kind == d.Kind && e.device.Label == d.Label }
		var e *shareEntry
		if i := slices.IndexFunc(before, same); i >= 0 {
			e = before[i]
			e.set(d)
		} else {
			e = newShareEntry(p, d)
		}
		p.entries = append(p.entries, e)
	}
	p.complain()
	p.resize()
	if focused >= 0 && !slices.Contains(p.entries, before[focused]) {
		p.focus(min(focused, len(p.entries)-1))
	}
}

// complain says why there is nothing to choose.
func (p *sharePicker) complain() {
	words := ""
	if len(p.devices) == 0 {
		words = "There is no screen and no window here that Parley could show."
	} else if bad := slices.IndexFunc(p.devices, func(d devices.Device) bool { return d.Err != nil }); bad >= 0 {
		d := p.devices[bad]
		t := p.env.host.failure(d.Kind, "“"+d.Label+"”", d.Err)
		words = t.what + " " + t.why
		if errors.Is(d.Err, devices.ErrNotAllowed) && p.env.host.os == "linux" {
			words = "The system does not let Parley look at screens and windows."
		}
	}
	p.wrong.set(run{content: words, color: colorCaution})
	p.wrong.Hide()
	if words != "" {
		p.wrong.Show()
	}
	p.box.Refresh()
}

// focus gives the focus to an entry, and scrolls to it.
func (p *sharePicker) focus(i int) {
	if i < 0 || i >= len(p.entries) {
		return
	}
	e := p.entries[i]
	p.env.window.Canvas().Focus(e)
	top, bottom := e.Position().Y, e.Position().Y+e.Size().Height
	at := p.scroll.Offset
	switch {
	case top < at.Y:
		at.Y = max(0, top-groupHeight)
	case bottom > at.Y+p.scroll.Size().Height:
		at.Y = bottom - p.scroll.Size().Height
	default:
		return
	}
	p.scroll.ScrollToOffset(at)
	p.seen()
}

// seen notes which entries can be seen and chosen, since others need no picture, and asks for theirs.
func (p *sharePicker) seen() {
	top, bottom := p.scroll.Offset.Y, p.scroll.Offset.Y+p.scroll.Size().Height
	for _, e := range p.entries {
		e.inView.Store(!e.disabled && e.Position().Y < bottom && e.Position().Y+e.Size().Height > top)
	}
	entries := slices.Clone(p.entries)
	p.now.Store(&entries)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Measures of the list.
const (
	groupHeight = float32(28) // of the line above screens, and above windows
	entryWidth  = float32(168)
)

// groups are the kinds of what can be shared, with what stands above them.
var groups = []struct {
	kind  devices.Kind
	words string
}{{devices.KindScreen, "Screens"}, {devices.KindWindow, "Windows"}}

// layoutList puts screens and windows below each other, each in as many columns as there is room for.
func (p *sharePicker) layoutList() {
	width := p.scroll.Size().Width
	columns := p.columns()
	own := (width - float32(columns-1)*gap) / float32(columns)
	high := own*9/16 + entryFoot
	var objects []fyne.CanvasObject
	var y float32
	for _, g := range groups {
		n := 0
		for _, e := range p.entries {
			if e.device.Kind != g.kind {
				continue
			}
			if n == 0 {
				words := newText(&text{content: g.words, size: textSmall, color: colorQuiet})
				put(words, 0, y, width, groupHeight)
				objects = append(objects, words)
				y += groupHeight
			}
			put(e, float32(n%columns)*(own+gap), y+float32(n/columns)*(high+gap), own, high)
			objects = append(objects, e)
			n++
		}
		y += float32((n+columns-1)/columns) * (high + gap)
	}
	p.list.Layout = layoutFunc{min: fyne.NewSize(entryWidth, max(0, y-gap)), layout: func([]fyne.CanvasObject, fyne.Size) {}}
	p.list.Objects = objects
	p.list.Refresh()
	p.scroll.Refresh()
	p.seen()
}

func (p *sharePicker) columns() int {
	return max(1, int((p.scroll.Size().Width+gap)/(entryWidth+gap)))
}

// resize makes the picker as large as the window allows and the entries need.
func (p *sharePicker) resize() {
	room := p.env.window.Canvas().Size().SubtractWidthHeight(24, 24)
	width, most := min(room.Width, 800), min(room.Height, 640)
	p.popup.Resize(fyne.NewSize(width, most))
	p.layoutList()
	if spare := p.scroll.Size().Height - p.list.MinSize().Height; spare > 0 {
		p.popup.Resize(fyne.NewSize(width, max(min(most, 240), most-spare)))
		p.seen()
	}
}

// move gives the focus to the entry beside, above or below one: by place, since groups end in the middle of a row.
func (p *sharePicker) move(from *shareEntry, key fyne.KeyName) {
	i := slices.Index(p.entries, from)
	switch key {
	case fyne.KeyLeft:
		p.focus(i - 1)
	case fyne.KeyRight:
		p.focus(i + 1)
	case fyne.KeyUp, fyne.KeyDown:
		best, nearest := -1, float32(math.MaxFloat32)
		for j, e := range p.entries {
			dy := e.Position().Y - from.Position().Y
			if key == fyne.KeyUp {
				dy = -dy
			}
			dx := e.Position().X - from.Position().X
			if far := 100*dy + max(dx, -dx); dy > 0 && far < nearest {
				best, nearest = j, far
			}
		}
		p.focus(best)
	}
}
