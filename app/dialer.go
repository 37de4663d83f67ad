package app

import (
	"log/slog"
	"strings"
	"sync"

	"github.com/pion/webrtc/v4"

	"parley/call"
	"parley/call/signal"
	"parley/devices"
	"parley/ui"
)

// dialer starts calls, one at a time, with what the command line and the settings say. It implements ui.Dialer; any goroutine may use it.
type dialer struct {
	media    *call.Media
	settings *settings
	flags    callFlags
	log      *slog.Logger
	host     host
	sharing  sync.Once // what the command line has this side share is shared once
	work     sync.WaitGroup

	mu     sync.Mutex
	server string // that of the command line, or of the settings; "" for the host
	active *call.Call
}

func newDialer(media *call.Media, settings *settings, r request, flags callFlags, log *slog.Logger) *dialer {
	d := &dialer{media: media, settings: settings, flags: flags, log: log, host: host{log: log, want: flags.Port}, server: r.server}
	if d.server == "" {
		d.server = settings.get().Server
	}
	return d
}

// close leaves the call and then ends the server in this program.
func (d *dialer) close() {
	if c := d.current(); c != nil {
		c.Leave()
	}
	d.work.Wait()
	d.host.close()
}

// current returns the call that was dialled last, or nil.
func (d *dialer) current() *call.Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.active
}

// Dial implements ui.Dialer.
func (d *dialer) Dial(r ui.Request, onEvent func(call.Event)) (ui.Call, error) {
	c, err := d.dial(r.Room, r.Name, onEvent)
	if err != nil {
		return nil, err // a nil *activeCall would be a ui.Call that is not nil
	}
	return c, nil
}

func (d *dialer) dial(room, name string, onEvent func(call.Event)) (*activeCall, error) {
	server := d.Server()
	if signal.IsLink(room) {
		linked, linkedRoom, err := signal.ParseLink(room)
		if err != nil {
			return nil, &ui.FieldError{Field: ui.FieldRoom, Err: err}
		}
		server, room = linked, linkedRoom
	}
	if err := signal.CheckRoom(room); err != nil {
		return nil, &ui.FieldError{Field: ui.FieldRoom, Err: err}
	}
	if err := signal.CheckName(name); err != nil {
		return nil, &ui.FieldError{Field: ui.FieldName, Err: err}
	}
	hosted := server == ""
	if hosted {
		var err error
		if server, err = d.host.start(); err != nil {
			return nil, err
		}
	}
	if earlier := d.current(); earlier != nil {
		d.media.StopSharing()
		earlier.Leave()
	}
	c, err := call.Dial(call.Config{
		Server: server, Room: room, Name: name, Media: d.media, ICE: d.ice(), RelayOnly: d.flags.RelayOnly, Limits: d.settings.Limits(),
		Measure: d.flags.Report != "", Logger: d.log,
		OnEvent: func(e call.Event) {
			if s, ok := e.(call.StateChanged); ok && s.State == call.Joined {
				d.shareAsAsked()
			}
			onEvent(e)
		},
	})
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.active = c
	d.mu.Unlock()
	d.log.Info("dialled", "link", signal.Link(server, room))
	return &activeCall{Call: c, dialer: d, server: server, hosted: hosted}, nil
}

// shareAsAsked shares what the command line names, the first time that it is called.
func (d *dialer) shareAsAsked() {
	if d.flags.Share == nil {
		return
	}
	d.sharing.Do(func() {
		d.work.Go(func() { d.media.Share(d.named(*d.flags.Share)) })
	})
}

// named returns the window of that label, or else the screen: if there is none either, sharing says so.
func (d *dialer) named(label string) call.Share {
	for _, w := range d.media.Devices(devices.KindWindow) {
		if w.Label == label {
			return call.Share{Kind: devices.KindWindow, Label: label}
		}
	}
	return call.Share{Kind: devices.KindScreen, Label: label}
}

func (d *dialer) ice() []webrtc.ICEServer {
	var servers []webrtc.ICEServer
	for _, i := range d.flags.ICE {
		servers = append(servers, webrtc.ICEServer(i))
	}
	return servers
}

// Server implements ui.Dialer.
func (d *dialer) Server() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.server
}

// SetServer implements ui.Dialer. It applies to the next call.
func (d *dialer) SetServer(address string) error {
	server := ""
	if address = strings.TrimSpace(address); address != "" {
		var err error
		if server, err = signal.ParseURL(address); err != nil {
			return err
		}
	}
	d.mu.Lock()
	d.server = server
	d.mu.Unlock()
	d.settings.save(func(st *stored) { st.Server = server })
	return nil
}

// Address implements ui.Dialer.
func (d *dialer) Address() string {
	if address, shared := d.host.address(); shared {
		return address
	}
	return ""
}

// activeCall is a call with the link to it. It implements ui.Call.
type activeCall struct {
	*call.Call
	dialer *dialer
	server string
	hosted bool
}

// Address implements ui.Call.
func (c *activeCall) Address() string {
	server := c.server
	if c.hosted {
		address, _ := c.dialer.host.address()
		server = "ws://" + address + "/ws"
	}
	return signal.Link(server, c.Room())
}

// Open implements ui.Call.
func (c *activeCall) Open() bool {
	_, shared := c.dialer.host.address()
	return !c.hosted || shared
}

// Invite implements ui.Call: it lets others reach the server in this program.
func (c *activeCall) Invite() error {
	if !c.hosted {
		return nil
	}
	return c.dialer.host.share()
}

// Leave implements ui.Call: it returns at once, while the call says good-bye. Whoever is in the next call was not asked to be shown
// anything.
func (c *activeCall) Leave() {
	c.dialer.media.StopSharing()
	go c.Call.Leave()
}
