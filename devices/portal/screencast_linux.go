package portal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// What is said in numbers: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.ScreenCast.html
const (
	monitors, windows = 1, 2 // types of source
	embedded          = 2    // cursor mode: drawn into the picture
	untilRevoked      = 2    // persist mode
)

// The versions of the interface that brought what is optional here.
const (
	versionOfCursor  = 2
	versionOfRestore = 4
)

// maxRestore bounds the token that is kept in the settings, in bytes. Tokens are UUIDs.
const maxRestore = 4096

// ScreenCastOptions is what [ScreenCast] asks for.
type ScreenCastOptions struct {
	Restore      string // the token of an earlier [Session], so that the user is not asked again; "" to be asked
	Cursor       bool   // draw the mouse pointer into the picture, where the desktop can
	ParentWindow string // the window that the dialogue belongs to, "x11:4a00007" or "wayland:HANDLE"; "" when unknown
}

// Session is one screen or window that the user shares with this program.
type Session struct {
	// FD is a connection to PipeWire on which only the shared picture is seen. It is the caller's to close,
	// or to hand to pipewire.Open; Close leaves it alone.
	FD *os.File
	// Node is the number of the picture's source there.
	Node uint32
	// Restore is the token for the next time, "" for none. Each is good for one time.
	Restore string
	// Label is what is shared, "Screen" or "Window": the portal tells no more.
	Label string

	bus    *bus
	handle dbus.ObjectPath
	close  sync.Once
}

// ScreenCast lets the user choose a screen or a window to share, unless the token in o says which. It takes until the user
// has chosen, or ctx ends: that withdraws the question.
//
// The caller closes the session, and its FD. Errors wrap ctx's, [ErrDenied], [ErrAbsent] or [ErrFailed].
func ScreenCast(ctx context.Context, o ScreenCastOptions) (*Session, error) {
	s, err := startScreenCast(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("asking the desktop for a screen: %w", err)
	}
	return s, nil
}

func startScreenCast(ctx context.Context, o ScreenCastOptions) (*Session, error) {
	b, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	s := &Session{bus: b}
	if err := s.start(ctx, o); err != nil {
		_ = s.Close() // err says more
		return nil, err
	}
	return s, nil
}

func (s *Session) start(ctx context.Context, o ScreenCastOptions) error {
	types := sourceTypes(ctx, s.bus)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case types == 0:
		return ErrAbsent
	}
	version := s.bus.number(ctx, screenCast, "version")
	word := token()
	s.handle = s.bus.path("session", word)
	s.bus.session.Store(&s.handle)
	results, err := s.bus.request(ctx, screenCast+".CreateSession", options{"session_handle_token": dbus.MakeVariant(word)})
	if err != nil {
		return err
	}
	if err := s.created(results); err != nil {
		return err
	}
	choice := options{"types": dbus.MakeVariant(types), "multiple": dbus.MakeVariant(false)}
	if o.Cursor && version >= versionOfCursor && s.bus.number(ctx, screenCast, "AvailableCursorModes")&embedded != 0 {
		choice["cursor_mode"] = dbus.MakeVariant(uint32(embedded))
	}
	if version >= versionOfRestore {
		choice["persist_mode"] = dbus.MakeVariant(uint32(untilRevoked))
		if o.Restore != "" {
			choice["restore_token"] = dbus.MakeVariant(o.Restore)
		}
	}
	if _, err := s.bus.request(ctx, screenCast+".SelectSources", choice, s.handle); err != nil {
		return err
	}
	results, err = s.bus.request(ctx, screenCast+".Start", options{}, s.handle, o.ParentWindow)
	if err != nil {
		return err
	}
	if err := s.read(results); err != nil {
		return err
	}
	s.FD, err = s.bus.remote(ctx, screenCast+".OpenPipeWireRemote", s.handle)
	return err
}

// sourceTypes returns what the portal can share of what we ask for.
func sourceTypes(ctx context.Context, b *bus) uint32 {
	return b.number(ctx, screenCast, "AvailableSourceTypes") & (monitors | windows)
}

// created reads what CreateSession led to. The path is a string there, by an old mistake that the specification keeps.
func (s *Session) created(results options) error {
	var handle dbus.ObjectPath
	switch v := results["session_handle"].Value().(type) {
	case string:
		handle = dbus.ObjectPath(v)
	case dbus.ObjectPath:
		handle = v
	}
	if !handle.IsValid() {
		return fmt.Errorf("%w: it made a session without a name", ErrFailed)
	}
	s.handle = handle
	s.bus.session.Store(&handle)
	return nil
}

// read reads what Start led to: a(ua{sv}) of streams, of which one was asked for, and perhaps a token.
func (s *Session) read(results options) error {
	streams, _ := results["streams"].Value().([][]any)
	if len(streams) == 0 || len(streams[0]) != 2 {
		return fmt.Errorf("%w: it shares nothing", ErrFailed)
	}
	node, isNode := streams[0][0].(uint32)
	about, isAbout := streams[0][1].(map[string]dbus.Variant)
	if !isNode || !isAbout {
		return fmt.Errorf("%w: it shares %T and %T", ErrFailed, streams[0][0], streams[0][1])
	}
	s.Node, s.Label = node, "Screen"
	if kind, _ := about["source_type"].Value().(uint32); kind == windows {
		s.Label = "Window"
	}
	if restore, _ := results["restore_token"].Value().(string); len(restore) <= maxRestore {
		s.Restore = restore
	}
	return nil
}

// Closed is closed when sharing has ended: by the user, in the desktop's own indicator, by the portal's end, or by Close.
func (s *Session) Closed() <-chan struct{} { return s.bus.gone }

// Close ends sharing and the connection to the bus. A second call does nothing. The error is that of the connection.
func (s *Session) Close() error {
	var err error
	s.close.Do(func() {
		if s.handle != "" {
			s.bus.closeObject(s.handle, sessionInterface)
		}
		err = s.bus.Close()
		if errors.Is(err, os.ErrClosed) { // the bus ended first
			err = nil
		}
	})
	return err
}

// How long ScreenCastOffered waits for a desktop that does not answer, and how long it believes what it was told.
const (
	offerPatience = 3 * time.Second
	offerLasts    = 10 * time.Second
)

var offer struct {
	sync.Mutex
	bus  string // the address that was asked
	at   time.Time
	made bool
}

// ScreenCastOffered says whether [ScreenCast] has somebody to ask. It may take up to three seconds; the answer is kept for ten.
func ScreenCastOffered() bool {
	offer.Lock()
	defer offer.Unlock()
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if offer.bus != address || offer.at.IsZero() || time.Since(offer.at) > offerLasts {
		offer.made = askForOffer()
		offer.bus, offer.at = address, time.Now()
	}
	return offer.made
}

func askForOffer() bool {
	ctx, cancel := context.WithTimeout(context.Background(), offerPatience)
	defer cancel()
	b, err := connect(ctx)
	if err != nil {
		return false
	}
	defer b.Close()
	return sourceTypes(ctx, b) != 0
}
