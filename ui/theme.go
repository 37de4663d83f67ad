package ui

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"parley/assets"
)

// The colours of the palette, by what they are for. Fyne's own names stand where it has one for the same thing. The
// accent means "live" and nothing else: join, speaking, level, focus.
const (
	colorBackground = theme.ColorNameBackground
	colorSurface    = fyne.ThemeColorName("parleySurface")
	colorRaised     = fyne.ThemeColorName("parleyRaised")
	colorButton     = theme.ColorNameButton
	colorText       = theme.ColorNameForeground
	colorQuiet      = theme.ColorNamePlaceHolder
	colorLine       = theme.ColorNameSeparator
	colorAccent     = theme.ColorNamePrimary
	colorOnAccent   = theme.ColorNameForegroundOnPrimary
	colorLeave      = theme.ColorNameError
	colorCaution    = theme.ColorNameWarning
	colorCautionOn  = fyne.ThemeColorName("parleyCautionGround")
	colorVeil       = fyne.ThemeColorName("parleyVeil")  // behind what lies over a picture
	colorWhite      = fyne.ThemeColorName("parleyWhite") // on the veil, and on colorLeave
	colorNone       = fyne.ThemeColorName("parleyNone")
)

// Sizes of text, corners and fixed parts, in Fyne's units (pixels at scale 1), on a grid of four.
const (
	textSmall  float32 = 13
	textNormal float32 = 15
	textLarge  float32 = 18
	textTitle  float32 = 24

	cornerSmall  float32 = 8
	cornerField  float32 = 12
	cornerTile   float32 = 16
	cornerCard   float32 = 20
	fieldHeight  float32 = 46
	roundSize    float32 = 52
	headerHeight float32 = 56
	edge         float32 = 20
	gap          float32 = 12
)

var palette = map[fyne.ThemeVariant]map[fyne.ThemeColorName]color.NRGBA{
	theme.VariantDark: {
		colorBackground: rgb(0x0e1116), colorSurface: rgb(0x161a21), colorRaised: rgb(0x1f252e), colorButton: rgb(0x2a323d),
		colorText: rgb(0xe9edf2), colorQuiet: rgb(0x97a3b1), colorLine: rgb(0x262d37),
		colorAccent: rgb(0x3ad6a8), colorOnAccent: rgb(0x06281e),
		colorLeave: rgb(0xe5484d), colorCaution: rgb(0xf5b94a), colorCautionOn: rgb(0x2b2413),
	},
	theme.VariantLight: {
		colorBackground: rgb(0xf4f6f8), colorSurface: rgb(0xffffff), colorRaised: rgb(0xeef1f4), colorButton: rgb(0xe2e7ec),
		colorText: rgb(0x12161c), colorQuiet: rgb(0x5a6675), colorLine: rgb(0xdde3e9),
		colorAccent: rgb(0x0a8566), colorOnAccent: rgb(0xffffff),
		colorLeave: rgb(0xcf2f36), colorCaution: rgb(0x8a5a00), colorCautionOn: rgb(0xfff4dc),
	},
}

// same are the colours that do not change with the theme, since they lie on pictures.
var same = map[fyne.ThemeColorName]color.NRGBA{
	colorVeil:  {R: 0x0b, G: 0x0e, B: 0x12, A: 0xb8},
	colorWhite: rgb(0xffffff),
}

// alias says which of our colours Fyne's own widgets (entries, menus, scroll bars) get for a name of theirs.
var alias = map[fyne.ThemeColorName]fyne.ThemeColorName{
	theme.ColorNameInputBackground:   colorRaised,
	theme.ColorNameInputBorder:       colorNone,
	theme.ColorNameMenuBackground:    colorRaised,
	theme.ColorNameOverlayBackground: colorSurface,
	theme.ColorNameHyperlink:         colorAccent,
	theme.ColorNameDisabled:          colorQuiet,
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

// look is Parley's Fyne theme.
type look struct{ choice Theme }

// variant is the one that the user chose, or the desktop's.
func (l look) variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch l.choice {
	case ThemeDark:
		return theme.VariantDark
	case ThemeLight:
		return theme.VariantLight
	}
	if system == theme.VariantLight {
		return theme.VariantLight
	}
	return theme.VariantDark
}

// Color implements fyne.Theme.
func (l look) Color(name fyne.ThemeColorName, system fyne.ThemeVariant) color.Color {
	variant := l.variant(system)
	if ours, ok := alias[name]; ok {
		name = ours
	}
	if c, ok := palette[variant][name]; ok {
		return c
	}
	if c, ok := same[name]; ok {
		return c
	}
	accent := palette[variant][colorAccent]
	switch name {
	case colorNone:
		// Edges of a border are mixed with what is inside it, transparent or not: black would show.
		nothing := palette[variant][colorBackground]
		nothing.A = 0
		return nothing
	case theme.ColorNameFocus:
		accent.A = 0x48
		return accent
	case theme.ColorNameSelection:
		accent.A = 0x40
		return accent
	case theme.ColorNameHover:
		text := palette[variant][colorText]
		text.A = 0x10
		return text
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Font implements fyne.Theme.
func (l look) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Monospace:
		return theme.DefaultTheme().Font(style)
	case style.Bold:
		return fontSemiBold
	}
	return fontRegular
}

// Icon implements fyne.Theme.
func (l look) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size implements fyne.Theme.
func (l look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return textNormal
	case theme.SizeNameCaptionText:
		return textSmall
	case theme.SizeNameSubHeadingText:
		return textLarge
	case theme.SizeNameHeadingText:
		return textTitle
	case theme.SizeNameInnerPadding:
		return 8
	case theme.SizeNameInputRadius, theme.SizeNameMenuRadius, theme.SizeNameSelectionRadius:
		return cornerField
	case theme.SizeNameInputBorder:
		return 2
	}
	return theme.DefaultTheme().Size(name)
}

// icon returns the sign of that name, one of package assets, in a colour of the palette as it is now: ask again when the
// theme changes. (Fyne's themed resources colour only what is filled, and our icons are strokes.)
func icon(name string, tint fyne.ThemeColorName) fyne.Resource {
	r, g, b, _ := theme.Color(tint).RGBA()
	hex := fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	svg := bytes.ReplaceAll(assets.Icon(name), []byte("currentColor"), []byte(hex))
	return fyne.NewStaticResource(name+hex+".svg", svg)
}
