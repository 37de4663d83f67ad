package ui

import (
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"parley/call"
	"parley/devices"
)

// lobby is the screen before a call: own picture and level, the devices, and which room to dial.
type lobby struct {
	env    *env
	onDial func(Request) error // starts the call, and shows it

	root   *fyne.Container
	scroll *container.Scroll
	body   *fyne.Container
	places *lobbyPlaces

	header  *lobbyHeader
	preview *tile
	mic     *round
	cam     *round
	notes   []*note
	trouble *fyne.Container // the notes; hidden while there are none
	pickers []*picker
	sound   *soundCheck
	pulse   *pulse

	room, name           *field
	roomWrong, nameWrong *complaint
	join                 *button
}

// newLobby makes the screen. close ends what it started.
func newLobby(env *env, start Request, onDial func(Request) error) *lobby {
	l := &lobby{env: env, onDial: onDial}
	l.buildUI(start)
	l.onMedia()
	l.pulse = newPulse(l.sound.look, l.sound.show)
	return l
}

func (l *lobby) buildUI(start Request) {
	l.sound = newSoundCheck(l.env)
	left := container.New(&column{gap: 18}, l.buildPreview(), l.buildNotes(), l.sound.box, l.buildPickers())
	right := container.New(&column{gap: 22}, l.buildCard(start), l.buildRecent())
	l.places.left, l.places.right, l.places.notes = left, right, l.trouble
	l.body = container.New(l.places, left, right)
	l.scroll = container.NewVScroll(l.body)
	l.header = newLobbyHeader(l.env, func() { showSettings(l.env, l.onSettings) })
	l.root = container.New(layoutFunc{min: fyne.NewSize(320, 240), layout: l.layout}, l.header.bar, l.scroll)
}

func (l *lobby) buildPreview() fyne.CanvasObject {
	l.places = &lobbyPlaces{}
	l.preview = newTile(l.env.media.SelfView(), "You", tileOwn, l.env.shutter)
	l.preview.foot = 18 + roundSize // the two buttons
	l.mic = newRound(&round{tappable: tappable{onTapped: func() { toggle(l.env.media, devices.KindMicrophone) }}})
	l.cam = newRound(&round{tappable: tappable{onTapped: func() { toggle(l.env.media, devices.KindCamera) }}})
	return container.New(&l.places.preview, l.preview, l.mic, l.cam)
}

func (l *lobby) buildNotes() fyne.CanvasObject {
	l.trouble = container.New(&column{gap: gap})
	for _, kind := range ownKinds {
		n := newNote(kind, l.env)
		l.notes = append(l.notes, n)
		l.trouble.Add(n.Container)
	}
	return l.trouble
}

func (l *lobby) buildPickers() fyne.CanvasObject {
	box := container.New(&beside{least: 170})
	for _, kind := range ownKinds {
		p := newPicker(&picker{kind: kind, env: l.env})
		l.pickers = append(l.pickers, p)
		box.Add(container.New(&column{gap: 6},
			newText(&text{content: capital(string(kind)), size: textSmall, color: colorQuiet}), p))
	}
	return box
}

func (l *lobby) buildCard(start Request) fyne.CanvasObject {
	fresh := newButton(&button{words: "New", small: true, tappable: tappable{label: "New room name", onTapped: l.onNew}})
	l.room = newField(start.Room, "Room or link", container.New(insets(12), fresh))
	l.name = newField(start.Name, "How others will see you", nil)
	l.room.OnSubmitted = func(string) { l.onJoin() }
	l.name.OnSubmitted = l.room.OnSubmitted
	l.room.onChanged = func(string) { l.complain(nil) }
	l.name.onChanged = func(name string) {
		l.complain(nil)
		l.preview.setName("You", "")
		l.preview.face.set(name)
	}
	l.preview.face.set(start.Name)
	l.roomWrong, l.nameWrong = newComplaint(), newComplaint()
	l.join = newButton(&button{look: lookMain, tall: true, tappable: tappable{onTapped: l.onJoin}})
	label := func(words string) fyne.CanvasObject {
		return newText(&text{content: words, size: textSmall, color: colorQuiet})
	}
	return newPanel(&panel{
		fill: colorSurface, line: colorLine, corner: cornerCard, insetX: 28, insetY: 28,
		content: container.New(&column{gap: 16},
			container.New(&column{gap: 6},
				newText(&text{content: "Dial a room", size: textTitle, title: true}),
				newText(&text{content: "A name, or a link that you were sent.", color: colorQuiet, shrink: true})),
			container.New(&column{gap: 16},
				container.New(&column{gap: 6}, label("Room"), l.room, l.roomWrong.box),
				container.New(&column{gap: 6}, label("Your name"), l.name, l.nameWrong.box)),
			container.New(&column{gap: 12}, l.join,
				newText(&text{content: "Enter ↵", size: textSmall, color: colorQuiet, align: fyne.TextAlignCenter}))),
	})
}

