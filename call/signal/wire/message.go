package wire

// Subprotocol is the WebSocket subprotocol (RFC 6455, section 1.9). It is the version of the protocol too: a client that does
// not offer it is not let in.
const Subprotocol = "parley.v1"

// The limits of the protocol, in bytes unless they say otherwise.
const (
	MaxFrame     = 64 << 10  // a message from a participant
	MaxHeader    = 8 << 10   // what comes before the body of a signal message, and any other message from a participant
	MaxFromHost  = 256 << 10 // a message from the server: the list of a full room is the longest
	MaxCandidate = 2 << 10   // one ICE candidate's text
	MaxPeople    = 256       // people in a room, at the very most
	MaxName      = 64        // runes in the name of a person or a room
	maxShort     = 128       // a code, a session, an id, a token
	maxText      = 1 << 10   // an error's text, an ICE server's URL or credential
	maxICE       = 32        // ICE servers; URLs of one
)

// The types of message, as the member "t" has them.
const (
	TypeJoin        = "join"
	TypeLeave       = "leave"
	TypeState       = "state"
	TypeSignal      = "signal"
	TypeJoined      = "joined"
	TypePeerJoined  = "peer-joined"
	TypePeerUpdated = "peer-updated"
	TypePeerLeft    = "peer-left"
	TypeICE         = "ice"
	TypeDraining    = "draining"
	TypeError       = "error"
)

// Message is one of the structs below.
type Message interface {
	// Type returns the message's type, a constant of this package.
	Type() string
	// check returns an error that says which member is wrong.
	check() error
}

// State is what somebody sends at the moment.
type State struct {
	Microphone bool `json:"microphone"`
	Camera     bool `json:"camera"`
	Screen     bool `json:"screen"`
	Hand       bool `json:"hand"` // raised, to be given the word
}

// Peer is somebody in a room.
type Peer struct {
	// ID addresses the person within the room: the beginning of Instance. See [ID].
	ID string `json:"id"`
	// Name is what they call themselves. It is neither empty nor unique.
	Name string `json:"name"`
	// Instance recognises the same running client after it, or the server, came back. See [Instance].
	Instance string `json:"instance"`
	State    State  `json:"state"`
}

// Reason says why somebody left.
type Reason string

// The reasons for leaving.
const (
	ReasonLeft     Reason = "left"      // hung up
	ReasonTimeout  Reason = "timeout"   // lost: nothing was heard of them, or they were too slow
	ReasonKicked   Reason = "kicked"    // removed: the server closed the connection of a client that broke the rules
	ReasonNodeLost Reason = "node-lost" // the server that they were on died
	ReasonReplaced Reason = "replaced"  // the same client joined afresh; peer-joined with the same Instance follows at once
)

// Join asks for a place in a room. It is the first message on a connection.
type Join struct {
	Room  string `json:"room"`
	Name  string `json:"name"`
	State State  `json:"state"`
	// Key is the secret behind the Instance: 32 hexadecimal digits from a random source, made once by a client and sent
	// with each of its joins. Without one the server makes one up, and the client cannot be recognised later.
	Key string `json:"key,omitempty"`
	// Resume is the token of an earlier Joined, to get the same place back.
	Resume string `json:"resume,omitempty"`
}

// Leave says that the client leaves the room. The server then closes the connection.
type Leave struct{}

// SetState says what the client sends from now on.
type SetState struct {
	State State `json:"state"`
}

// Relay carries a Signal from one participant to another. On the way to the server it has To, on the way from it From.
type Relay struct {
	To     string `json:"to,omitempty"`
	From   string `json:"from,omitempty"`
	Signal Signal `json:"d"`
}

// Joined answers Join.
type Joined struct {
	You     Peer        `json:"you"`
	Peers   []Peer      `json:"peers"` // everybody else in the room
	ICE     []ICEServer `json:"ice"`
	Resume  Resume      `json:"resume"`
	Resumed bool        `json:"resumed"`        // the place is the one that the client had before
	Left    []PeerLeft  `json:"left,omitempty"` // for a client that resumed: who left lately
	Mode    string      `json:"mode"`           // how media goes: "mesh", each to each
	Limits  Limits      `json:"limits"`
}

