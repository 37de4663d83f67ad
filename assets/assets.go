// Package assets holds what ships inside the program: the application's icon, the typeface, and the signs on
// buttons. All of it is embedded, so the program is one file and starts from anywhere.
//
// The typeface is Inter, under the SIL Open Font License (fonts/OFL.txt); the icons are our own, drawn as strokes of
// 1.8 in currentColor on a grid of 24, and get their colour from whoever shows them.
package assets

import "embed"

// AppIcon is the application's icon, a PNG of 512 by 512 pixels. It is drawn from icon.svg beside it.
//
//go:embed icon.png
var AppIcon []byte

// The weights of Inter that the program uses, in OpenType format.
var (
	//go:embed fonts/Inter-Regular.otf
	InterRegular []byte
	//go:embed fonts/Inter-SemiBold.otf
	InterSemiBold []byte
	//go:embed fonts/Inter-Bold.otf
	InterBold []byte
)

//go:embed icons/*.svg
var icons embed.FS

// The names of the icons.
const (
	IconMicrophone    = "microphone"
	IconMicrophoneOff = "microphone-off"
	IconCamera        = "camera"
	IconCameraOff     = "camera-off"
	IconHangUp        = "hang-up"
	IconChevronDown   = "chevron-down"
	IconChevronUp     = "chevron-up"
	IconFullScreen    = "full-screen"
	IconShare         = "share"
	IconCaution       = "caution"
	IconSpeakerOff    = "speaker-off"
)

// Icon returns the SVG of that name, one of the constants of this package; its colour is the word currentColor. Another name is a bug in the caller and
// panics.
func Icon(name string) []byte {
	svg, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		panic("assets: no icon " + name)
	}
	return svg
}