// recentShown is how many calls that were are listed.
const recentShown = 4

func (l *lobby) buildRecent() fyne.CanvasObject {
	box := container.New(&column{gap: 6})
	recent := l.env.settings.Recent()
	if len(recent) == 0 {
		box.Hide()
		return box
	}
	box.Add(newText(&text{content: "Recent", size: textSmall, color: colorQuiet}))
	for _, r := range recent[:min(len(recent), recentShown)] {
		box.Add(newButton(&button{
			words: r.Room, detail: ago(r, time.Now()), look: lookOutline,
			tappable: tappable{onTapped: func() {
				l.room.SetText(r.Room)
				l.env.window.Canvas().Focus(l.room)
			}},
		}))
	}
	return box
}

func (l *lobby) object() fyne.CanvasObject { return l.root }

// shown is called when the screen is in the window.
func (l *lobby) shown() {
	if l.name.Text == "" {
		l.env.window.Canvas().Focus(l.name)
		return
	}
	l.env.window.Canvas().Focus(l.room)
}

// close ends the preview, so that the call can show the own picture, and a test of the sound.
func (l *lobby) close() {
	if l.env.media.SoundTest().Phase != call.SoundTestIdle {
		l.env.media.StopSoundTest()
	}
	l.pulse.close()
	l.preview.close()
}

func (l *lobby) onKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyReturn || key.Name == fyne.KeyEnter {
		l.onJoin()
	}
}

func (l *lobby) onNew() {
	l.room.SetText(newRoomName())
	l.env.window.Canvas().Focus(l.room)
}

func (l *lobby) onJoin() {
	request := Request{Room: strings.TrimSpace(l.room.Text), Name: strings.TrimSpace(l.name.Text)}
	switch {
	case request.Room == "":
		l.complain(&FieldError{FieldRoom, errors.New("type the name of a room, or take a new one")})
	case request.Name == "":
		l.complain(&FieldError{FieldName, errors.New("type a name, so that others know who you are")})
	default:
		l.complain(l.onDial(request))
	}
}

// complain shows what is wrong with the input at its field; nil takes earlier complaints away.
func (l *lobby) complain(err error) {
	var field *FieldError
	room, name := err, error(nil)
	if errors.As(err, &field) && field.Field == FieldName {
		room, name = nil, field
	}
	changed := l.roomWrong.set(room)
	if l.nameWrong.set(name) || changed {
		l.relayout()
	}
	if name != nil {
		l.env.window.Canvas().Focus(l.name)
	}
}

// onMedia shows how the devices are now.
func (l *lobby) onMedia() {
	changed, quiet := false, true
	for _, n := range l.notes {
		changed = n.update() || changed
		quiet = quiet && !n.Visible()
	}
	l.trouble.Hidden = quiet
	for _, p := range l.pickers {
		p.update()
	}
	changed = l.sound.update() || changed
	camera, microphone := l.env.media.Choice(devices.KindCamera), l.env.media.Choice(devices.KindMicrophone)
	showSwitch(l.cam, devices.KindCamera, camera, colorVeil)
	showSwitch(l.mic, devices.KindMicrophone, microphone, colorVeil)
	l.preview.setPicture(camera.On && camera.Open)
	switch {
	case camera.Opening:
		l.preview.setWord("Starting the camera", "")
	case willSend(camera):
		l.preview.setWord("", "")
	default:
		l.preview.setWord("Others will see your initials", "")
	}
	l.join.set(joinText(camera, microphone))
	if changed {
		l.relayout()
	}
}

func (l *lobby) onSettings() {
	l.header.update()
	l.root.Refresh()
}

// layout puts the header at the top and what scrolls below it.
func (l *lobby) layout(_ []fyne.CanvasObject, size fyne.Size) {
	put(l.header.bar, 0, 0, size.Width, headerHeight)
	l.places.width, l.places.view = size.Width, size.Height-headerHeight
	put(l.scroll, 0, headerHeight, size.Width, size.Height-headerHeight)
	l.scroll.Refresh()
}

func (l *lobby) relayout() {
	if l.root.Size().Width > 0 {
		l.layout(nil, l.root.Size())
		l.body.Refresh()
	}
}

// toggle switches a device; one that was not chosen at all becomes the system's.
func toggle(media Media, kind devices.Kind) {
	choice := media.Choice(kind)
	if choice.Label == devices.None {
		media.Use(kind, devices.Default)
		media.Switch(kind, true)
		return
	}
	media.Switch(kind, !choice.On)
}