// Resume says how a client that lost its connection gets its place back.
type Resume struct {
	Token   string  `json:"token"`
	Seconds float64 `json:"seconds"` // how long the place is kept after the connection was lost
}

// Limits tells a client what it may send.
type Limits struct {
	Frame     int     `json:"frame"`     // bytes a message
	PerSecond float64 `json:"perSecond"` // messages
	Burst     int     `json:"burst"`     // messages at once
	People    int     `json:"people"`    // in the room
}

// ICEServer is a STUN or TURN server in the members of RTCIceServer
// (https://www.w3.org/TR/webrtc/#rtciceserver-dictionary).
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
	Seconds    float64  `json:"seconds,omitempty"` // how long the credential is good for; 0: for good
}

// PeerJoined says that somebody came.
type PeerJoined struct {
	Peer Peer `json:"peer"`
}

// PeerUpdated says that the name or state of somebody changed.
type PeerUpdated struct {
	Peer Peer `json:"peer"`
}

// PeerLeft says that somebody went, and why.
type PeerLeft struct {
	ID     string `json:"id"`
	Reason Reason `json:"reason"`
}

// ICE replaces the ICE servers that Joined named.
type ICE struct {
	ICE []ICEServer `json:"ice"`
}

// Draining says that the server is about to stop. The connection closes soon with CloseDraining.
type Draining struct{}

// Error says that something that the client did was refused.
type Error struct {
	Code       string  `json:"code"`                 // one of the codes of this package
	Text       string  `json:"text"`                 // a sentence in English
	RetryAfter float64 `json:"retryAfter,omitempty"` // seconds
	Fatal      bool    `json:"fatal"`                // the connection closes
}

// The codes of Error. They are stable; the text is not.
const (
	CodeMessage      = "bad-message"    // not a message of this protocol
	CodeUnknownType  = "unknown-type"   // a type that this server does not know
	CodeNotJoined    = "not-joined"     // something else before join
	CodeJoined       = "already-joined" // a second join
	CodeRoom         = "bad-room"       // the room's name cannot be one
	CodeName         = "bad-name"       // the person's name cannot be one
	CodeRoomFull     = "room-full"
	CodeTooManyRooms = "too-many-rooms" // this address opened too many rooms; see RetryAfter
	CodeResume       = "resume-refused" // the place is gone: join again, without resume, on the same connection
	CodeNoPeer       = "no-such-peer"   // a signal to somebody who is not in the room
	CodePeerBusy     = "peer-busy"      // the signal was dropped: too much from this client waits for that peer already
	CodeRate         = "rate"           // too many messages
	CodeSlow         = "too-slow"       // reads too slowly
	CodeJoinTimeout  = "join-timeout"
	CodeReplaced     = "replaced" // the same client joined on another connection
	CodeDraining     = "draining" // the server stops
)

// The close codes of the WebSocket beside those of RFC 6455.
const (
	CloseProtocol    = 4000
	CloseAuth        = 4001
	CloseKicked      = 4003
	CloseRoomGone    = 4004
	CloseReplaced    = 4005
	CloseSlow        = 4008
	CloseRate        = 4009
	CloseJoinTimeout = 4010
	CloseDraining    = 4012
)

// Type returns TypeJoin.
func (*Join) Type() string { return TypeJoin }

// Type returns TypeLeave.
func (*Leave) Type() string { return TypeLeave }

// Type returns TypeState.
func (*SetState) Type() string { return TypeState }

// Type returns TypeSignal.
func (*Relay) Type() string { return TypeSignal }

// Type returns TypeJoined.
func (*Joined) Type() string { return TypeJoined }

// Type returns TypePeerJoined.
func (*PeerJoined) Type() string { return TypePeerJoined }

// Type returns TypePeerUpdated.
func (*PeerUpdated) Type() string { return TypePeerUpdated }

// Type returns TypePeerLeft.
func (*PeerLeft) Type() string { return TypePeerLeft }

// Type returns TypeICE.
func (*ICE) Type() string { return TypeICE }

// Type returns TypeDraining.
func (*Draining) Type() string { return TypeDraining }

// Type returns TypeError.
func (*Error) Type() string { return TypeError }
