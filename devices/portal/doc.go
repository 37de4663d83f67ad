// Package portal asks the desktop, over D-Bus, for what a program may not take by itself: the screen under Wayland, and the
// camera in a Flatpak or a snap.
//
// The desktop shows the user its own dialogue, and answers with a file descriptor: a connection to PipeWire on which
// nothing but what was granted is seen (package devices/pipewire reads the pictures). [ScreenCast] asks for a screen or a window,
// [AccessCamera] for the cameras, [ScreenCastOffered] says whether asking makes sense. Both take as long as the user thinks, and end with
// their context.
//
// The protocol: https://flatpak.github.io/xdg-desktop-portal/docs/. Every question is a method call that is answered at once by
// the path of a Request, and later by its signal Response. The fake in devices/portaltest speaks it too.
//
// There is only Linux in here; elsewhere the package has its errors and nothing else. Every function may be called from any goroutine.
package portal
