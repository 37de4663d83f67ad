// Package devices finds and opens what a call is made of on this machine: cameras, microphones and
// speakers, and the test sources that stand in for them.
//
// A device is known by its kind and its label, the name that people know it by ("HD Pro Webcam C920");
// labels survive replugging and restarts, so settings keep them. [List] says what there is and, for
// what cannot be opened, why; [OpenCamera], [OpenMicrophone] and [OpenSpeaker] open one. Each
// way in which a device fails is a sentinel of its own, named as the W3C names it; see errors.go. [Watch] tells when the lists change.
//
// Two sources need no hardware: the camera [Pattern] draws a counter that a program can read back from the
// picture (package devices/pattern), and the microphone [Tone] plays a known sequence of tones (package devices/tone).
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
