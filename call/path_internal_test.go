package call

import (
	"context"
	"net"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/webrtc/v4"

	"parley/call/impair"
	"parley/call/peer"
	"parley/call/signal"
	"parley/call/signal/wire"
	"parley/devices"
)

// pathed is a call of two, in virtual time: all that is real but the network, the server and the clock. Each side sends over a path of its own.
type pathed struct {
	t     *testing.T
	sides [2]*caller
}

// caller is one side of it, and the way from it to the other.
type caller struct {
	*Call
	media *Media
	card  *card
}

// overPaths makes a call of two, of 640x360 at 30, whose paths are at first like that, and lets test take its time.
func overPaths(t *testing.T, seed uint64, c impair.Conditions, test func(*pathed)) {
	t.Helper()
	overPathsWith(t, seed, c, nil, test)
}

// overPathsWith is overPaths with other devices, where devise is not nil.
func overPathsWith(t *testing.T, seed uint64, c impair.Conditions, devise func(side int, cfg *MediaConfig), test func(*pathed)) {
	t.Helper()
	// The race detector crashes now and then where two timers of a bubble fire at once: https://github.com/golang/go/issues/78156
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		router, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/24", QueueSize: 8192, LoggerFactory: logging.NewDefaultLoggerFactory()})
		if err != nil {
			t.Fatal(err)
		}
		p := &pathed{t: t}
		for i, name := range [2]string{"Ann", "Ben"} {
			p.sides[i] = newCaller(t, router, name, i, impair.NewPipe[datagram](seed+uint64(i), c), devise)
		}
		if err := router.Start(); err != nil {
			t.Fatal(err)
		}
		for i, s := range p.sides {
			s.client = &byHand{from: s, to: p.sides[1-i]}
		}
		for _, s := range p.sides {
			s.work.Go(func() { s.serve(s.client, func(ctx context.Context, _ func()) { <-ctx.Done() }) })
		}
		ann, ben := p.sides[0], p.sides[1]
		ann.post(func() { ann.onJoined(signal.Joined{You: ann.listed()}) })
		ben.post(func() { ben.onJoined(signal.Joined{You: ben.listed(), Peers: []signal.Peer{ann.listed()}}) })
		ann.post(func() { ann.onSignal(signal.PeerJoined{Peer: ben.listed()}) })
		defer p.end(router)
		test(p)
	})
}

// small makes pictures of 320x180, a third of the work, where what a test asks has nothing to do with their size.
func small(_ int, cfg *MediaConfig) {
	cfg.Format = devices.Format{Width: 320, Height: 180, FrameRate: 30}
}

// end hangs up, whatever came of the test.
func (p *pathed) end(router *vnet.Router) {
	// Pion's end of a data channel that the other side ended before stands still in virtual time: nobody hears of the end.
	p.set(impair.Conditions{Black: true})
	for _, s := range p.sides {
		s.Leave()
	}
	for _, s := range p.sides {
		if err := s.media.Close(); err != nil {
			p.t.Error(err)
		}
		s.card.close()
	}
	if err := router.Stop(); err != nil {
		p.t.Error(err)
	}
}

