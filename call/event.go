package call

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
	Problem    error // why State is PersonFailed, in words for the user; else nil
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

func (StateChanged) event()  {}
func (PersonJoined) event()  {}
func (PersonUpdated) event() {}
func (PersonLeft) event()    {}

// Choice is what the local side uses of one kind of device.
type Choice struct {
	Label   string // the label asked for: one of a list, devices.Default, devices.None, or a test source
	On      bool   // the user wants it on; off is muted, and a camera that is off is closed
	Opening bool   // it is being opened
	Open    bool   // it runs
	Err     error  // why it does not, wrapping a sentinel of package devices; nil when it does, or is off or none
}
