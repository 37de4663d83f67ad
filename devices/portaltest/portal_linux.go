package portaltest

import (
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// The names of the portal on the bus.
const (
	service    = "org.freedesktop.portal.Desktop"
	desktop    = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	screenCast = "org.freedesktop.portal.ScreenCast"
	camera     = "org.freedesktop.portal.Camera"
	request    = "org.freedesktop.portal.Request"
	session    = "org.freedesktop.portal.Session"
	properties = "org.freedesktop.DBus.Properties"
)

// Answer is what the portal makes of one method.
type Answer struct {
	Silent  bool           // do not answer the request, until Settle
	Code    uint32         // of the response: 0 granted, 1 declined, 2 failed
	Results map[string]any // of the response
	Body    []any          // the response, instead of Code and Results
	Reply   []any          // the reply of the method itself, instead of what is right; no response follows
	Error   *dbus.Error    // the error of the method itself
}

// The usual answers of a user.
var (
	Declined = Answer{Code: 1}
	Failed   = Answer{Code: 2}
	Silent   = Answer{Silent: true}
)

// Call is a method that was called, with what its options held.
type Call struct {
	Method  string // "SelectSources"
	Options map[string]any
}

// Portal is a desktop's portal. Its methods may be called from any goroutine, but Await, Settle, Forge and Withhold only from that of the test.
type Portal struct {
	// Bus is the session bus that it is on.
	Bus *Bus

	t    testing.TB
	conn *dbus.Conn

	mu         sync.Mutex
	remote     func() (*os.File, error)
	answers    map[string]Answer
	properties map[string]map[string]any // by interface
	calls      []Call
	sessions   map[dbus.ObjectPath]string // to who asked for them
	pending    []pending
	withdrawn  int
	files      []*os.File    // handed out; closed by Leave
	changed    chan struct{} // closed, and replaced, when anything was called
}

// pending is a request that has no answer yet.
type pending struct {
	from    string
	path    dbus.ObjectPath
	results map[string]any // when granted
}

// Start starts a session bus with a portal on it, and makes it that of the test's process until the test ends. It offers version 5 of
// ScreenCast and a camera, and grants what it is asked for: node is the number of the stream that it shares, and remote
// opens what it hands out, once for each grant; the portal closes its own copy when it leaves.
func Start(t testing.TB, node uint32, remote func() (*os.File, error)) *Portal {
	t.Helper()
	p := &Portal{
		Bus: StartBus(t), t: t, remote: remote, sessions: map[dbus.ObjectPath]string{}, changed: make(chan struct{}),
		properties: map[string]map[string]any{
			screenCast: {"version": uint32(5), "AvailableSourceTypes": uint32(3), "AvailableCursorModes": uint32(7)},
			camera:     {"version": uint32(1), "IsCameraPresent": true},
		},
	}
	p.answers = map[string]Answer{"Start": {Results: map[string]any{
		"streams":       []Stream{{node, map[string]dbus.Variant{"source_type": dbus.MakeVariant(uint32(1))}}},
		"restore_token": "the next time",
	}}}
	conn, err := dbus.Connect(p.Bus.Address)
	if err != nil {
		t.Fatal(err)
	}
	p.conn = conn
	t.Cleanup(p.Leave)
	p.export()
	if reply, err := conn.RequestName(service, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the name of the portal: %v, %v", reply, err)
	}
	p.Bus.Use(t)
	return p
}

// Stream is one of those that Start answers with, as the bus carries it.
type Stream struct {
	Node  uint32
	About map[string]dbus.Variant
}

// export puts the portal's objects on the bus.
func (p *Portal) export() {
	tables := map[string]map[string]any{
		screenCast: {
			"CreateSession":      p.createSession,
			"SelectSources":      p.selectSources,
			"Start":              p.start,
			"OpenPipeWireRemote": func(_ dbus.ObjectPath, o map[string]dbus.Variant) (any, *dbus.Error) { return p.open(o) },
		},
		camera: {
			"AccessCamera": func(from dbus.Sender, o map[string]dbus.Variant) (any, *dbus.Error) {
				return p.answer("AccessCamera", from, o, nil)
			},
			"OpenPipeWireRemote": func(o map[string]dbus.Variant) (any, *dbus.Error) { return p.open(o) },
		},
		properties: {"Get": p.get},
	}
	for iface, table := range tables {
		if err := p.conn.ExportMethodTable(table, desktop, iface); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *Portal) createSession(from dbus.Sender, o map[string]dbus.Variant) (any, *dbus.Error) {
	word, _ := o["session_handle_token"].Value().(string)
	path := handle("session", from, word)
	p.mu.Lock()
	p.sessions[path] = string(from)
	p.mu.Unlock()
	p.exportClose(path, session, func() { delete(p.sessions, path) })
	return p.answer("CreateSession", from, o, map[string]any{"session_handle": string(path)})
}

func (p *Portal) selectSources(from dbus.Sender, _ dbus.ObjectPath, o map[string]dbus.Variant) (any, *dbus.Error) {
	return p.answer("SelectSources", from, o, nil)
}

func (p *Portal) start(from dbus.Sender, _ dbus.ObjectPath, _ string, o map[string]dbus.Variant) (any, *dbus.Error) {
	return p.answer("Start", from, o, nil)
}

// handle is the path of a request or a session, as the specification makes it of who asks and the token.
func handle(what string, from dbus.Sender, token string) dbus.ObjectPath {
	who := strings.ReplaceAll(strings.TrimPrefix(string(from), ":"), ".", "_")
	return desktop + dbus.ObjectPath("/"+what+"/"+who+"/"+token)
}

// answer notes a call, and returns its request; the response follows once that has been sent.
func (p *Portal) answer(method string, from dbus.Sender, o map[string]dbus.Variant, results map[string]any) (any, *dbus.Error) {
	a := p.note(method, o)
	if a.Error != nil {
		return nil, a.Error
	}
	if len(a.Reply) > 0 {
		return a.Reply[0], nil
	}
	word, _ := o["handle_token"].Value().(string)
	path := handle("request", from, word)
	p.exportClose(path, request, func() { p.withdrawn++ })
	question := pending{string(from), path, results}
	if a.Silent {
		p.mu.Lock()
		p.pending = append(p.pending, question)
		p.tell()
		p.mu.Unlock()
	} else {
		// The reply of this method is sent after this signal, which the specification allows.
		question.answer(p.conn, a)
	}
	return path, nil
}

// answer sends the response to a request.
func (q pending) answer(conn *dbus.Conn, a Answer) {
	if a.Results != nil {
		q.results = a.Results
	}
	if a.Body == nil {
		carried := map[string]dbus.Variant{}
		for k, v := range q.results {
			carried[k] = dbus.MakeVariant(v)
		}
		a.Body = []any{a.Code, carried}
	}
	emit(conn, q.from, q.path, request, "Response", a.Body...)
}

func (p *Portal) awaitPending() {
	p.t.Helper()
	p.Await("a request", func() bool { return p.Pending() > 0 })
}

// Pending returns about how many requests the portal is silent.
func (p *Portal) Pending() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pending)
}

