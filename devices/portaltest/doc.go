// Package portaltest gives a test a desktop that asks its user nothing: a portal that answers as it is told, on a session bus
// that no other program knows of.
//
// [Start] runs a dbus-daemon and serves the interfaces ScreenCast and Camera of
// https://flatpak.github.io/xdg-desktop-portal/docs/ on it, as a real bus name with real objects. It grants everything at first;
// [Portal.Answer] makes it refuse, stay silent or talk nonsense. What it hands out is a connection that the test makes, to a
// PipeWire of its own most often (package devices/pipewire/pipewiretest).
package portaltest
