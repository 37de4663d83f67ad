package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"parley/assets"
	"parley/call"
	"parley/devices"
)

// callBar is the foot of a call: own devices, sharing, full screen, hanging up. Each button tells its shortcut when the pointer
// or the focus is on it.
type callBar struct {
	env  *env
	box  *fyne.Container
	hint *panel

	mic, micMore, cam, camMore, share, full, leave *round
	marks                                          map[devices.Kind]*round // stand while a device is missing by failure
	words                                          *text
	pointed                                        *round
	standing                                       string // what the hint says at the microphone while nothing is pointed at
}

func newCallBar(env *env, onKey func(*fyne.KeyEvent), onShare, onSettings, onLeave func()) *callBar {
	b := &callBar{env: env, marks: make(map[devices.Kind]*round)}
	b.hint, b.words = newBadge("", textSmall)
	b.hint.Hide()
	large := func(sign string, ground fyne.ThemeColorName, label string, onTapped func()) *round {
		return b.button(&round{sign: sign, ground: ground, tappable: tappable{label: label, onTapped: onTapped, onKey: onKey}})
	}
	more := func(label string, of *round, kinds ...devices.Kind) *round {
		r := b.button(&round{
			sign: assets.IconChevronUp, ground: colorSurface, size: smallRound, border: true, tappable: tappable{label: label, onKey: onKey},
		})
		r.onTapped = func() {
			b.onHint(r, false)
			openMenu(env, kinds, of, fyne.NewMenuItem("Settings…", onSettings)) // at the large one, so as to cover none beside
		}
		return r
	}
	b.mic = large(assets.IconMicrophone, colorButton, "", func() { toggle(env.media, devices.KindMicrophone) })
	b.micMore = more("Choose microphone and speaker", b.mic, devices.KindMicrophone, devices.KindSpeaker)
	b.cam = large(assets.IconCamera, colorButton, "", func() { toggle(env.media, devices.KindCamera) })
	b.camMore = more("Choose a camera", b.cam, devices.KindCamera)
	b.share = large(assets.IconShare, colorButton, "Share a screen or a window", onShare)
	b.full = large(assets.IconFullScreen, colorButton, "Full screen", b.onFullScreen)
	b.leave = large(assets.IconHangUp, colorLeave, "Hang up", onLeave)
	b.leave.width = 76
	objects := []fyne.CanvasObject{b.mic, b.micMore, b.cam, b.camMore}
	for _, kind := range ownKinds {
		b.marks[kind] = b.newMark(kind, onKey)
		objects = append(objects, b.marks[kind])
	}
	b.box = container.New(layoutFunc{min: fyne.NewSize(300, barHeight), layout: b.place}, append(objects, b.share, b.full, b.leave)...)
	return b
}

// button makes a button that tells what it does when it is pointed at.
func (b *callBar) button(r *round) *round {
	r.onHint = func(show bool) { b.onHint(r, show) }
	return newRound(r)
}

// newMark makes what stands at a button while a device is missing; a press tries again.
func (b *callBar) newMark(kind devices.Kind, onKey func(*fyne.KeyEvent)) *round {
	sign := assets.IconCaution
	if kind == devices.KindSpeaker {
		sign = assets.IconSpeakerOff // there is no button of its own to be at
	}
	mark := b.button(&round{
		sign: sign, ground: colorCautionOn, size: smallRound, border: true,
		tappable: tappable{onTapped: func() { b.env.tryAgain(kind) }, onKey: onKey},
	})
	mark.Hide()
	return mark
}

const (
	barHeight  float32 = 84
	smallRound float32 = 22
)

// update reads afresh which devices are on, which are missing, and whether something is shared.
func (b *callBar) update() {
	showSwitch(b.mic, devices.KindMicrophone, b.env.media.Choice(devices.KindMicrophone), colorButton)
	showSwitch(b.cam, devices.KindCamera, b.env.media.Choice(devices.KindCamera), colorButton)
	for _, kind := range ownKinds {
		b.updateMark(kind, b.env.media.Choice(kind))
	}
	switch sharing := b.env.media.Sharing(); {
	case sharing.Open:
		b.share.set(assets.IconShare, colorAccent, "Stop sharing")
	case sharing.Opening:
		b.share.set(assets.IconShare, colorAccent, "Do not share")
	default:
		b.share.set(assets.IconShare, colorButton, "Share a screen or a window")
	}
	b.showHint()
}