// Settle answers the requests about which the portal was silent so far; it waits for one.
func (p *Portal) Settle(a Answer) {
	p.t.Helper()
	p.awaitPending()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, q := range p.pending {
		q.answer(p.conn, a)
	}
	p.pending = nil
}

// Forge has a stranger on the bus answer the requests about which the portal was silent so far, and waits until the bus has
// delivered that.
func (p *Portal) Forge(a Answer) {
	p.t.Helper()
	stranger, err := dbus.Connect(p.Bus.Address)
	if err != nil {
		p.t.Fatal(err)
	}
	defer stranger.Close()
	p.awaitPending()
	p.mu.Lock()
	for _, q := range p.pending {
		q.answer(stranger, a)
	}
	p.mu.Unlock()
	// The bus keeps the order of what one client sends.
	if err := stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		p.t.Fatal(err)
	}
}

// note writes down a call and returns what is to be answered.
func (p *Portal) note(method string, o map[string]dbus.Variant) Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	given := map[string]any{}
	for k, v := range o {
		given[k] = v.Value()
	}
	p.calls = append(p.calls, Call{method, given})
	p.tell()
	return p.answers[method]
}

// tell wakes those who wait for something to happen. The caller holds mu.
func (p *Portal) tell() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// exportClose puts an object with the method Close on the bus; then is called with mu held.
func (p *Portal) exportClose(path dbus.ObjectPath, iface string, then func()) {
	_ = p.conn.ExportMethodTable(map[string]any{"Close": func() *dbus.Error { // a path of nonsense is for the caller to notice
		p.mu.Lock()
		defer p.mu.Unlock()
		then()
		p.tell()
		return nil
	}}, path, iface)
}

