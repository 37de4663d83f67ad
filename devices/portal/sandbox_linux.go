package portal

import "os"

// Sandboxed says whether this program runs in a Flatpak or a snap, where cameras are reached through the portal and not by
// their device files.
func Sandboxed() bool {
	// https://docs.flatpak.org/en/latest/sandbox-permissions.html, https://snapcraft.io/docs/environment-variables
	_, err := os.Stat("/.flatpak-info")
	return err == nil || os.Getenv("SNAP") != ""
}