// updateMark lets the mark of a device stand while it is missing. A device that is being tried again is missing still.
func (b *callBar) updateMark(kind devices.Kind, choice call.Choice) {
	mark := b.marks[kind]
	t, bad := b.env.host.explain(kind, choice)
	switch {
	case bad && failed(choice):
		mark.set(mark.sign, mark.ground, t.what+" Try again.")
		mark.Show()
	case choice.Opening && mark.Visible():
	default:
		if mark.focused {
			b.env.window.Canvas().Unfocus()
		}
		if b.pointed == mark {
			b.pointed = nil
		}
		mark.Hide()
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
	case b.share:
		return "S"
	case b.full:
		return "F"
	case b.leave:
		return "Ctrl+H"
	}
	return ""
}

// say lets words stand at the microphone, where nothing else is to be told; empty ones take them away.
func (b *callBar) say(words string) {
	if words != b.standing {
		b.standing = words
		b.showHint()
	}
}

func (b *callBar) onHint(r *round, show bool) {
	switch {
	case show:
		b.pointed = r
	case b.pointed == r:
		b.pointed = nil
	}
	b.showHint()
}

// showHint tells about the button that is pointed at.
func (b *callBar) showHint() {
	words := b.standing
	if b.pointed != nil {
		words = b.pointed.label
		if key := b.shortcut(b.pointed); key != "" {
			words += "  ·  " + key
		}
	}
	b.words.set(words)
	if words == "" {
		b.hint.Hide()
		return
	}
	b.hint.Show()
	b.placeHint()
}

// layout puts the bar at the foot of a window of that size.
func (b *callBar) layout(size fyne.Size) {
	put(b.box, 0, size.Height-barHeight, size.Width, barHeight)
	b.placeHint()
}

func (b *callBar) placeHint() {
	at := b.pointed
	if at == nil {
		at = b.mic
	}
	size := b.hint.MinSize()
	size.Width = b.hint.fit(b.box.Size().Width - 16)
	middle := at.Position().X + at.Size().Width/2
	x := max(8, min(middle-size.Width/2, b.box.Size().Width-size.Width-8))
	put(b.hint, x, b.box.Position().Y+8-size.Height, size.Width, size.Height)
}

func (b *callBar) place(_ []fyne.CanvasObject, size fyne.Size) {
	y := (size.Height - roundSize) / 2
	buttons := []*round{b.mic, b.cam, b.share, b.full, b.leave}
	var width float32
	for _, r := range buttons {
		width += r.MinSize().Width
	}
	between, apart := float32(14), float32(24) // hanging up is not to be hit by mistake
	gaps := float32(len(buttons)-1)*between + apart
	if squeeze := max(0, size.Width-16-width) / gaps; squeeze < 1 {
		between, apart, gaps = between*squeeze, apart*squeeze, gaps*squeeze
	}
	x := (size.Width - width - gaps) / 2
	for _, r := range buttons {
		if r == b.leave {
			x += apart
		}
		put(r, x, y, r.MinSize().Width, roundSize)
		x += r.MinSize().Width + between
	}
	for more, r := range map[*round]*round{b.micMore: b.mic, b.camMore: b.cam} {
		put(more, r.Position().X+roundSize-17, y+roundSize-19, smallRound, smallRound)
	}
	for kind, r := range map[devices.Kind]*round{devices.KindMicrophone: b.mic, devices.KindCamera: b.cam} {
		put(b.marks[kind], r.Position().X+roundSize-17, y-3, smallRound, smallRound)
	}
	put(b.marks[devices.KindSpeaker], b.mic.Position().X-5, y-3, smallRound, smallRound)
}
