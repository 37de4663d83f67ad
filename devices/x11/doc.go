// Package x11 sees what is on the screens of an X server: it lists monitors and windows, takes pictures of them, and follows one
// of them while it changes.
//
// [Monitors] and [Windows] say what there is, by the names people know. [OpenMonitor] and [OpenWindow] start a [Capture], whose Grab
// waits until something has changed and returns the picture as an I420 frame. [MonitorPicture] and [WindowPicture] take a single small one.
//
// What it builds on, each an extension of the protocol (https://www.x.org/releases/current/doc/): XFIXES for the pointer, which is in no
// picture of its own, RandR for the monitors, DAMAGE to learn what changed, Composite for windows that are covered or partly off the
// screen, and MIT-SHM to get pictures without sending them through a socket. Nothing can be captured without XFIXES, and no window
// without Composite; without the others it takes more time.
//
// The display is that of the environment variable DISPLAY when a function is called. Each call and each Capture has its own
// connection. The package exists on Linux alone.
package x11
