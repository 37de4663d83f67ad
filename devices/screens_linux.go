package devices

import (
	"image"
	"os"
)

// onWayland says whether the user's session is one in which programs may not look at the screens. Its X server, for older
// programs, shows but those.
func onWayland() bool {
	if display, set := os.LookupEnv("WAYLAND_DISPLAY"); set {
		return display != ""
	}
	return os.Getenv("XDG_SESSION_TYPE") == "wayland"
}

// listScreens returns the screens or windows that can be captured.
func listScreens(kind Kind) []Device {
	if onWayland() {
		return listPortal(kind)
	}
	return listX11(kind)
}

func openScreenSource(kind Kind, label string, want ScreenFormat) (*Screen, error) {
	if onWayland() {
		return openPortal(kind, label, want)
	}
	return openX11(kind, label, want)
}

func screenThumbnail(kind Kind, label string, width, height int) (image.Image, error) {
	if onWayland() {
		return nil, ErrNotFound
	}
	return thumbnailX11(kind, label, width, height)
}
