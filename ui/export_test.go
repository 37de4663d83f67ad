package ui

import (
	"image"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
)

// What the tests look at from inside: pure functions that are worth tables of their own.
var (
	Cover       = cover
	GridColumns = gridColumns
	Initials    = initials
	NewRoomName = newRoomName
	Ago         = ago
	Clock       = clock
	Farewell    = farewell
	JoinText    = joinText
	MeterStep   = meterStep
	ServerName  = serverName
)

// MeterSteps is the number of lengths of a meter.
const MeterSteps = meterSteps

// Explanation is what the user reads about a device that does not work.
type Explanation struct{ What, Why, Short, Command, Settings string }

// How an account stands to the group of a device.
const (
	NotMember   = notMember
	MemberLater = memberLater
	Member      = member
)

// Host describes a machine to explain for.
type Host struct {
	OS, Sandbox string
	Member      membership
}

func (h Host) host() host {
	return host{
		os: h.OS, user: "ann", sandbox: sandbox(h.Sandbox), snap: "parley",
		member: func(string) membership { return h.Member },
	}
}

// Explain returns the words about a device that does not work.
func (h Host) Explain(kind devices.Kind, choice call.Choice) (Explanation, bool) {
	t, bad := h.host().explain(kind, choice)
	return Explanation{t.what, t.why, t.short, t.command, t.settings}, bad
}

// SetHost makes the window believe that it runs on another machine.
func (w *Window) SetHost(h Host) { w.env.host = h.host() }

// MutedTalk decides when to tell the user that they talk but are muted.
type MutedTalk struct{ mutedTalk }

// Look takes how things are now, and says whether the hint is to be seen.
func (m *MutedTalk) Look(muted, talking bool, now time.Time) bool { return m.look(muted, talking, now) }

// SetNow changes the clock of the window.
func (w *Window) SetNow(now func() time.Time) { w.env.clock.Store(&now) }

// NewDeveloper returns what turns frames into pictures for a tile, cropped or whole, into one buffer.
func NewDeveloper(whole bool) func(f *frame.Frame, width, height int) (*image.RGBA, error) {
	d := developer{whole: whole}
	var p picture
	return func(f *frame.Frame, width, height int) (*image.RGBA, error) {
		return &p.RGBA, d.develop(&p, f, width, height)
	}
}

// EntryOf returns the entry that o is, nil if it is none.
func EntryOf(o fyne.CanvasObject) *widget.Entry {
	if f, ok := o.(*field); ok {
		return &f.Entry
	}
	return nil
}

// CheckOf returns the box to tick that o is, nil if it is none.
func CheckOf(o fyne.CanvasObject) *widget.Check {
	if c, ok := o.(*check); ok {
		return &c.Check
	}
	return nil
}

// Plain is the style for which Fyne reads Inter alone.
var Plain = plain

// Wrapped returns the lines of a paragraph that is made of runs, in each of them a stroke between two runs.
func Wrapped(contents []string, width float32) []string {
	var runs []run
	for _, content := range contents {
		runs = append(runs, run{content: content})
	}
	var lines []string
	for _, line := range wrapped(runs, width) {
		var pieces []string
		for _, piece := range line {
			pieces = append(pieces, piece.content)
		}
		lines = append(lines, strings.Join(pieces, "|"))
	}
	return lines
}

// Covered says whether Inter has every letter of a text.
var Covered = covered

// Shutter is that of a window in which there is one video, of somebody else.
type Shutter struct {
	shutter *shutter
	video   *video
}

// NewShutter returns a shutter that is not in a window.
func NewShutter() Shutter {
	s := newShutter(nil)
	v := &video{shutter: s}
	s.join(v)
	return Shutter{s, v}
}

// Arrive lets a picture come, which Fyne takes at once.
func (s Shutter) Arrive() {
	s.shutter.last.Store(time.Now().UnixNano())
	s.video.rhythm.beat(time.Now())
	s.shutter.arrive()
}

// Tick lets Fyne be about to paint.
func (s Shutter) Tick() { s.shutter.onTick(1) }
