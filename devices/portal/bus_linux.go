package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/godbus/dbus/v5"
)

// The names of the portal on the bus.
const (
	service          = "org.freedesktop.portal.Desktop"
	desktop          = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	screenCast       = "org.freedesktop.portal.ScreenCast"
	camera           = "org.freedesktop.portal.Camera"
	requestInterface = "org.freedesktop.portal.Request"
	sessionInterface = "org.freedesktop.portal.Session"
)

// options is a{sv}, with which the portal's methods take and give what is optional.
type options map[string]dbus.Variant

// bus is a connection to the session bus of its own, so that whatever the portal still holds for us ends with it.
type bus struct {
	*dbus.Conn
	object dbus.BusObject

	owner     atomic.Pointer[string] // the unique name of the portal: signals of others do not count
	responses chan *dbus.Signal      // of requests; there is one at a time, so the few that fit are enough
	session   atomic.Pointer[dbus.ObjectPath]
	gone      chan struct{} // closed when the portal ends the session, leaves the bus, or the connection ends
	end       sync.Once
}

// connect finds the portal, which starts it where it is started on demand. The caller closes the bus.
func connect(ctx context.Context) (*bus, error) {
	b := &bus{responses: make(chan *dbus.Signal, 16), gone: make(chan struct{})}
	living, cancel := context.WithCancel(context.Background())
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(living), dbus.WithSignalHandler(b))
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: session bus: %w", ErrAbsent, err)
	}
	b.Conn, b.object = conn, conn.Object(service, desktop)
	context.AfterFunc(conn.Context(), func() {
		cancel()
		b.lost()
	})
	// The handshake knows no context; closing the connection ends it.
	stop := context.AfterFunc(ctx, cancel)
	defer stop()
	if err := b.greet(ctx); err != nil {
		_ = conn.Close() // err says more
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	return b, nil
}

// greet says hello to the bus, and has it tell of what the portal does.
func (b *bus) greet(ctx context.Context) error {
	if err := b.Auth(nil); err != nil {
		return err
	}
	if err := b.Hello(); err != nil {
		return err
	}
	if !b.SupportsUnixFDs() {
		return errors.New("the bus passes no file descriptors")
	}
	rules := [][]dbus.MatchOption{
		{dbus.WithMatchSender(service), dbus.WithMatchInterface(requestInterface)},
		{dbus.WithMatchSender(service), dbus.WithMatchInterface(sessionInterface)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, service)},
	}
	for _, rule := range rules {
		if err := b.AddMatchSignalContext(ctx, rule...); err != nil {
			return err
		}
	}
	// What is answered here is not looked at: it starts the portal, if need be.
	if err := b.object.CallWithContext(ctx, "org.freedesktop.DBus.Peer.Ping", 0).Err; absent(err) {
		return err
	}
	var owner string
	if err := b.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, service).Store(&owner); err != nil {
		return err
	}
	b.owner.Store(&owner)
	return nil
}

// absent says whether an error means that nobody is there to be asked.
func absent(err error) bool {
	var failed dbus.Error
	if !errors.As(err, &failed) {
		return err != nil
	}
	name, ours := strings.CutPrefix(failed.Name, "org.freedesktop.DBus.Error.")
	return ours && (name == "ServiceUnknown" || name == "NameHasNoOwner" || name == "NoReply" || strings.HasPrefix(name, "Spawn."))
}

// DeliverSignal keeps what the portal says to us; it is called in the order in which signals arrive, and never waits.
func (b *bus) DeliverSignal(iface, member string, s *dbus.Signal) {
	switch {
	case s.Sender == "org.freedesktop.DBus":
		if member == "NameOwnerChanged" && len(s.Body) == 3 && s.Body[0] == service && b.from(s.Body[1]) {
			b.lost()
		}
	case !b.from(s.Sender):
	case iface == requestInterface && member == "Response":
		select {
		case b.responses <- s:
		default: // nobody asked for that many
		}
	case iface == sessionInterface && member == "Closed":
		if session := b.session.Load(); session != nil && *session == s.Path {
			b.lost()
		}
	}
}

// from says whether a name is the portal's.
func (b *bus) from(name any) bool {
	owner := b.owner.Load()
	return owner != nil && name == *owner
}

func (b *bus) lost() { b.end.Do(func() { close(b.gone) }) }

// token returns a word for one request or session that nobody else guesses.
func token() string { return "parley" + rand.Text() }

