package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"parley/call"
)

// settingsDialog lets the user choose the signaling server, how windows look, what is done to the sound, and how much a call may use of
// the network.
type settingsDialog struct {
	env       *env
	onChanged func()

	popup  *widget.PopUp
	head   *fyne.Container
	scroll *container.Scroll // of the box, where the window is too low for it
	box    *fyne.Container
	foot   *fyne.Container
	server *field
	wrong  *complaint
	themes []*button
	chosen Theme
	sound  Sound
	limits call.Limits
}

// scrollEdge leaves room for the ring around a field, which the scroll would cut off.
const scrollEdge = 4

// showSettings opens the dialog; onChanged is called on the UI goroutine when it was saved.
func showSettings(env *env, onChanged func()) *settingsDialog {
	d := &settingsDialog{env: env, onChanged: onChanged, chosen: env.settings.Theme(), sound: env.settings.Sound(), limits: env.settings.Limits()}
	d.buildUI()
	d.popup.Show()
	env.window.Canvas().Focus(d.server)
	return d
}

func (d *settingsDialog) buildUI() {
	d.server = newField(d.env.dialer.Server(), "None: this computer is the server", nil)
	d.server.OnSubmitted = func(string) { d.onSave() }
	d.wrong = newComplaint()
	themes := container.New(row{gap: 8})
	for _, choice := range []struct {
		theme Theme
		words string
	}{{ThemeSystem, "Like the system"}, {ThemeDark, "Dark"}, {ThemeLight, "Light"}} {
		b := newButton(&button{words: choice.words, look: lookPlain, tappable: tappable{}})
		b.onTapped = func() { d.onTheme(choice.theme) }
		d.themes = append(d.themes, b)
		themes.Add(b)
	}
	d.markTheme()
	label := func(words string) fyne.CanvasObject {
		return newText(&text{content: words, size: textSmall, color: colorQuiet})
	}
	explanation := newParagraph(fyne.TextAlignLeading)
	explanation.set(run{content: "It brings people together; picture and sound go directly between them.", color: colorQuiet})
	title := newText(&text{content: "Settings", size: textTitle, title: true})
	d.box = container.New(&column{gap: 18},
		container.New(&column{gap: 6}, label("Signaling server"), d.server, d.wrong.box, explanation),
		container.New(&column{gap: 6}, label("Appearance"), themes),
		container.New(&column{gap: 2}, label("Microphone"),
			newCheck("Take out echo of the speaker", &d.sound.Echo),
			newCheck("Take out noise", &d.sound.Noise),
			newCheck("Even out loudness", &d.sound.Gain),
			newCheck("Music: in stereo, and nothing of the above", &d.sound.Music)),
		container.New(&column{gap: 6}, label("Data saver"),
			newLimit("Send at most", &d.limits.Up),
			newLimit("Receive at most", &d.limits.Down)),
		container.New(&column{gap: 2}, label("In a call"), newCheck("A sound when somebody comes or goes", &d.sound.Signals)))
	d.foot = container.New(layoutFunc{min: fyne.NewSize(300, 38), layout: buttonsAtEnd},
		newButton(&button{words: "Cancel", look: lookPlain, tappable: tappable{onTapped: d.onCancel}}),
		newButton(&button{words: "Save", look: lookMain, tappable: tappable{onTapped: d.onSave}}))
	d.head = container.New(&column{}, title)
	d.scroll = container.NewVScroll(container.New(insets(scrollEdge), d.box))
	all := container.New(layoutFunc{min: fyne.NewSize(300, 200), layout: d.layout}, d.head, d.scroll, d.foot)
	d.popup = widget.NewModalPopUp(container.New(insets(24), all), d.env.window.Canvas())
	d.resize()
}

// resize gives the dialog the height that its content needs, or what there is.
func (d *settingsDialog) resize() {
	most := d.env.window.Canvas().Size()
	width := min(460, most.Width-24)
	settle(d.box, 0, 0, width-48)
	height := d.head.MinSize().Height + d.box.MinSize().Height + d.foot.MinSize().Height + 2*edge + 2*scrollEdge + 48
	d.popup.Resize(fyne.NewSize(width, min(height, most.Height-24)))
}

// layout keeps the title and the buttons in sight; what lies between can be scrolled.
func (d *settingsDialog) layout(_ []fyne.CanvasObject, size fyne.Size) {
	head, foot := d.head.MinSize().Height, d.foot.MinSize().Height
	put(d.head, 0, 0, size.Width, head)
	put(d.scroll, -scrollEdge, head+edge, size.Width+2*scrollEdge, size.Height-head-foot-2*edge)
	put(d.foot, 0, size.Height-foot, size.Width, foot)
}

func (d *settingsDialog) onTheme(theme Theme) {
	d.chosen = theme
	d.markTheme()
}

func (d *settingsDialog) markTheme() {
	for i, theme := range []Theme{ThemeSystem, ThemeDark, ThemeLight} {
		look := lookPlain
		if theme == d.chosen || d.chosen == "" && theme == ThemeSystem {
			look = lookMain
		}
		if d.themes[i].look != look {
			d.themes[i].look = look
			d.themes[i].Refresh()
		}
	}
}

func (d *settingsDialog) open() bool { return d != nil && d.popup.Visible() }

func (d *settingsDialog) onCancel() { d.close() }

// close takes the dialog away, and the focus from its field first; see [Window.show].
func (d *settingsDialog) close() {
	d.env.window.Canvas().Unfocus()
	d.popup.Hide()
}

func (d *settingsDialog) onSave() {
	if address := strings.TrimSpace(d.server.Text); address != d.env.dialer.Server() {
		if err := d.env.dialer.SetServer(address); err != nil {
			d.wrong.set(err)
			d.resize()
			return
		}
	}
	d.close()
	if d.chosen != d.env.settings.Theme() {
		d.env.settings.SetTheme(d.chosen)
		d.env.app.Settings().SetTheme(look{d.chosen})
	}
	if d.sound != d.env.settings.Sound() {
		d.env.settings.SetSound(d.sound)
		d.env.media.Process(d.sound.Processing)
	}
	if d.limits != d.env.settings.Limits() {
		d.env.settings.SetLimits(d.limits)
	}
	d.onChanged()
}

// buttonsAtEnd puts two buttons at the right.
func buttonsAtEnd(buttons []fyne.CanvasObject, size fyne.Size) {
	x := size.Width
	for i := len(buttons) - 1; i >= 0; i-- {
		own := buttons[i].MinSize()
		x -= own.Width
		put(buttons[i], x, (size.Height-own.Height)/2, own.Width, own.Height)
		x -= gap
	}
}

// insets is a layout that keeps one object away from the border.
type insets float32

// MinSize implements fyne.Layout.
func (i insets) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(2*float32(i), 2*float32(i))
}

// Layout implements fyne.Layout.
func (i insets) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	put(objects[0], float32(i), float32(i), size.Width-2*float32(i), size.Height-2*float32(i))
}
