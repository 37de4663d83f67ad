package peer

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"golang.org/x/time/rate"

	"parley/call/signal/wire"
)

// State is how the connection stands.
type State int

// The states of a connection. It goes back and forth between Connected and Reconnecting; from Failed it may still
// recover, since attempts go on for as long as the other person is in the room, unless the reason is [ErrFlood].
const (
	Connecting State = iota
	Connected
	Reconnecting
	Failed
	Closed
)

// Config says what a connection is made of. The functions are called on the connection's goroutine, one at a time, and
// must not call the Conn's Close from there.
type Config struct {
	API       *API
	ICE       []webrtc.ICEServer  // STUN and TURN servers
	RelayOnly bool                // media through TURN alone
	Tracks    []webrtc.TrackLocal // what this side sends, in the order of Section; shared with other connections, so that it is encoded once

	Polite bool // this side gives way when offers cross; exactly one side must

	// Send takes a message to the other side by the signaling server, at once or not at all.
	Send func(wire.Signal) error
	// Reachable says whether Send would work now. No repair is begun that nobody would hear of.
	Reachable func() bool
	// OnState is told each change of state, with the reason for Failed.
	OnState func(State, error)
	// OnTrack is given each incoming track once something comes on it. It is called again with a new track when the connection is built
	// anew. The old one goes on for a moment then, so that nothing is missed; [Conn.End] ends it before.
	OnTrack func(Section, *webrtc.TrackRemote)
	// OnRestart: the other side has nothing of the pictures that were sent: there was no path until now, or it began anew to receive. Nil hears nothing.
	OnRestart func()
	// OnKeyFrameRequest: the other side cannot decode that track of Tracks without a new key frame (PLI, RFC 4585 6.3.1, or FIR, RFC 5104
	// 4.3.1). It is called on a goroutine that reads RTCP; it must not block.
	OnKeyFrameRequest func(webrtc.TrackLocal)
	// OnAllowance is told how much the path bears, at the start and with each change, at most 20 times a second, on a goroutine of its own.
	// Nil tells nobody.
	OnAllowance func(Allowance)
	// OnView: the other side says what they show of this side's pictures. Nil hears nothing.
	OnView func(wire.View)
	// OnBye: the other side hung up.
	OnBye func()

	Logger *slog.Logger
}

// inboxSize is how many messages wait for the goroutine; more is a flood.
const inboxSize = 256

// Conn is a connection to one person. Any goroutine may call its methods.
type Conn struct {
	cfg   Config
	inbox chan func()
	ctx   context.Context
	quit  context.CancelFunc
	done  chan struct{}

	// Only the goroutine touches these. While a connection works, another is only ever built beside it: see change.go.
	link      *link       // in use, or while there was none, being built; nil at first
	next      *link       // being built beside the one in use; nil mostly
	former    *link       // was in use until a moment ago; nil mostly
	overlap   *time.Timer // runs out when former has served
	state     State
	since     time.Time      // when Connected was last entered or left; at first, when New was called
	attempt   time.Time      // when a connection was last built
	moved     bool           // the network changed, and no connection was built since
	fruitless bool           // the last that was built found no path
	offers    *rate.Limiter  // of the other side's
	refused   bool           // the other side flooded this one
	closing   sync.WaitGroup // links that end

	views views

	pairs atomic.Uint32 // changes of the candidate pair, on all links
	share share         // see SetProtection

	mu      sync.Mutex
	current *link                         // the goroutine's link, for other goroutines
	from    map[*webrtc.TrackRemote]*link // whose track it is, of all links
	demand  int                           // see SetDemand
	limit   int                           // see SetLimit
	shown   *wire.View                    // from SetView to takeView
}

// New starts a connection that waits for the other side's offer; see [Conn.Offer]. The caller closes it.
func New(cfg Config) *Conn {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	now := time.Now()
	c := &Conn{
		cfg: cfg, inbox: make(chan func(), inboxSize), ctx: ctx, quit: cancel, done: make(chan struct{}),
		since: now, attempt: now, overlap: time.NewTimer(time.Hour), from: map[*webrtc.TrackRemote]*link{},
		offers: rate.NewLimiter(rate.Every(time.Minute/rebuildsAMinute), rebuildsAtOnce),
	}
	go c.run()
	return c
}

