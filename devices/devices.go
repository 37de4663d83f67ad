// Package devices finds and opens what a call is made of on this machine: cameras, microphones, speakers, screens and windows, and the
// test sources that stand in for them.
//
// A device is known by its kind and its label, the name that people know it by ("HD Pro Webcam C920");
// labels survive replugging and restarts, so settings keep them. [List] says what there is and, for
// what cannot be opened, why; [OpenCamera], [OpenMicrophone], [OpenSpeaker] and [OpenScreen] open one. Each
// way in which a device fails is a sentinel of its own, named as the W3C names it; see errors.go. [Watch] tells when the lists change.
//
// Two sources need no hardware: the camera [Pattern] draws a counter that a program can read back from the
// picture (package devices/pattern), and the microphone [Tone] plays a known sequence of tones (package devices/tone).
//
// A camera runs once, however many handles it has: camera_feed.go hands its pictures out, and gives up on a driver that hangs. Below that
// is the grabber: the pattern, a driver of mediadevices (camera_driver.go; cameras_linux.go finds it by the nodes of V4L2), or what the
// desktop hands to a program in a sandbox (cameras_portal_linux.go). permission.go and its like ask the system, where it has to be asked.
package devices

// Kind says what a device does.
type Kind string

// The kinds of device.
const (
	KindCamera     Kind = "camera"
	KindMicrophone Kind = "microphone"
	KindSpeaker    Kind = "speaker"
	KindScreen     Kind = "screen" // a whole display
	KindWindow     Kind = "window" // one window of a program
)

// Labels with a meaning of their own, beside those of real devices. A real device is never listed under one of them.
const (
	// Default, the empty label, is whichever device the system prefers.
	Default = ""
	// None is no device: no picture, no sound. As a speaker it is one that nobody hears, but that keeps time.
	None = "none"
	// Pattern is the test camera.
	Pattern = "pattern"
	// Tone is the test microphone.
	Tone = "tone"
	// Ask, as a screen, lets the system ask the user which screen or window to share; it is the only entry where programs
	// may not look for themselves (Wayland).
	Ask = "ask"
)

// Device is one entry of a list of devices.
type Device struct {
	Kind    Kind   // what it does
	Label   string // what people call it; unique within its kind
	Default bool   // the system prefers it
	Test    bool   // a test source, not hardware
	Err     error  // why it cannot be opened, wrapping a sentinel of this package; nil when it can, as far as is known
}
