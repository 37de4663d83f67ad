package devices

import "image"

// listScreens returns the screens or windows that can be captured.
func listScreens(kind Kind) []Device { return listX11(kind) }

func openScreenSource(kind Kind, label string, want ScreenFormat) (*Screen, error) {
	return openX11(kind, label, want)
}

func screenThumbnail(kind Kind, label string, width, height int) (image.Image, error) {
	return thumbnailX11(kind, label, width, height)
}
