// Package x11test gives a test an X display of its own, with windows that look as it wants.
//
// [Start] runs an Xvfb (package xvfb) that no other program knows of; a test puts its own process there with
// t.Setenv("DISPLAY", d.Name). [Display.Open] opens a window on it, which shows what [Window.Show] was given and is never
// drawn wrong: the X server itself repaints it. The package exists on Linux alone.
package x11test