// path predicts where the portal puts a request or a session of ours, so that its signals are known from the first on:
// https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Request.html
func (b *bus) path(what, token string) dbus.ObjectPath {
	sender := strings.ReplaceAll(strings.TrimPrefix(b.Names()[0], ":"), ".", "_")
	return desktop + dbus.ObjectPath("/"+what+"/"+sender+"/"+token)
}

// number reads a property that is a uint32, 0 when there is none.
func (b *bus) number(ctx context.Context, iface, name string) uint32 {
	value, err := b.property(ctx, iface, name)
	if err != nil {
		return 0
	}
	n, _ := value.(uint32)
	return n
}

func (b *bus) property(ctx context.Context, iface, name string) (any, error) {
	call := b.object.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, iface, name)
	if call.Err != nil {
		return nil, call.Err
	}
	value, err := only[dbus.Variant](call.Body)
	return value.Value(), err
}

// only returns the one value of a reply. It converts nothing: a number is no file descriptor.
func only[T any](body []any) (T, error) {
	if len(body) == 1 {
		if value, ok := body[0].(T); ok {
			return value, nil
		}
	}
	var none T
	return none, fmt.Errorf("%w: its reply is not one %T", ErrFailed, none)
}

// request calls a method that is answered by a Response, and waits for that as long as ctx and the portal live.
// The options are the last of args.
func (b *bus) request(ctx context.Context, method string, opts options, args ...any) (options, error) {
	word := token()
	opts["handle_token"] = dbus.MakeVariant(word)
	call := b.object.CallWithContext(ctx, method, 0, append(args, opts)...)
	if call.Err != nil {
		if ctx.Err() != nil {
			b.closeObject(b.path("request", word), requestInterface)
		}
		return nil, b.failure(ctx, call.Err)
	}
	// A portal from before 0.9 chooses the path itself.
	handle, err := only[dbus.ObjectPath](call.Body)
	if err != nil {
		return nil, err
	}
	for {
		select {
		case s := <-b.responses:
			if s.Path == handle {
				return response(s.Body)
			}
		case <-b.gone:
			return nil, fmt.Errorf("%w: it ended before it answered", ErrFailed)
		case <-ctx.Done():
			b.closeObject(handle, requestInterface)
			return nil, ctx.Err()
		}
	}
}

// closeObject ends a request or a session. Whether it did is not waited for. (Go and not Call: that would wait for ever on
// a connection that has ended.)
func (b *bus) closeObject(path dbus.ObjectPath, iface string) {
	b.Object(service, path).Go(iface+".Close", dbus.FlagNoReplyExpected, nil)
}

// failure brings the error of a call into the words of this package.
func (b *bus) failure(ctx context.Context, err error) error {
	var failed dbus.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !errors.As(err, &failed):
		return fmt.Errorf("%w: %w", ErrFailed, err)
	}
	switch failed.Name {
	case "org.freedesktop.portal.Error.NotAllowed", "org.freedesktop.portal.Error.Cancelled", "org.freedesktop.DBus.Error.AccessDenied":
		return fmt.Errorf("%w: %w", ErrDenied, err)
	case "org.freedesktop.DBus.Error.UnknownInterface", "org.freedesktop.DBus.Error.UnknownMethod",
		"org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.ServiceUnknown":
		return fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	return fmt.Errorf("%w: %w", ErrFailed, err)
}

// response reads the body of a Response: a code, and what comes of it.
func response(body []any) (options, error) {
	if len(body) != 2 {
		return nil, fmt.Errorf("%w: a response of %d values", ErrFailed, len(body))
	}
	code, isCode := body[0].(uint32)
	results, isResults := body[1].(map[string]dbus.Variant)
	switch {
	case !isCode || !isResults:
		return nil, fmt.Errorf("%w: a response of %T and %T", ErrFailed, body[0], body[1])
	case code == 0:
		return results, nil
	case code == 1:
		return nil, ErrDenied
	}
	return nil, fmt.Errorf("%w: response %d", ErrFailed, code)
}

// remote calls a method that hands out a connection to PipeWire. The caller closes the file.
func (b *bus) remote(ctx context.Context, method string, args ...any) (*os.File, error) {
	call := b.object.CallWithContext(ctx, method, 0, append(args, options{})...)
	if call.Err != nil {
		return nil, b.failure(ctx, call.Err)
	}
	fd, err := only[dbus.UnixFD](call.Body)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "pipewire"), nil
}
