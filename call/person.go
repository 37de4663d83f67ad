package call

import (
	"log/slog"
	"slices"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/flexfec"
	"parley/call/peer"
	"parley/call/signal/wire"
	"parley/call/video"
	"parley/devices/frame"
)

// person is somebody else in the room, with the connection to them and what comes over it.
type person struct {
	Person // guarded by Call.mu, as are sound, volume and the receivers

	log     *slog.Logger
	conn    *peer.Conn
	sound   ear
	volume  float64 // that the user wants of it
	picture view    // of the camera
	screen  view
	sent    sent      // to them
	shown   wire.View // of their pictures; guarded by Call.mu
	told    wire.View // by them, of this side's pictures; likewise

	// Only the call's goroutine touches these.
	unlisted bool      // the server does not, or not yet, list them
	silent   time.Time // since when they are neither listed nor connected
	observer observer
}

// view is where pictures of a person come in.
type view struct {
	slot    frame.Slot
	order   video.Succession
	showing         // the track that is shown
	next    showing // a later one, which has no picture yet

	stopped         bool                // pictures stopped on purpose, and were not seen to go on since: this is no freeze
	past            video.ReceiverStats // of tracks that have ended
	ending          []*video.Receiver   // of tracks that others have replaced, and are about to end
	recovered       flexfec.Stats       // of the track that is shown, when last asked
	recoveredBefore flexfec.Stats       // of the tracks before it
}

// showing is one track of pictures; the zero value is none.
type showing struct {
	track    *webrtc.TrackRemote
	receiver *video.Receiver
}

func (c *Call) newPerson(listed wire.Peer) *person {
	id := listed.ID
	p := &person{
		Person: Person{ID: id, State: PersonConnecting}, volume: 1, log: c.cfg.Logger.With("peer", listed.Name), sent: c.cfg.Media.newSent(),
	}
	p.describe(listed)
	p.conn = peer.New(peer.Config{
		API: c.api, RelayOnly: c.cfg.RelayOnly, ICE: c.ice(),
		Tracks:            p.sent.tracks(),
		Polite:            c.self < id,
		Send:              func(s wire.Signal) error { return c.client.Signal(id, s) },
		Reachable:         c.reachable,
		OnState:           func(s peer.State, err error) { c.post(func() { c.onConnection(p, s, err) }) },
		OnTrack:           func(s peer.Section, track *webrtc.TrackRemote) { c.onTrack(p, s, track) },
		OnRestart:         p.sent.restart,
		OnKeyFrameRequest: p.sent.requestKeyFrame,
		OnAllowance:       func(a peer.Allowance) { c.onAllowance(p, a) },
		OnView:            func(v wire.View) { c.onView(p, v) },
		OnBye:             func() { c.post(func() { c.onBye(p) }) },
		Logger:            p.log,
	})
	p.sent.camera.SetBusy(p.conn.Busy) // not the screen: a picture of it may be the last for long
	return p
}

// describe takes over what the server says of the person. The id is theirs for good.
func (p *person) describe(listed wire.Peer) {
	p.Name = listed.Name
	p.Camera, p.Microphone, p.Screen = listed.State.Camera, listed.State.Microphone, listed.State.Screen
	p.picture.stopped = p.picture.stopped || !p.Camera
	p.screen.stopped = p.screen.stopped || !p.Screen
}

// ice returns the servers that help to find a path.
func (c *Call) ice() []webrtc.ICEServer {
	servers := append([]webrtc.ICEServer(nil), c.cfg.ICE...)
	for _, s := range c.client.ICE() {
		servers = append(servers, webrtc.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential})
	}
	return servers
}

func (c *Call) onConnection(p *person, s peer.State, err error) {
	if c.person(p.ID) != p {
		return
	}
	state := map[peer.State]PersonState{
		peer.Connecting: PersonConnecting, peer.Connected: PersonConnected,
		peer.Reconnecting: PersonReconnecting, peer.Failed: PersonFailed,
	}[s]
	c.update(p.ID, func(p *person) { p.State, p.Problem = state, explain(err) })
}

func (c *Call) onBye(p *person) {
	if c.person(p.ID) == p {
		c.drop(p, ReasonLeft)
	}
}

