//go:build linux

package x11

import (
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/composite"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// The ways in which this fails. Each comes wrapped with what was being done.
var (
	// ErrNoDisplay: there is no X server, or it does not let this program in.
	ErrNoDisplay = errors.New("no X display")
	// ErrNotFound: there is no such monitor or window.
	ErrNotFound = errors.New("no such monitor or window")
	// ErrUnsupported: the X server lacks an extension, or has pixels of a kind that is not known here.
	ErrUnsupported = errors.New("the X server cannot do that")
	// ErrGone: the monitor, the window or the X server went away.
	ErrGone = errors.New("the monitor, window or X server is gone")
	// ErrClosed: the capture was closed.
	ErrClosed = errors.New("capture closed")
)

// plain is an event or error of an extension, as it came.
type plain []byte

// Bytes, String, SequenceId, BadId and Error make it what xgb wants of events and errors.
func (p plain) Bytes() []byte      { return p }
func (p plain) String() string     { return fmt.Sprintf("event %d", p[0]&127) }
func (p plain) SequenceId() uint16 { return xgb.Get16(p[2:]) }
func (p plain) BadId() uint32      { return xgb.Get32(p[4:]) }
func (p plain) Error() string      { return fmt.Sprintf("error %d of the X server", p[1]) }

// xgb keeps how to read events and errors in maps of the whole program, which every connection reads and which the Init of an
// extension writes, unguarded. So all there can be is entered once, here, and Init is never called: see extension.
func init() {
	xgb.Logger = log.New(io.Discard, "", 0) // what it would say comes as an error too
	for n := range 256 {
		if xgb.NewEventFuncs[n] == nil {
			xgb.NewEventFuncs[n] = func(b []byte) xgb.Event { return plain(b) }
		}
		if xgb.NewErrorFuncs[n] == nil {
			xgb.NewErrorFuncs[n] = func(b []byte) xgb.Error { return plain(b) }
		}
	}
}

// The names of the extensions.
const (
	extComposite = "Composite"
	extDamage    = "DAMAGE"
	extRandR     = "RANDR"
	extShm       = "MIT-SHM"
	extXFixes    = "XFIXES"
)

// conn is a connection to the X server.
type conn struct {
	x      *xgb.Conn
	setup  *xproto.SetupInfo
	root   xproto.Window
	events map[string]byte // the number of the first event of each extension that is there
}

// connect connects to the display and asks for these extensions. The caller closes it.
func connect(extensions ...string) (*conn, error) {
	x, err := xgb.NewConnDisplay("")
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrNoDisplay, err)
	}
	c := &conn{x: x, setup: xproto.Setup(x), events: map[string]byte{}}
	if x.DefaultScreen >= len(c.setup.Roots) {
		x.Close()
		return nil, fmt.Errorf("%w (screen %d)", ErrNoDisplay, x.DefaultScreen)
	}
	c.root = c.setup.DefaultScreen(x).Root
	for _, name := range extensions {
		if err := c.extension(name); err != nil {
			x.Close()
			return nil, fmt.Errorf("%w (%v)", ErrNoDisplay, err)
		}
	}
	return c, nil
}

func (c *conn) close() { c.x.Close() }

// has says whether an extension that connect asked for is there.
func (c *conn) has(name string) bool {
	_, ok := c.events[name]
	return ok
}

// extension looks for an extension; that it is missing is no error. Most want to be told the version that is spoken.
func (c *conn) extension(name string) error {
	found, err := xproto.QueryExtension(c.x, uint16(len(name)), name).Reply()
	if err != nil || !found.Present {
		return err
	}
	c.x.ExtLock.Lock()
	c.x.Extensions[name] = found.MajorOpcode
	c.x.ExtLock.Unlock()
	switch name {
	case extComposite:
		_, err = composite.QueryVersion(c.x, 0, 4).Reply()
	case extDamage:
		_, err = damage.QueryVersion(c.x, 1, 1).Reply()
	case extRandR:
		var v *randr.QueryVersionReply
		v, err = randr.QueryVersion(c.x, 1, 5).Reply()
		if err == nil && v.MajorVersion == 1 && v.MinorVersion < 5 {
			return nil // monitors came with 1.5
		}
	case extXFixes:
		_, err = xfixes.QueryVersion(c.x, 5, 0).Reply()
	}
	if err == nil {
		c.events[name] = found.FirstEvent
	}
	return err
}

// isEvent says whether ev is the nth event of an extension.
func (c *conn) isEvent(ev xgb.Event, extension string, n byte) bool {
	first, ok := c.events[extension]
	raw, isPlain := ev.(plain)
	return ok && isPlain && raw[0]&127 == first+n
}

// atom returns the number of a name; 0, which is no atom, when the server has none.
func (c *conn) atom(name string) xproto.Atom {
	reply, err := xproto.InternAtom(c.x, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0
	}
	return reply.Atom
}

// wrap says in this package's words what an error of xgb means.
func wrap(doing string, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w (the connection ended)", doing, ErrGone)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
