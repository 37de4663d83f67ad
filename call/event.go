package call

import "parley/devices"

// State is how the call as a whole stands, seen from this side.
type State string

// The states of a call. Joining leads to Joined or Failed; Joined and Reconnecting alternate; Left and Failed are final.
const (
	Joining      State = "joining"      // reaching the signaling server and asking for the room
	Joined       State = "joined"       // in the room
	Reconnecting State = "reconnecting" // the signaling server is out of reach; people who are connected stay so
	Left         State = "left"         // this side left
	Failed       State = "failed"       // the server refused, or the room is gone
)

// PersonState is how the connection to one person stands.
type PersonState string

// The states of the connection to a person.
const (
	PersonConnecting   PersonState = "connecting"
	PersonConnected    PersonState = "connected"
	PersonReconnecting PersonState = "reconnecting" // the path is lost; a new one is being sought
	PersonFailed       PersonState = "failed"       // no path was found, or nothing to send or show is understood by both; see Problem
)

// Person is somebody else in the room.
type Person struct {
	ID         string // given by the server; unique in the room
	Name       string // as they call themselves; never empty, and not unique
	State      PersonState
	Camera     bool  // they say that they send a picture
	Microphone bool  // they say that they send sound
	Screen     bool  // they say that they share a screen or a window
	Problem    error // why State is PersonFailed, in words for the user; else nil
	Quality    Quality
	Cause      Cause // why Quality is not good, as far as that can be told
}

// Reason says why somebody left.
type Reason string

// The reasons for leaving.
const (
	ReasonLeft     Reason = "left"      // hung up
	ReasonTimeout  Reason = "timeout"   // lost: nothing was heard of them
	ReasonKicked   Reason = "kicked"    // removed by somebody
	ReasonNodeLost Reason = "node-lost" // the server that they were on died
	ReasonReplaced Reason = "replaced"  // they came back on another connection
)

// Event is something that happened in a call: one of the types below.
type Event interface{ event() }

// StateChanged says how the call stands now. Err says why, for Reconnecting and Failed, in words for the user.
type StateChanged struct {
	State State
	Err   error
}

// PersonJoined says that somebody came, or was there when this side joined.
type PersonJoined struct{ Person Person }

// PersonUpdated says that what is known of somebody changed.
type PersonUpdated struct{ Person Person }

// PersonLeft says who went, and why.
type PersonLeft struct {
	Person Person
	Reason Reason
}

// ActiveSpeakerChanged says whom [Call.ActiveSpeaker] returns now; "" is nobody, since who spoke last left.
type ActiveSpeakerChanged struct{ ID string }

func (StateChanged) event()         {}
func (PersonJoined) event()         {}
func (PersonUpdated) event()        {}
func (PersonLeft) event()           {}
func (ActiveSpeakerChanged) event() {}

// Choice is what the local side uses of one kind of device.
type Choice struct {
	Label   string // the label asked for: one of a list, devices.Default, devices.None, or a test source
	Using   string // the label of the device that runs; empty when none does. It differs from Label for devices.Default, and for a fallback
	On      bool   // the user wants it on; off is muted, and a camera that is off is closed
	Opening bool   // it is being opened
	Open    bool   // a device runs: the one asked for, or where that is not there, the next one
	Err     error  // why the one asked for does not run, wrapping a sentinel of package devices; nil when it does, or is off or none
}

// Fallback says whether another device runs because the one asked for is not there. It is taken again when it comes back.
func (c Choice) Fallback() bool { return c.Open && c.Err != nil }

// Share says what to show to the others beside the camera's picture.
type Share struct {
	Kind      devices.Kind // devices.KindScreen or devices.KindWindow
	Label     string       // of devices.List
	FrameRate float64      // a second, at the most; 0 is 15
}

// Sharing is how sharing goes.
type Sharing struct {
	Share          // what was asked for
	Using   string // what is shown, as the user knows it; empty while nothing is
	Opening bool   // it is being opened, or the system asks the user
	Open    bool   // others can see it
	Err     error  // why it is not shown, or no longer, wrapping a sentinel of package devices; nil when the user ended it
}

// Loudness is how well the own microphone can be heard, judged over the last seconds in which somebody talked.
type Loudness string

// The degrees of loudness.
const (
	LoudnessUnknown  Loudness = ""         // nobody talked yet
	LoudnessQuiet    Loudness = "quiet"    // others will strain to hear it
	LoudnessGood     Loudness = "good"     //
	LoudnessClipping Loudness = "clipping" // the microphone is overdriven and distorts
)

// Processing is what is done to the sound of the own microphone before others hear it.
type Processing struct {
	Echo  bool // take out what the own speaker plays
	Noise bool // take out steady noise; music suffers
	Gain  bool // bring quiet and loud voices to one level
	Music bool // in stereo, and none of the above
}

// Signal is a short sound that tells the user what happened.
type Signal string

// The signals.
const (
	SignalArrival   Signal = "arrival"   // somebody came
	SignalDeparture Signal = "departure" // somebody went
)

// SoundTestPhase is what a test of the own sound does.
type SoundTestPhase string

// The phases of a test of the own sound.
const (
	SoundTestIdle      SoundTestPhase = ""
	SoundTestChime     SoundTestPhase = "chime"     // the test sound plays
	SoundTestRecording SoundTestPhase = "recording" // the microphone is recorded
	SoundTestPlaying   SoundTestPhase = "playing"   // what was recorded is played back
)

// SoundTest is how a test of the own sound goes.
type SoundTest struct {
	Phase SoundTestPhase
	Done  float64 // of the phase, 0 to 1
	Err   error   // why the last test failed, wrapping a sentinel of package devices
}

// Limits say how much of the network the media of a whole call may use, in bit/s; 0 is no limit. What is sent counts once for each
// person it goes to.
type Limits struct {
	Up   int `json:"up,omitempty"`
	Down int `json:"down,omitempty"`
}

// leastLimit is the lowest limit that leaves room for a voice and a picture as large as a stamp.
const leastLimit = 100_000

// Sane returns the limits without those that no call could keep to.
func (l Limits) Sane() Limits {
	if l.Up < leastLimit {
		l.Up = 0
	}
	if l.Down < leastLimit {
		l.Down = 0
	}
	return l
}