// onTrack plays what comes, on the connection's goroutine. After a connection was built anew its tracks replace the earlier ones.
func (c *Call) onTrack(p *person, section peer.Section, track *webrtc.TrackRemote) {
	switch {
	case section == peer.Sound:
		c.hear(p, track)
	case section == peer.Camera:
		c.show(p, &p.picture, track, c.lipSync(p, track), c.noteFirstFrame)
	case section == peer.Screen:
		c.show(p, &p.screen, track, nil, nil)
	default:
		p.log.Warn("a track of no use", "section", section, "codec", track.Codec().MimeType)
	}
}

// show decodes a track to its end on a goroutine of its own, and then takes the last picture away, unless another track has taken over.
func (c *Call) show(p *person, v *view, track *webrtc.TrackRemote, sync *video.LipSync, onFirst func()) {
	var receiver *video.Receiver
	receiver = video.NewReceiver(video.ReceiverConfig{
		Track: track, Codecs: p.conn.Codecs(track), Out: &v.slot, Order: &v.order, Measure: c.cfg.Measure, Logger: p.log,
		RequestKeyFrame: func() { p.conn.RequestKeyFrame(track) },
		RequestRepair:   func(missing []uint16) { p.conn.RequestRepair(track, missing) },
		Jammed:          func() bool { return p.conn.Jammed(track) },
		RoundTripTime:   p.conn.RoundTripTime,
		LipSync:         sync,
		OnFirstFrame: func() {
			c.takeOver(p, v, receiver)
			if onFirst != nil {
				onFirst()
			}
		},
	})
	c.mu.Lock()
	if this := (showing{track, receiver}); v.receiver == nil {
		v.showing = this
	} else {
		v.next = this
	}
	c.mu.Unlock()
	c.work.Go(func() {
		err := receiver.Run()
		p.log.Debug("a picture ended", "err", err)
		if c.ended(p, v, receiver) {
			v.slot.Put(nil)
		}
	})
}

// lipSync ties what a camera's track shows to what the same person's sound says.
func (c *Call) lipSync(p *person, track *webrtc.TrackRemote) *video.LipSync {
	return &video.LipSync{
		Video: func() (time.Time, uint32, bool) { return p.conn.SenderReport(track) },
		Audio: func() (time.Time, uint32, bool) {
			c.mu.Lock()
			sound := p.sound.track
			c.mu.Unlock()
			return p.conn.SenderReport(sound)
		},
		Sound: func() video.Sound {
			c.mu.Lock()
			defer c.mu.Unlock()
			if p.sound.receiver == nil {
				return nil
			}
			return p.sound.receiver
		},
	}
}

// takeOver lets a track that has a picture now take the place of the one that was shown, which ends: so there is a picture all the while.
func (c *Call) takeOver(p *person, v *view, receiver *video.Receiver) {
	c.mu.Lock()
	var old *webrtc.TrackRemote
	if v.next.receiver == receiver {
		old = v.track
		v.ending = append(v.ending, v.receiver)
		c.replace(p, v)
	}
	c.mu.Unlock()
	if old != nil {
		p.conn.End(old)
	}
}

// replace puts the next track in the place of the one that is shown, and goes on counting. Call.mu is held.
func (c *Call) replace(p *person, v *view) {
	v.next.receiver.GoOnFrom(v.receiver, v.stopped)
	if now, ok := p.conn.RecoveryStats(v.track); ok {
		v.recovered = now
	}
	v.recoveredBefore, v.recovered = plusRecovery(v.recoveredBefore, v.recovered), flexfec.Stats{}
	v.showing, v.next = v.next, showing{}
}

// ended notes that a track ended, and says whether that leaves nothing to show.
func (c *Call) ended(p *person, v *view, receiver *video.Receiver) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(v.ending, receiver); i >= 0 {
		v.ending = slices.Delete(v.ending, i, i+1)
		v.past = plusVideo(v.past, receiver.Stats())
		return false
	}
	switch {
	case v.next.receiver == receiver:
		v.next = showing{}
	case v.receiver != receiver:
	case v.next.receiver != nil:
		v.past = plusVideo(v.past, receiver.Stats())
		c.replace(p, v)
	default:
		return true
	}
	return false
}

func (c *Call) noteFirstFrame() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.firstFrame == 0 {
		c.firstFrame = time.Since(c.start)
	}
}
