package ui

import (
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"golang.org/x/image/font/sfnt"

	"parley/assets"
)

// typeface is a weight of Inter. Wherever the theme's font is asked for, Fyne reads four more with it (a second typeface, all emoji, symbols,
// one of the system's), 5 MB for each weight, and keeps them. What Inter has all letters of, which is nearly everything, therefore asks for
// less, and looks the same.
type typeface int

const (
	regular typeface = iota
	semiBold
	bold // for headings
)

var (
	fontRegular  = fyne.NewStaticResource("Inter-Regular.otf", assets.InterRegular)
	fontSemiBold = fyne.NewStaticResource("Inter-SemiBold.otf", assets.InterSemiBold)
	fontBold     = fyne.NewStaticResource("Inter-Bold.otf", assets.InterBold)
)

// plain is the style of regular text by which Fyne reads our font and its small one of symbols alone. It is for widgets of Fyne's own too, which
// have a style but no way to name a font.
var plain = fyne.TextStyle{Symbol: true}

// look returns what a canvas.Text that shows s needs.
func (f typeface) look(s string) (fyne.TextStyle, fyne.Resource) {
	switch {
	case f == bold:
		return fyne.TextStyle{Bold: true}, fontBold
	case f == semiBold && covered(s):
		return fyne.TextStyle{Bold: true}, fontSemiBold
	case f == semiBold:
		return fyne.TextStyle{Bold: true}, nil
	}
	return plainIfCovered(s), nil
}

// plainIfCovered is the style of regular text for s.
func plainIfCovered(s string) fyne.TextStyle {
	if covered(s) {
		return plain
	}
	return fyne.TextStyle{}
}

// measure returns the size of one line.
func (f typeface) measure(s string, size float32) fyne.Size {
	style, source := f.look(s)
	room, _ := fyne.CurrentApp().Driver().RenderedTextSize(s, size, style, source)
	return room
}

// write makes line show s.
func (f typeface) write(line *canvas.Text, s string) {
	line.Text = s
	line.TextStyle, line.FontSource = f.look(s)
}

// unnamed is our regular font without a name. Fyne remembers sizes of text by the name of a font, where the theme's has none.
var unnamed = fyne.NewStaticResource("", assets.InterRegular)

// measureForEntry sees to it that Fyne knows the size of what an entry measures in the theme's font, whatever the style of the entry is. Were Fyne
// to forget about names, nothing would happen but that it reads the fonts.
func measureForEntry() {
	fyne.CurrentApp().Driver().RenderedTextSize("M", textNormal, fyne.TextStyle{}, unnamed)
}

// inter is any weight: all have the same letters.
var inter = sync.OnceValue(func() *sfnt.Font {
	font, err := sfnt.Parse(assets.InterRegular)
	if err != nil {
		panic(err) // it is part of the program
	}
	return font
})

// lookup is what inter needs to look for a letter, for one goroutine at a time.
var lookup struct {
	sync.Mutex
	sfnt.Buffer
}

// covered says whether Inter has every letter of s.
func covered(s string) bool {
	lookup.Lock()
	defer lookup.Unlock()
	for _, letter := range s {
		if index, err := inter().GlyphIndex(&lookup.Buffer, letter); err != nil || index == 0 {
			return false
		}
	}
	return true
}
