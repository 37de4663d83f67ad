package ui

import (
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"parley/assets"
	"parley/call"
	"parley/devices"
)

// lobbyPlaces puts the parts of the lobby beside each other or, where the window is narrow, below each other, with
// what is needed to join first.
type lobbyPlaces struct {
	left, right fyne.CanvasObject
	notes       fyne.CanvasObject // in left; the preview makes room for them
	preview     previewPlaces
	width, view float32 // of the part of the window that the lobby has
}

// Measures of the lobby.
const (
	twoColumns = 860  // narrower than this there is one column
	cardWidth  = 408  // the right column
	widest     = 1500 // wider than this the lobby does not get
	belowTile  = 180  // what should be seen below the preview without scrolling
)

// MinSize implements fyne.Layout.
func (p *lobbyPlaces) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(300, p.arrange())
}

// Layout implements fyne.Layout.
func (p *lobbyPlaces) Layout([]fyne.CanvasObject, fyne.Size) { p.arrange() }

// arrange lays everything out for the width, and returns the height that it takes.
func (p *lobbyPlaces) arrange() float32 {
	if p.width <= 0 {
		return 0
	}
	margin := max(edge, min(56, (p.width-twoColumns)/4+edge))
	top := min(margin, 36)
	if p.width < twoColumns {
		width := p.width - 2*margin
		p.preview.size(width, max(180, p.view*0.6))
		y := top / 2
		for _, o := range []fyne.CanvasObject{p.right, p.left} {
			y += settle(o, margin, y, width) + 22
		}
		return y
	}
	width := min(p.width-2*margin, widest)
	left := width - cardWidth - 44
	below := float32(belowTile)
	if p.notes.Visible() {
		below += p.notes.MinSize().Height + 18
	}
	p.preview.size(left, max(240, p.view-below-top))
	x := (p.width - width) / 2
	h := settle(p.left, x, top, left)
	return top + max(h, settle(p.right, x+left+44, top, cardWidth)) + edge
}

// settle puts o at a place in a width, at the height that it needs there, which is returned.
func settle(o fyne.CanvasObject, x, y, width float32) float32 {
	o.Resize(fyne.NewSize(width, o.MinSize().Height))
	h := o.MinSize().Height
	put(o, x, y, width, h)
	return h
}

// previewPlaces puts the two round buttons over the foot of the preview.
type previewPlaces struct{ height float32 }

// size chooses 16:9, but no higher than most.
func (p *previewPlaces) size(width, most float32) { p.height = min(width*9/16, most) }

// MinSize implements fyne.Layout.
func (p *previewPlaces) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, p.height) }

// Layout implements fyne.Layout. The objects are the tile and the buttons.
func (p *previewPlaces) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
	buttons := objects[1:]
	x := (size.Width - float32(len(buttons))*(roundSize+14) + 14) / 2
	for _, b := range buttons {
		put(b, x, size.Height-18-roundSize, roundSize, roundSize)
		x += roundSize + 14
	}
}

// beside puts objects beside each other in columns of the same width, or below each other where that would make them
// narrower than least.
type beside struct{ least, width float32 }

func (b *beside) fits(n int) bool { return b.width >= float32(n)*(b.least+gap)-gap }

// MinSize implements fyne.Layout.
func (b *beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(b.least, 0)
	for i, o := range objects {
		h := o.MinSize().Height
		switch {
		case b.fits(len(objects)):
			size.Height = max(size.Height, h)
		case i > 0:
			size.Height += gap + h
		default:
			size.Height = h
		}
	}
	return size
}

// Layout implements fyne.Layout.
func (b *beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	b.width = size.Width
	n := float32(len(objects))
	if b.fits(len(objects)) {
		width := (size.Width - (n-1)*gap) / n
		for i, o := range objects {
			put(o, float32(i)*(width+gap), 0, width, o.MinSize().Height)
		}
		return
	}
	var y float32
	for _, o := range objects {
		h := o.MinSize().Height
		put(o, 0, y, size.Width, h)
		y += h + gap
	}
}