func newCaller(t *testing.T, router *vnet.Router, name string, n int, pipe *impair.Pipe[datagram], devise func(int, *MediaConfig)) *caller {
	t.Helper()
	virtual, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{net.IPv4(10, 0, 0, byte(n+1)).String()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := router.AddNet(virtual); err != nil {
		t.Fatal(err)
	}
	s := &caller{card: newCard(virtual, pipe)}
	api, err := peer.NewAPI(nil, func(e *webrtc.SettingEngine) {
		e.SetNet(s.card)
		e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
		e.SetIncludeLoopbackCandidate(false)
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := MediaConfig{
		Format: devices.Format{Width: 640, Height: 360, FrameRate: 30},
		OpenScreen: func(Share, string) (Screen, error) {
			c, err := devices.OpenCamera(devices.Pattern, devices.Format{Width: 640, Height: 400, FrameRate: usualScreenRate})
			return board{c}, err
		},
		List:         func(devices.Kind) []devices.Device { return nil },
		WatchDevices: func(ctx context.Context, _ func()) { <-ctx.Done() },
	}
	if devise != nil {
		devise(n, &cfg)
	}
	s.media = NewMedia(cfg)
	s.media.Use(devices.KindCamera, devices.Pattern)
	s.media.Use(devices.KindMicrophone, devices.Tone)
	s.media.Use(devices.KindSpeaker, devices.None)
	s.Call = newCall(Config{Room: "test", Name: name, Media: s.media, Measure: true}, api)
	return s
}

// board is a screen that shows the test picture.
type board struct{ Camera }

func (board) Restore() string { return "" }

// listed is what the server says of this side.
func (s *caller) listed() wire.Peer {
	return wire.Peer{ID: s.cfg.Name, Name: s.cfg.Name, Instance: s.cfg.Name, State: wire.State{Camera: true, Microphone: true}}
}

// set changes the path from one side, or both.
func (p *pathed) set(c impair.Conditions, sides ...int) {
	if len(sides) == 0 {
		sides = []int{0, 1}
	}
	for _, i := range sides {
		p.sides[i].card.set(c)
	}
}

// seen is what one side gets of the other.
func (p *pathed) seen(by int) PeerStats {
	p.t.Helper()
	all := p.sides[by].Stats()
	if len(all) != 1 || all[0].InVideo == nil || all[0].InAudio == nil {
		p.t.Fatalf("%s lacks something of the other: %+v", p.sides[by].cfg.Name, all)
	}
	return all[0]
}

// byHand is the server to one side.
type byHand struct{ from, to *caller }

func (b *byHand) Signal(_ string, s wire.Signal) error {
	b.to.post(func() { b.to.onSignal(signal.SignalReceived{From: b.from.cfg.Name, Signal: s}) })
	return nil
}
func (b *byHand) SetState(wire.State) error { return nil }
func (b *byHand) ICE() []signal.ICEServer   { return nil }
func (b *byHand) NetworkChanged()           {}
func (b *byHand) Close() error              { return nil }

// card is a network card whose packets go out through a pipe.
type card struct {
	*vnet.Net
	start time.Time
	wake  chan struct{}
	quit  chan struct{}
	done  chan struct{}

	mu   sync.Mutex
	pipe *impair.Pipe[datagram]
}

type datagram struct {
	by   transport.UDPConn
	data []byte
	to   net.Addr
}

func newCard(virtual *vnet.Net, pipe *impair.Pipe[datagram]) *card {
	c := &card{Net: virtual, start: time.Now(), wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}), pipe: pipe}
	go c.run()
	return c
}

func (c *card) run() {
	defer close(c.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if next, ok := c.flush(); ok {
			timer.Reset(next)
		}
		select {
		case <-timer.C:
		case <-c.wake:
		case <-c.quit:
			return
		}
	}
}

// flush sends what is due.
func (c *card) flush() (wait time.Duration, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Since(c.start)
	for d, ok := c.pipe.Pop(now); ok; d, ok = c.pipe.Pop(now) {
		_, _ = d.by.WriteTo(d.data, d.to)
	}
	next, more := c.pipe.Next()
	return next - now, more
}

func (c *card) set(conditions impair.Conditions) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pipe.Set(conditions)
}

// stats is what its pipe did so far.
func (c *card) stats() impair.Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pipe.Stats()
}

func (c *card) close() {
	close(c.quit)
	<-c.done
}

func (c *card) ListenUDP(network string, at *net.UDPAddr) (transport.UDPConn, error) {
	conn, err := c.Net.ListenUDP(network, at)
	if err != nil {
		return nil, err
	}
	return &socketOf{conn, c}, nil
}

// socketOf is a socket on a card.
type socketOf struct {
	transport.UDPConn
	card *card
}

func (s *socketOf) WriteTo(b []byte, to net.Addr) (int, error) {
	const headers = 28 // of IPv4 and UDP
	if len(b) > 0 && b[0] == dtlsAlert {
		return len(b), nil
	}
	c := s.card
	c.mu.Lock()
	c.pipe.Push(time.Since(c.start), len(b)+headers, datagram{s.UDPConn, append([]byte(nil), b...), to})
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return len(b), nil
}

// dtlsAlert begins a packet that says that the other side ended its connection (RFC 9147 section 4.1), and is lost on every path here. Pion, told so by it
// and by the data channel at once, holds a lock for up to 0.4 s, and in virtual time for ever, since that stands still while anybody waits for a lock.
// https://github.com/pion/webrtc/blob/v4.2.26/sctptransport.go#L246-L260
const dtlsAlert = 21
