package call

import (
	"time"

	"parley/call/audio"
	"parley/call/signal/wire"
	"parley/call/video"
)

// observer measures one person once a second, for a judgement of the quality. Only the call's goroutine uses it.
type observer struct {
	judge  judge
	at     time.Time // of the last look; zero before the first
	video  video.ReceiverStats
	screen video.ReceiverStats
	sound  audio.ReceiverStats
}

// observeAll judges the quality of everybody, and tells where that changed.
func (c *Call) observeAll(now time.Time) {
	people := c.everybody()
	judges := make([]*judge, len(people))
	for i, p := range people {
		judges[i] = &p.observer.judge
		if p.State != PersonConnected {
			p.observer = observer{}
			continue
		}
		if o, ok := c.observe(p, now); ok {
			p.observer.judge.observe(o)
		}
	}
	for i, cause := range causes(judges) {
		c.update(people[i].ID, func(p *person) { p.Quality, p.Cause = p.observer.judge.quality, cause })
	}
}

// observe returns what was measured since the last look; false at the first.
func (c *Call) observe(p *person, now time.Time) (observation, bool) {
	c.mu.Lock()
	watched := !hides(p.shown.Camera)
	c.mu.Unlock()
	before := p.observer
	p.observer.at = now
	o := observation{frozen: -1, concealed: -1, lost: -1}
	if picture, ok := c.pictureStats(&p.picture); ok {
		p.observer.video = picture
		if p.Camera {
			c.noteGoingOn(&p.picture, &p.shown.Camera, before.video, picture)
			if watched {
				o.frozen = frozen(before.video, picture, now.Sub(before.at))
			}
		}
	}
	if screen, ok := c.pictureStats(&p.screen); ok {
		p.observer.screen = screen
		if p.Screen {
			c.noteGoingOn(&p.screen, &p.shown.Screen, before.screen, screen)
		}
	}
	if sound, ok := c.soundStats(p); ok {
		p.observer.sound = sound
		o.concealed = concealed(before.sound, p.observer.sound)
	}
	for _, track := range p.sent.tracks() {
		if r, ok := p.conn.RemoteInbound(track); ok {
			o.lost = max(o.lost, r.FractionLost)
			o.roundTrip = max(o.roundTrip, time.Duration(r.RoundTripTime*float64(time.Second)))
		}
	}
	sent := p.sent.camera.Stats()
	o.cpu = sent.QualityLimitationReason == video.LimitedByCPU
	o.starved = sent.QualityLimitationReason == video.LimitedByBandwidth && sent.FrameHeight > 0 && float64(sent.FrameHeight)*sent.FramesPerSecond < fewRows
	return o, !before.at.IsZero()
}

// fewRows is how many rows a second make a picture that the path is to blame for a poor one: 320x180 in full motion is just above it. One with
// fewer frames is not: a narrow path goes to and fro between that and smaller ones with more.
const fewRows = 180 * 25

// noteGoingOn notes that pictures come, if they do and this side shows them, at a size that Call.mu guards.
func (c *Call) noteGoingOn(v *view, shown **wire.Size, before, after video.ReceiverStats) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if after.FramesDecoded > before.FramesDecoded && !hides(*shown) {
		v.stopped = false
	}
}

// frozen returns the share of the time in which a picture stood. A freeze is counted by the receiver when it is over, so that a picture
// which did not change at all counts as one from its first second. So does one of which something comes for longer than that, and nothing can be seen.
func frozen(before, after video.ReceiverStats, passed time.Duration) float64 {
	if after.FramesDecoded == before.FramesDecoded {
		began := before.FramesDecoded > 0 || before.PacketsReceived > 0 && after.PacketsReceived > before.PacketsReceived
		if !began {
			return -1
		}
		return 1
	}
	return min(1, max(0, (after.TotalFreezesDuration-before.TotalFreezesDuration).Seconds()/passed.Seconds()))
}

// concealed returns the share of a person's sound that was made up, and a negative one if there was none. What was filled with
// silence while nothing was sent is not counted by the receiver.
func concealed(before, after audio.ReceiverStats) float64 {
	if after.TotalSamplesReceived <= before.TotalSamplesReceived {
		return -1
	}
	made := float64(after.ConcealedSamples) - float64(before.ConcealedSamples)
	return max(0, made/float64(after.TotalSamplesReceived-before.TotalSamplesReceived))
}
