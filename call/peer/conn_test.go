package peer_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/peer"
	"parley/call/signal/wire"
)

// patience is how long a test waits for what must happen; it ends a test that hangs, and judges nothing.
const patience = time.Minute

var errNoServer = errors.New("the server is out of reach")

// eventually waits for what must happen without anybody telling of it.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to pass that " + what)
		}
	}
}

// side is one end of a connection under test.
type side struct {
	conn     *peer.Conn
	wire     *wireTo
	tracks   []*webrtc.TrackLocalStaticRTP
	states   chan peer.State
	why      chan error
	heard    chan peer.Section      // of each track that arrived and brought the packets of that section
	asked    chan webrtc.TrackLocal // that the other side wants a key frame of
	byes     chan struct{}
	views    chan wire.View // that the other side has of this one
	told     chan peer.Allowance
	restarts atomic.Int32                          // of the pictures
	came     [3]arrivals                           // of each section
	remote   [3]atomic.Pointer[webrtc.TrackRemote] // that arrived last
}

// arrivals notes which packets came, by whatever connection.
type arrivals struct {
	mu      sync.Mutex
	seen    map[uint16]bool // after base
	base    uint16          // the newest of the time before
	newest  uint16
	at      time.Time     // the newest came
	longest time.Duration // without a newer one
}

func (a *arrivals) note(n uint16) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	switch {
	case a.at.IsZero():
		a.base, a.newest, a.at, a.seen = n, n, now, map[uint16]bool{}
	case n > a.newest:
		a.longest = max(a.longest, now.Sub(a.at))
		a.newest, a.at = n, now
	}
	if n > a.base {
		a.seen[n] = true
	}
}

// since begins another time, and returns of the one that ends the longest time without a newer packet and how many never came.
func (a *arrivals) since() (longest time.Duration, missing int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	longest, missing = a.longest, int(a.newest-a.base)-len(a.seen)
	a.seen, a.base, a.longest = map[uint16]bool{}, a.newest, 0
	return longest, missing
}

// count returns how many packets came.
func (a *arrivals) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.seen)
}

// wireTo carries one side's signals to the other in order, each a random while later.
type wireTo struct {
	mu    sync.Mutex
	down  bool
	queue chan wire.Signal
}

func (w *wireTo) send(s wire.Signal) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return errNoServer
	}
	w.queue <- s
	return nil
}

func (w *wireTo) up() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.down
}

func (w *wireTo) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
}

// pair returns two sides whose signals reach each other with up to delay each way. Their media flows from the start.
func pair(t *testing.T, random *rand.Rand, delay time.Duration) (polite, impolite *side) {
	t.Helper()
	return pairOf(t, NewAPI(t), NewAPI(t), random, delay)
}

func NewAPI(t *testing.T) *peer.API {
	t.Helper()
	api, err := peer.NewAPI(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// pairOf is like pair, for connections of other kinds.
func pairOf(t *testing.T, one, other *peer.API, random *rand.Rand, delay time.Duration) (polite, impolite *side) {
	t.Helper()
	return pairAs(t, peer.Config{}, one, other, random, delay)
}

// pairAs begins with cfg.
func pairAs(t *testing.T, cfg peer.Config, one, other *peer.API, random *rand.Rand, delay time.Duration) (polite, impolite *side) {
	t.Helper()
	cfg.API, cfg.Polite = one, true
	polite = newSideOf(t, cfg)
	cfg.API, cfg.Polite = other, false
	impolite = newSideOf(t, cfg)
	join(t, polite, impolite, random, delay)
	for _, s := range []*side{polite, impolite} {
		t.Cleanup(s.play())
		t.Cleanup(func() { _ = s.conn.Close() })
	}
	return polite, impolite
}

// join carries the signals of two sides to each other, each way in order and with up to delay.
func join(t *testing.T, one, other *side, random *rand.Rand, delay time.Duration) {
	for _, way := range [][2]*side{{one, other}, {other, one}} {
		from, to, seed := way[0], way[1], random.Uint64()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			random := rand.New(rand.NewPCG(seed, 0))
			for s := range from.wire.queue {
				if delay > 0 {
					time.Sleep(time.Duration(random.Int64N(int64(delay))))
				}
				_ = to.conn.Handle(s)
			}
		}()
		t.Cleanup(func() { close(from.wire.queue); <-stopped })
	}
}

// connected runs a test with two sides that are connected and heard, and sees that nothing of them is left.
func connected(t *testing.T, seed uint64, test func(t *testing.T, polite, impolite *side)) {
	t.Helper()
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		polite, impolite := pair(t, rand.New(rand.NewPCG(seed, seed)), 0)
		polite.conn.Offer()
		for _, s := range []*side{polite, impolite} {
			s.await(t, peer.Connected)
			s.hears(t)
		}
		test(t, polite, impolite)
	})
}

