package ui

import (
	"image"
	"time"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
)

// Media is the local side: own camera, microphone and speaker, and the screen that is shared. Methods other than Devices and
// Thumbnail return at once; the outcome of Use and Switch shows in Choice later, that of Share in Sharing. All may be called from
// any goroutine.
type Media interface {
	// Devices lists what there is. It may take tens of milliseconds and is not called on the UI goroutine.
	Devices(kind devices.Kind) []devices.Device
	// Choice says what is used of that kind, and how it goes.
	Choice(kind devices.Kind) call.Choice
	// Use chooses a device by its label; the label that is chosen already means "try again".
	Use(kind devices.Kind, label string)
	// Switch turns a device on or off. A microphone that is off is muted, a camera that is off is closed.
	Switch(kind devices.Kind, on bool)
	// SelfView holds the newest own frame. One screen at a time takes frames from it.
	SelfView() *frame.Slot
	// Level is how loud the own microphone is now, 0 to 1, and LevelSent how loud what others hear of it, unless it is muted.
	Level() float64
	LevelSent() float64
	// Loudness is how well it can be heard, judged over the last seconds of talk.
	Loudness() call.Loudness
	// TalkingMuted says whether somebody talks now into the microphone, which is muted.
	TalkingMuted() bool
	// PlayChime plays a test sound. RecordAndPlay records some seconds and plays them back. Either ends the other.
	PlayChime()
	RecordAndPlay()
	// StopSoundTest ends both.
	StopSoundTest()
	// SoundTest says how they go; changes of SoundTest().Done are not told to Watch.
	SoundTest() call.SoundTest
	// Process says what is done to the sound of the microphone.
	Process(call.Processing)
	// Signal plays a short sound to the user alone.
	Signal(call.Signal)
	// Share shows a screen or a window to others, instead of what was shared before. StopSharing ends that.
	Share(call.Share)
	StopSharing()
	// Sharing says what is shared, and how it goes.
	Sharing() call.Sharing
	// Thumbnail is a picture of a screen or a window that fits inside width by height pixels. It may take tens of milliseconds and
	// is not called on the UI goroutine.
	Thumbnail(kind devices.Kind, label string, width, height int) (image.Image, error)
	// Watch sets what is called, from any goroutine, after something above changed; it replaces the earlier function.
	Watch(func())
}

// Call is a call that was dialled. Methods return at once and may be called from any goroutine.
type Call interface {
	// State says how the call stands; the error says why, for call.Reconnecting and call.Failed.
	State() (call.State, error)
	// People lists the others in the room, in the order in which they came.
	People() []call.Person
	// Picture holds the newest decoded frame of that person. One tile takes frames from it.
	Picture(id string) *frame.Slot
	// Screen holds the newest decoded frame of what that person shares; nil when there is no such person. One tile takes frames
	// from it.
	Screen(id string) *frame.Slot
	// ShowPicture says how large the picture of a person is shown, in pixels of the screen, and 0 for not at all; they send no more than
	// that takes. ShowScreen is likewise, for what they share. Until they are called for the first time all is sent.
	ShowPicture(id string, width, height int)
	ShowScreen(id string, width, height int)
	// Level is how loud that person is now, 0 to 1.
	Level(id string) float64
	// ActiveSpeaker is the id of who speaks or spoke last, "" while nobody has; it does not flutter.
	ActiveSpeaker() string
	// Volume is how loud that person is played: 0 is not at all, 1 as they sent it, 2 twice as loud, the most.
	Volume(id string) float64
	// SetVolume changes it.
	SetVolume(id string, volume float64)
	// SetLimits bounds what the call uses of the network from now on.
	SetLimits(call.Limits)
	// Room is the name of the room.
	Room() string
	// Address is the link to give to others.
	Address() string
	// Open says whether others can dial that link. A call that this program serves begins closed to other machines.
	Open() bool
	// Invite opens the call to others.
	Invite() error
	// Leave hangs up. Calling it again does nothing.
	Leave()
}

// Request is what the user asks for by Join.
type Request struct {
	Room string // a name, or a link that was pasted
	Name string // how the user wants to be called
}

// Dialer starts calls.
type Dialer interface {
	// Dial starts a call and returns at once. Events come to onEvent in order, from any goroutine, beginning with
	// call.StateChanged{State: call.Joining}. Bad input is returned as an error, preferably a [*FieldError].
	Dial(request Request, onEvent func(call.Event)) (Call, error)
	// Server is the address of the signaling server; "" when the program runs its own.
	Server() string
	// SetServer changes it, and says what is wrong with an address that cannot be used.
	SetServer(address string) error
	// Address is what others dial when the program is the server itself; "" when nobody can.
	Address() string
}

// Settings keeps what is remembered from one start to the next.
type Settings interface {
	// Last is what was dialled last; both "" at the first start.
	Last() (room, name string)
	// Dialled remembers what was dialled.
	Dialled(room, name string)
	// Recent lists calls that were, the newest first.
	Recent() []Recent
	// Ended remembers a call that is over.
	Ended(Recent)
	// Theme is how the window looks.
	Theme() Theme
	// SetTheme changes it.
	SetTheme(Theme)
	// Sound is what the user wants of the sound; everything at the first start.
	Sound() Sound
	// SetSound changes it.
	SetSound(Sound)
	// Limits is how much of the network a call may use; no limit at the first start.
	Limits() call.Limits
	// SetLimits changes it.
	SetLimits(call.Limits)
}

// Sound is what the user wants of a call's sound.
type Sound struct {
	call.Processing
	Signals bool // a short sound when somebody comes or goes
}

// Recent is a call that was.
type Recent struct {
	Room     string
	At       time.Time // when it began
	Duration time.Duration
}

// Theme says how windows look.
type Theme string

// The themes.
const (
	ThemeSystem Theme = "system" // as the desktop does
	ThemeDark   Theme = "dark"
	ThemeLight  Theme = "light"
)

// Options say how a window starts. Empty fields are filled with what was dialled last, or made up.
type Options struct {
	Room string // a name or a link
	Name string
	Join bool // dial at once

	// OnPaint is called once on the UI goroutine, while the window is painted for the first time and its graphics context is current; nil
	// for nothing.
	OnPaint func()
}

// Field is one input of the lobby.
type Field string

// The fields.
const (
	FieldRoom Field = "room"
	FieldName Field = "name"
)