// lobbyHeader is the line at the top: what program this is, which server it uses, and the settings.
type lobbyHeader struct {
	env     *env
	bar     *fyne.Container
	server  *text
	address *button
}

func newLobbyHeader(env *env, onSettings func()) *lobbyHeader {
	h := &lobbyHeader{env: env}
	dot := newPanel(&panel{fill: colorAccent, corner: 4})
	logo := newText(&text{content: "Parley", size: textLarge, title: true})
	h.server = newText(&text{size: textSmall, color: colorQuiet, shrink: true, align: fyne.TextAlignTrailing})
	h.address = newButton(&button{small: true, tappable: tappable{label: "Copy the address that others dial", onTapped: h.onCopy}})
	settings := newButton(&button{words: "Settings", look: lookQuiet, small: true, tappable: tappable{onTapped: onSettings}})
	place := func(_ []fyne.CanvasObject, size fyne.Size) {
		put(dot, edge, size.Height/2-6, 12, 12)
		own := logo.MinSize()
		put(logo, edge+21, (size.Height-own.Height)/2, own.Width, own.Height)
		free, x := edge+21+own.Width+24, size.Width-edge
		for _, o := range []fyne.CanvasObject{settings, h.address} {
			if !o.Visible() {
				continue
			}
			own := o.MinSize()
			x -= own.Width
			put(o, x, (size.Height-own.Height)/2, own.Width, own.Height)
			x -= 18
		}
		width := max(0, min(h.server.measure(h.server.content).Width, x-free))
		if width < 60 {
			width = 0
		}
		h.server.Hidden = width == 0
		put(h.server, x-width, (size.Height-h.server.MinSize().Height)/2, width, h.server.MinSize().Height)
	}
	h.bar = container.New(layoutFunc{min: fyne.NewSize(280, headerHeight), layout: place},
		dot, logo, h.server, h.address, settings)
	h.update()
	return h
}

// update reads afresh which server is used.
func (h *lobbyHeader) update() {
	server := h.env.dialer.Server()
	address := h.env.dialer.Address()
	if server != "" {
		h.server.set(serverName(server))
		h.address.Hide()
	} else {
		h.server.set("Runs here, no server needed")
		h.address.set(address)
		h.address.label = "Copy the address that others dial, " + address
		h.address.Hidden = address == ""
	}
	h.bar.Refresh()
}

func (h *lobbyHeader) onCopy() {
	h.env.copyText(h.env.dialer.Address())
	h.address.set("Address copied")
	h.bar.Refresh()
}

// serverName is what people call a server: its host.
func serverName(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// complaint is what is wrong with a field, below it. It is hidden while all is well.
type complaint struct {
	box     *paragraph
	content string
}

func newComplaint() *complaint {
	c := &complaint{}
	c.box = newParagraph(fyne.TextAlignLeading)
	c.box.Hide()
	return c
}

// set shows err, or nothing, and says whether that changed anything.
func (c *complaint) set(err error) bool {
	content := sentence(err)
	if content == c.content {
		return false
	}
	c.content = content
	c.box.set(run{content: content, color: colorLeave})
	if content == "" {
		c.box.Hide()
	} else {
		c.box.Show()
	}
	return true
}

// showSwitch makes a round button tell whether its device is on, and what a press will do.
func showSwitch(b *round, kind devices.Kind, choice call.Choice, ground fyne.ThemeColorName) {
	on := choice.On && choice.Label != devices.None
	sign, label := assets.IconMicrophone, "Mute the microphone"
	switch {
	case kind == devices.KindCamera && on:
		sign, label = assets.IconCamera, "Turn the camera off"
	case kind == devices.KindCamera:
		sign, label = assets.IconCameraOff, "Turn the camera on"
	case !on:
		sign, label = assets.IconMicrophoneOff, "Unmute the microphone"
	}
	if !on {
		ground = colorLeave
	}
	b.set(sign, ground, label)
}
