package call

import (
	"github.com/pion/webrtc/v4"

	"parley/call/audio"
)

// ear is where a person's sound comes in. Call.mu guards it.
type ear struct {
	hearing                     // the track that plays
	next    hearing             // a later one, of which there is no sound yet
	past    audio.ReceiverStats // of the tracks before
}

// hearing is one track of sound; the zero value is none.
type hearing struct {
	track    *webrtc.TrackRemote
	receiver *audio.Receiver
}

// hear plays a track. If another plays, this one takes its place as soon as there is sound of it.
func (c *Call) hear(p *person, track *webrtc.TrackRemote) {
	c.mu.Lock()
	before := p.sound.receiver
	c.mu.Unlock()
	receiver := c.cfg.Media.engine.ReceiveAfter(before, track, p.conn.HeaderExtension(track, audio.LevelURI))
	c.mu.Lock()
	receiver.SetVolume(p.volume)
	former, skipped := p.sound.receiver, p.sound.next.receiver // the one that was next may have taken its place meanwhile
	if this := (hearing{track, receiver}); former == nil {
		p.sound.hearing = this
	} else {
		p.sound.next = this
		c.work.Go(func() { c.awaitSound(p, former, receiver) })
	}
	c.mu.Unlock()
	if skipped != nil {
		skipped.Close()
	}
}

// awaitSound lets a track of sound take the place of another once that is what is heard, and ends the other.
func (c *Call) awaitSound(p *person, former, receiver *audio.Receiver) {
	heard := true
	select {
	case <-receiver.InPlace():
	case <-former.Done():
	case <-receiver.Done():
		heard = false
	}
	var counted audio.ReceiverStats
	if heard { // the former is not, or has ended
		former.Close()
		<-former.Done()
		counted = former.Stats()
	}
	c.mu.Lock()
	var old hearing
	switch v := &p.sound; {
	case v.next.receiver != receiver: // another came meanwhile
	case heard:
		old = v.hearing
		v.hearing, v.next = v.next, hearing{}
		v.past = plusSound(v.past, counted)
	default:
		v.next = hearing{}
	}
	c.mu.Unlock()
	if old.track != nil {
		p.conn.End(old.track)
	}
}

// soundStats returns what came of a person's sound, by all tracks so far, and false if there was none.
func (c *Call) soundStats(p *person) (audio.ReceiverStats, bool) {
	c.mu.Lock()
	receiver, past := p.sound.receiver, p.sound.past
	c.mu.Unlock()
	if receiver == nil {
		return audio.ReceiverStats{}, false
	}
	return plusSound(past, receiver.Stats()), true
}