// manyTimes runs a test with other luck each time, some at once, and sees that nothing of them is left.
func manyTimes(t *testing.T, times int, test func(t *testing.T, random *rand.Rand)) {
	t.Helper()
	defer goleak.VerifyNone(t)
	const atOnce = 4
	t.Run("all", func(t *testing.T) {
		places := make(chan struct{}, atOnce)
		for n := range times {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				places <- struct{}{}
				defer func() { <-places }()
				t.Run("pair", func(t *testing.T) { test(t, rand.New(rand.NewPCG(uint64(n), 7))) })
			})
		}
	})
}

func newSide(t *testing.T, polite bool) *side {
	t.Helper()
	return newSideOf(t, peer.Config{API: NewAPI(t), Polite: polite})
}

// newSideOf fills in what the tests see of a side, and its tracks unless there are some.
func newSideOf(t *testing.T, cfg peer.Config) *side {
	t.Helper()
	s := &side{
		wire: &wireTo{queue: make(chan wire.Signal, 1024)}, states: make(chan peer.State, 64), why: make(chan error, 64),
		heard: make(chan peer.Section, 64), byes: make(chan struct{}, 64),
		asked: make(chan webrtc.TrackLocal, 64), views: make(chan wire.View, 64), told: make(chan peer.Allowance, 1),
	}
	if cfg.Tracks == nil {
		s.tracks, cfg.Tracks = newTracks(t)
	}
	cfg.Send, cfg.Reachable = s.wire.send, s.wire.up
	cfg.OnState = func(state peer.State, err error) {
		s.states <- state
		s.why <- err
	}
	cfg.OnRestart = func() { s.restarts.Add(1) }
	cfg.OnTrack = s.listen
	cfg.OnView = func(v wire.View) { s.views <- v }
	cfg.OnAllowance = func(a peer.Allowance) {
		select {
		case s.told <- a:
		default:
		}
	}
	cfg.OnKeyFrameRequest = func(track webrtc.TrackLocal) { s.asked <- track }
	cfg.OnBye = func() { s.byes <- struct{}{} }
	s.conn = peer.New(cfg)
	return s
}

// newTracks returns a track for each section.
func newTracks(t *testing.T) (tracks []*webrtc.TrackLocalStaticRTP, local []webrtc.TrackLocal) {
	t.Helper()
	for n, mime := range []string{webrtc.MimeTypeOpus, webrtc.MimeTypeVP8, webrtc.MimeTypeVP8} {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, fmt.Sprint(n), "me")
		if err != nil {
			t.Fatal(err)
		}
		tracks, local = append(tracks, track), append(local, track)
	}
	return tracks, local
}

// listen reports a track when its first packet came, and reads it to its end.
func (s *side) listen(section peer.Section, track *webrtc.TrackRemote) {
	s.remote[section].Store(track)
	if section == peer.Screen {
		s.conn.RequestKeyFrame(track)
	}
	go func() {
		for first := true; ; first = false {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			s.came[section].note(packet.SequenceNumber)
			if first && peer.Section(packet.Payload[len(packet.Payload)-1]) == section {
				s.heard <- section
			}
		}
	}()
}

// play sends a packet every 10 ms on each track until the function that it returns is called.
func (s *side) play() (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := uint16(0); ; n++ {
			for section, track := range s.tracks {
				_ = track.WriteRTP(&rtp.Packet{
					Header:  rtp.Header{Version: 2, SequenceNumber: n, Timestamp: uint32(n) * 480},
					Payload: []byte{0x90, 0x80, 1, 2, byte(section)},
				})
			}
			select {
			case <-tick.C:
			case <-quit:
				return
			}
		}
	}()
	return func() { close(quit); <-ended }
}

func (s *side) await(t *testing.T, want peer.State) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case got := <-s.states:
			if got == want {
				return
			}
		case <-late:
			t.Fatalf("the connection did not become %s", want)
		}
	}
}

// awaitControl waits for the data channel, which opens some time after the transport: SCTP has a handshake of its own.
func (s *side) awaitControl(t *testing.T) {
	t.Helper()
	eventually(t, "the data channel opens", s.conn.ControlOpen)
}

// hears waits until those sections brought something; none named are all.
func (s *side) hears(t *testing.T, sections ...peer.Section) {
	t.Helper()
	if len(sections) == 0 {
		sections = []peer.Section{peer.Sound, peer.Camera, peer.Screen}
	}
	missing := map[peer.Section]bool{}
	for _, section := range sections {
		missing[section] = true
	}
	late := time.After(patience)
	for len(missing) > 0 {
		select {
		case section := <-s.heard:
			delete(missing, section)
		case <-late:
			t.Fatalf("no packet came on %v", missing)
		}
	}
}

// path waits until it is known by which path the connection goes, and returns that.
func (s *side) path(t *testing.T) (path peer.TransportStats) {
	t.Helper()
	eventually(t, "a connection that works has a path in its statistics", func() (ok bool) {
		path, ok = s.conn.Transport()
		return ok
	})
	return path
}

