package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// settingsDialog lets the user choose the signaling server and how windows look.
type settingsDialog struct {
	env       *env
	onChanged func()

	popup  *widget.PopUp
	box    *fyne.Container
	server *widget.Entry
	wrong  *complaint
	themes []*button
	chosen Theme
}

// showSettings opens the dialog; onChanged is called on the UI goroutine when it was saved.
func showSettings(env *env, onChanged func()) *settingsDialog {
	d := &settingsDialog{env: env, onChanged: onChanged, chosen: env.settings.Theme()}
	d.buildUI()
	d.popup.Show()
	env.window.Canvas().Focus(d.server)
	return d
}

func (d *settingsDialog) buildUI() {
	server, serverField := newField(d.env.dialer.Server(), "None: this computer is the server", nil)
	d.server = server
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
	explanation, set := newParagraph(fyne.TextAlignLeading)
	set(run{content: "It brings people together; picture and sound go directly between them.", color: colorQuiet})
	d.box = container.New(&column{gap: 18},
		newText(&text{content: "Settings", size: textTitle, title: true}),
		container.New(&column{gap: 6}, label("Signaling server"), serverField, d.wrong.box, explanation),
		container.New(&column{gap: 6}, label("Appearance"), themes),
		container.New(layoutFunc{min: fyne.NewSize(300, 38), layout: buttonsAtEnd},
			newButton(&button{words: "Cancel", look: lookPlain, tappable: tappable{onTapped: d.onCancel}}),
			newButton(&button{words: "Save", look: lookMain, tappable: tappable{onTapped: d.onSave}})))
	d.popup = widget.NewModalPopUp(container.New(insets(24), d.box), d.env.window.Canvas())
	d.resize()
}

// resize gives the dialog the height that its content needs.
func (d *settingsDialog) resize() {
	width := min(460, d.env.window.Canvas().Size().Width-24)
	settle(d.box, 0, 0, width-48)
	d.popup.Resize(fyne.NewSize(width, d.box.MinSize().Height+48))
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

func (d *settingsDialog) onCancel() { d.popup.Hide() }

func (d *settingsDialog) onSave() {
	if address := strings.TrimSpace(d.server.Text); address != d.env.dialer.Server() {
		if err := d.env.dialer.SetServer(address); err != nil {
			d.wrong.set(err)
			d.resize()
			return
		}
	}
	d.popup.Hide()
	if d.chosen != d.env.settings.Theme() {
		d.env.settings.SetTheme(d.chosen)
		d.env.app.Settings().SetTheme(look{d.chosen})
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