// emit sends a signal to one client, as the real portal does.
func emit(conn *dbus.Conn, to string, path dbus.ObjectPath, iface, member string, body ...any) {
	message := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: dbus.MakeVariant(to),
		dbus.FieldPath:        dbus.MakeVariant(path),
		dbus.FieldInterface:   dbus.MakeVariant(iface),
		dbus.FieldMember:      dbus.MakeVariant(member),
	}, Body: body}
	if len(body) > 0 {
		message.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
	}
	conn.Send(message, nil)
}

func (p *Portal) open(o map[string]dbus.Variant) (any, *dbus.Error) {
	a := p.note("OpenPipeWireRemote", o)
	switch {
	case a.Error != nil:
		return nil, a.Error
	case len(a.Reply) > 0:
		return a.Reply[0], nil
	}
	file, err := p.remote()
	if err != nil {
		return nil, dbus.MakeFailedError(err)
	}
	// The library sends it once this has returned.
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files = append(p.files, file)
	return dbus.UnixFD(file.Fd()), nil
}

func (p *Portal) get(iface, name string) (dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	value, ok := p.properties[iface][name]
	if !ok {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{"no such property"})
	}
	return dbus.MakeVariant(value), nil
}

// Answer tells what comes of a method from now on, "Start" or "AccessCamera".
func (p *Portal) Answer(method string, a Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[method] = a
}

// Set sets a property of "ScreenCast" or "Camera"; nil removes it.
func (p *Portal) Set(iface, name string, value any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	of := p.properties["org.freedesktop.portal."+iface]
	if value == nil {
		delete(of, name)
		return
	}
	of[name] = value
}

// Withhold makes an interface, "ScreenCast" or "Camera", unknown to the portal.
func (p *Portal) Withhold(iface string) {
	p.mu.Lock()
	clear(p.properties["org.freedesktop.portal."+iface])
	p.mu.Unlock()
	if err := p.conn.ExportMethodTable(nil, desktop, "org.freedesktop.portal."+iface); err != nil {
		p.t.Error(err)
	}
}

// Calls returns what was called so far.
func (p *Portal) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Withdrawn returns how many requests the callers withdrew.
func (p *Portal) Withdrawn() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.withdrawn
}

// Sessions returns how many sessions are open.
func (p *Portal) Sessions() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sessions)
}

// Await waits until done, which is asked again whenever the portal was called.
func (p *Portal) Await(what string, done func() bool) {
	p.t.Helper()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if done() {
			return
		}
		select {
		case <-changed:
		case <-patience.C:
			p.t.Fatalf("the portal waited in vain for: %s", what)
		}
	}
}

// EndSessions ends every session, as when the user stops sharing in the desktop's own indicator.
func (p *Portal) EndSessions() {
	p.mu.Lock()
	open := maps.Clone(p.sessions)
	clear(p.sessions)
	p.mu.Unlock()
	for path, owner := range open {
		emit(p.conn, owner, path, session, "Closed", map[string]dbus.Variant{})
	}
}

// Leave takes the portal off the bus, as a crash does, and closes its copies of what it handed out. A second call does nothing.
func (p *Portal) Leave() {
	_ = p.conn.Close() // an error says that the bus ended first
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, file := range p.files {
		file.Close()
	}
	p.files = nil
}
