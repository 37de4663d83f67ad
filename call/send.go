package call

import (
	"sync"

	"github.com/pion/webrtc/v4"

	"parley/call/audio"
	"parley/call/flexfec"
	"parley/call/peer"
	"parley/call/video"
)

// sent is what of this side goes to one person: of the sound and the pictures what their path and their window bear.
type sent struct {
	media          *Media
	sound          *audio.Feed
	camera, screen *video.Outlet
	allowing       sync.Mutex // held while a bit rate is divided, so that the last that was told is the last that is heeded
}

func (m *Media) newSent() sent {
	return sent{media: m, sound: m.engine.NewFeed(), camera: m.sender.NewOutlet(), screen: m.screen.sender.NewOutlet()}
}

// tracks returns what is sent, in the order of peer.Section.
func (s *sent) tracks() []webrtc.TrackLocal {
	return []webrtc.TrackLocal{s.sound, s.camera, s.screen}
}

// requestKeyFrame lets the person, who has nothing to build on, see the picture of a track.
func (s *sent) requestKeyFrame(track webrtc.TrackLocal) {
	switch track {
	case s.camera:
		s.camera.RequestKeyFrame()
	case s.screen:
		if s.screen.RequestKeyFrame() {
			s.media.screen.again()
		}
	}
}

// restart lets the person, who has nothing of what was sent, see the pictures.
func (s *sent) restart() {
	s.camera.Restart()
	if s.screen.Restart() {
		s.media.screen.again()
	}
}

func (s *sent) close() {
	s.camera.Close()
	s.screen.Close()
}

// allow divides what the path to the person bears, and returns how much of it could be used. Where no picture has come by it yet, the first is sent
// however little is left: by sound alone a path that was narrow would never be found out to have become wide.
func (s *sent) allow(bitRate int, pictures, opening bool) (demand int) {
	sound, camera, screen := s.sound.Demand()+soundHeaders, s.camera.Demand(), s.screen.Demand()
	parts := divide(bitRate, sound, camera, screen)
	if !pictures {
		parts.camera, parts.screen = max(parts.camera, min(camera, tryPictures)), max(parts.screen, min(screen, tryPictures))
	}
	if opening && camera+screen > 0 {
		parts.sound = min(parts.sound, soundGood) // a quarter of what is only hoped for could be all that there is
	}
	s.sound.SetAllowance(parts.sound - soundHeaders)
	s.camera.SetAllowance(parts.camera)
	s.screen.SetAllowance(parts.screen)
	return int(float64(camera+screen)/payloadShare) + sound
}

const (
	soundHeaders  = 26_000 // bit/s: 50 packets a second with IPv4, UDP, RTP, two header extensions and the tag of SRTP
	soundLeast    = 38_000 // with the least that Opus is given
	soundGood     = 50_000 // with a voice that is good to listen to: before there are more than the least of pictures,
	picturesLeast = 33_000 // those that are as small as they get: with less they stand still, and to go on takes a key frame
	soundFraction = 0.25   // of a narrow path
	tryPictures   = 30_000 // until the first one came
	payloadShare  = 0.93   // of what video takes on the wire; the rest is headers
	screenShare   = 0.7    // of what pictures have, when both are wanted and there is not enough: a screen is there to be read
)

// parts are the bit rates of one person's sound, on the wire, and pictures, as payload.
type parts struct{ sound, camera, screen int }

// divide gives sound its part first, of what it could use on the wire, and the rest to the pictures by what each could use. What pictures have no use for is
// the sound's too.
func divide(bitRate, sound, camera, screen int) parts {
	spare := bitRate - int(float64(camera+screen)/payloadShare)
	p := parts{sound: min(sound, max(soundLeast, min(soundGood, bitRate-picturesLeast), int(soundFraction*float64(bitRate)), spare))}
	rest := max(0, int(payloadShare*float64(bitRate-p.sound)))
	switch {
	case screen == 0:
		p.camera = rest
	case camera == 0:
		p.screen = rest
	default:
		p.screen = min(screen, int(screenShare*float64(rest)))
		p.camera = min(camera, rest-p.screen)
		p.screen = rest - p.camera
	}
	return p
}

// onAllowance is told by a connection, on a goroutine of its own, what its path bears, and is called when something else changed what the person is to get.
func (c *Call) onAllowance(p *person, a peer.Allowance) {
	p.sent.allowing.Lock()
	defer p.sent.allowing.Unlock()
	limit := c.limitTo(p)
	if p.conn.SetLimit(limit) {
		if limited, ok := p.conn.Allowance(); ok {
			a = limited
		}
	}
	demand := p.sent.allow(a.BitRate, a.Pictures, a.Opening)
	if limit > 0 {
		demand = min(demand, limit)
	}
	p.conn.SetDemand(demand)
	p.conn.SetProtection(flexfec.Share(flexfec.Path{Loss: a.PathLoss, RoundTrip: a.RoundTrip, BitRate: a.BitRate}))
}

// limitTo returns how many bit/s the limits of both sides leave for what is sent to a person; 0 is no limit.
func (c *Call) limitTo(p *person) (limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range []int{p.told.BitRate, c.share(c.limits.Up)} {
		if l > 0 && (limit == 0 || l < limit) {
			limit = l
		}
	}
	return limit
}

// allowAnew divides for everybody what their path bears: not only that decides who gets what, but also limits, how many there are, and what there is to
// send.
func (c *Call) allowAnew() {
	for _, p := range c.everybody() {
		if a, ok := p.conn.Allowance(); ok {
			c.onAllowance(p, a)
		}
	}
}