func TestTheOneWhoComesOffersAndBothAreHeard(t *testing.T) {
	connected(t, 1, func(t *testing.T, polite, _ *side) {
		polite.path(t)
		eventually(t, "the other side's reports tell the round trip", func() bool {
			s, ok := polite.conn.RemoteInbound(polite.tracks[peer.Screen])
			return ok && s.RoundTripTime > 0
		})
	})
}

func TestAKeyFrameIsAskedOfTheTrackThatLacksIt(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		polite, impolite := pair(t, rand.New(rand.NewPCG(1, 2)), 0)
		polite.conn.Offer()
		for _, s := range []*side{polite, impolite} {
			if asked := <-s.asked; asked != s.tracks[peer.Screen] {
				t.Errorf("asked of track %s, want that of the screen", asked.ID())
			}
		}
	})
}

// Both offer, within a moment of each other and in any order; the pattern of perfect negotiation settles it.
func TestCrossingOffersAlwaysMakeOneConnectionWithEveryTrack(t *testing.T) {
	manyTimes(t, 200, func(t *testing.T, random *rand.Rand) {
		polite, impolite := pair(t, random, 30*time.Millisecond)
		sides := []*side{polite, impolite}
		random.Shuffle(2, func(i, j int) { sides[i], sides[j] = sides[j], sides[i] })
		sides[0].conn.Offer()
		time.Sleep(time.Duration(random.Int64N(int64(20 * time.Millisecond))))
		sides[1].conn.Offer()
		for _, s := range sides {
			s.await(t, peer.Connected)
			s.hears(t)
		}
	})
}

func TestAByeIsHeardThoughTheServerIsGone(t *testing.T) {
	connected(t, 2, func(t *testing.T, polite, impolite *side) {
		for _, s := range []*side{polite, impolite} {
			s.awaitControl(t)
		}
		polite.wire.cut()
		impolite.wire.cut()
		if err := polite.conn.Bye(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-impolite.byes:
		case <-time.After(patience):
			t.Fatal("the other side did not hear the bye")
		}
	})
}

func TestAConnectionThatIsBuiltAnewBringsEveryTrackAgain(t *testing.T) {
	connected(t, 3, func(t *testing.T, polite, impolite *side) {
		polite.conn.Offer()
		for _, s := range []*side{polite, impolite} {
			s.hears(t)
		}
	})
}

func TestGarbageFromTheOtherSideFailsTheConnectionWithAReason(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, sdp := range map[string]string{
		"no SDP":       "hello",
		"no media":     "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
		"no ICE":       "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n",
		"far too long": fmt.Sprintf("v=0\r\ns=%060000d\r\n", 0),
	} {
		t.Run(name, func(t *testing.T) {
			polite, _ := pair(t, rand.New(rand.NewPCG(4, 4)), 0)
			offer := wire.Signal{Session: "s", Description: &wire.Description{Type: "offer", SDP: sdp}}
			if err := polite.conn.Handle(offer); err != nil {
				t.Fatal(err)
			}
			polite.await(t, peer.Failed)
			if err := <-polite.why; !errors.Is(err, peer.ErrBadDescription) {
				t.Errorf("failed with %v, want ErrBadDescription", err)
			}
		})
	}
}

func TestAfterGarbageAnHonestOfferStillConnects(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		polite, impolite := pair(t, rand.New(rand.NewPCG(5, 5)), 0)
		_ = polite.conn.Handle(wire.Signal{Session: "x", Description: &wire.Description{Type: "offer", SDP: "garbage"}})
		polite.await(t, peer.Failed)
		impolite.conn.Offer()
		polite.await(t, peer.Connected)
		polite.hears(t)
	})
}

func TestAFloodIsRefusedAndCostsNoMemory(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		polite, _ := pair(t, rand.New(rand.NewPCG(6, 6)), 0)
		offer := wire.Signal{Session: "s", Description: &wire.Description{Type: "offer", SDP: "garbage"}}
		for deadline := time.Now().Add(patience); ; {
			if err := polite.conn.Handle(offer); errors.Is(err, peer.ErrTooMuch) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("messages were taken without end")
			}
		}
	})
}

func TestAPictureWouldBeOfNoUseBeforeThereIsAPath(t *testing.T) {
	s := newSide(t, true)
	s.conn.Offer()
	<-s.wire.queue
	if !s.conn.Busy() {
		t.Error("a picture is asked for that nobody can get")
	}
	if err := s.conn.Close(); err != nil {
		t.Fatal(err)
	}
	connected(t, 1, func(t *testing.T, polite, impolite *side) {
		for _, s := range []*side{polite, impolite} {
			eventually(t, "pictures are asked for", func() bool { return !s.conn.Busy() })
		}
	})
}
