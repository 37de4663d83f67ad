// Package ui is what the user sees: a window that shows the lobby, where devices and a room are chosen, and then
// the call, where every person is a tile.
//
// A [Window] owns one screen at a time. A screen is one struct in one file: newX makes it, buildUI puts its widgets
// together, and onX says what happens when the user, the devices or the call do something. What a screen shows it
// reads afresh from the interfaces of ui.go ([Media], [Call], [Dialer], [Settings]) whenever they say that something
// changed, so it can never disagree with them for long.
//
// In a call, seats.go decides where everybody is: in a grid, or in a strip beside a stage with what somebody shares. What the
// user shares is chosen in the sharePicker and told by the shareBanner. Every word about a device that does not work comes from
// explain.go, and how to be allowed to use it on this system from permission.go.
//
// Two rules hold the package together. All widgets belong to one goroutine, the one that Fyne draws on; whatever
// comes from elsewhere arrives through a [poke], which keeps at most one message under way. And pictures never wait
// for the window, nor the window for pictures, save for the few milliseconds by which the [shutter] puts off a paint:
// each has a [video] that converts the newest frame in its own goroutine and drops what nobody had time to look at.
package ui