// Offer builds a new connection and offers it. The side that comes into the room offers to those who are there, so that
// offers seldom cross.
func (c *Conn) Offer() { c.post(func() { c.offerAnew("asked to") }) }

// Handle takes a message of the other side. It never blocks; it returns [ErrTooMuch] when the other side sends faster than its messages
// can be dealt with, and the message is dropped.
func (c *Conn) Handle(s wire.Signal) error {
	select {
	case c.inbox <- func() { c.handle(s) }:
		return nil
	case <-c.done:
		return ErrClosed
	default:
		return ErrTooMuch
	}
}

// Resume tells the connection that the signaling server can be reached again: what was lost on the way is sent anew.
func (c *Conn) Resume() {
	c.post(func() {
		switch {
		case c.building() != nil:
			c.offerAnew("what was said of the last may be lost")
		default:
			c.attempt = time.Time{}
			c.repair()
		}
	})
}

// NetworkChanged tells the connection that this machine's addresses are others than before, or that it slept: there may be a better path, and the
// one in use may be dead without having said so. Another connection is built beside the one in use, which goes on meanwhile.
func (c *Conn) NetworkChanged() {
	c.post(func() {
		c.moved = true
		c.repair()
	})
}

// RequestKeyFrame asks the other side for a key frame of the track (PLI). It does not block on the network.
func (c *Conn) RequestKeyFrame(track *webrtc.TrackRemote) {
	if l := c.linkOf(track); l != nil {
		_ = l.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
	}
}

// End stops what comes in on a track that another has replaced: reads of it fail from now on.
func (c *Conn) End(track *webrtc.TrackRemote) {
	if l := c.linkOf(track); l != nil {
		l.endTrack(track)
	}
}

// Bye tells the other side that this one hangs up, and closes the connection.
func (c *Conn) Bye() error {
	c.post(c.sayBye)
	return c.Close()
}

// Close closes the connection without a word, and waits until its goroutines ended. What was posted before is done first.
func (c *Conn) Close() error {
	c.post(c.quit)
	<-c.done
	return nil
}

// post hands f to the goroutine, waiting for room: for this side's own calls, of which there are few.
func (c *Conn) post(f func()) {
	select {
	case c.inbox <- f:
	case <-c.ctx.Done():
	}
}

func (c *Conn) run() {
	defer close(c.done)
	defer c.closing.Wait()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	defer c.overlap.Stop()
	for {
		select {
		case f := <-c.inbox:
			f()
		case <-tick.C:
			c.repair()
			c.takeView()
			c.lookAround()
		case <-c.overlap.C:
			c.endFormer()
		case <-c.ctx.Done():
			c.endFormer()
			c.dropNext()
			c.use(nil)
			c.state = Closed
			return
		}
	}
}

func (c *Conn) sayBye() {
	if c.link == nil {
		return
	}
	bye := wire.Signal{Session: c.link.session, Bye: true}
	if err := c.cfg.Send(bye); err != nil && c.link.established {
		c.link.awaitControl() // the only way that is left
	}
	c.link.sendControl(bye)
	c.link.flushControl()
}

func (c *Conn) setState(s State, err error) {
	if c.state == s {
		return
	}
	if c.state == Connected || s == Connected {
		c.since = time.Now()
	}
	c.state = s
	c.cfg.Logger.Info("peer connection", "state", s, "err", err)
	c.cfg.OnState(s, err)
	if s == Connected {
		c.restart()
	}
}

func (c *Conn) restart() {
	if c.cfg.OnRestart != nil {
		c.cfg.OnRestart()
	}
}

// String returns the state in one word, for a log.
func (s State) String() string {
	if s < Connecting || s > Closed {
		return fmt.Sprintf("state %d", int(s))
	}
	return [...]string{"connecting", "connected", "reconnecting", "failed", "closed"}[s]
}
