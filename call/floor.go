package call

import (
	"time"
)

const (
	listenEvery = 100 * time.Millisecond

	voiceMemory = 300 * time.Millisecond  // over which loudness is averaged: a syllable or two
	dominance   = 300 * time.Millisecond  // for so long somebody must be louder to take the floor
	holdTime    = 1500 * time.Millisecond // whoever took it keeps it so long
	louder      = 0.1                     // of the scale of levels, 6 dB: so much louder than who has the floor
	spoken      = 0.15                    // a loudness from which on somebody speaks at all
)

// voice is what is heard of a person at a moment.
type voice struct {
	level  float64 // 0 to 1
	speech bool    // it is a voice, not a noise
}

// floor says who of the others speaks, as a view that shows one person large needs it: a cough, a "yes" between two sentences, and two who talk at once do
// not make it flutter. Whoever spoke last has the floor until another one speaks. The zero value is ready.
type floor struct {
	holder     string
	since      time.Time // when the holder took it
	rival      string    // who is louder than the holder, and since when
	rivalSince time.Time
	last       time.Time
	loudness   map[string]float64 // of voices, averaged
}

// listen takes in what is heard of everybody now, and says whether the floor went to somebody else, or to nobody.
func (f *floor) listen(voices map[string]voice, now time.Time) (changed bool) {
	f.average(voices, now)
	if _, here := voices[f.holder]; !here && f.holder != "" {
		f.holder, f.since, changed = "", time.Time{}, true
	}
	loudest, level := f.loudest()
	if level < spoken || f.holder != "" && level < f.loudness[f.holder]+louder {
		f.rival = ""
		return changed
	}
	if loudest != f.rival {
		f.rival, f.rivalSince = loudest, now
	}
	if f.holder != "" && (now.Sub(f.rivalSince) < dominance || now.Sub(f.since) < holdTime) {
		return changed
	}
	f.holder, f.since, f.rival = loudest, now, ""
	return true
}

// average keeps a loudness for each person who is there.
func (f *floor) average(voices map[string]voice, now time.Time) {
	weight := min(1, now.Sub(f.last).Seconds()/voiceMemory.Seconds())
	f.last = now
	if f.loudness == nil {
		f.loudness = map[string]float64{}
	}
	for id := range f.loudness {
		if _, here := voices[id]; !here {
			delete(f.loudness, id)
		}
	}
	for id, v := range voices {
		level := v.level
		if !v.speech {
			level = 0
		}
		f.loudness[id] += weight * (level - f.loudness[id])
	}
}

// loudest returns who is the loudest of those who don't have the floor.
func (f *floor) loudest() (id string, level float64) {
	for other, l := range f.loudness {
		if other != f.holder && (l > level || l == level && other < id) {
			id, level = other, l
		}
	}
	return id, level
}

// ActiveSpeaker returns the id of who speaks, or spoke last; "" while nobody has. It changes when somebody else clearly speaks for a third of a
// second, every one and a half seconds at the most, or when they leave; [ActiveSpeakerChanged] tells.
func (c *Call) ActiveSpeaker() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.floor.holder
}

// listen is called every listenEvery.
func (c *Call) listen(now time.Time) {
	c.mu.Lock()
	voices := make(map[string]voice, len(c.people))
	for id, p := range c.people {
		var v voice
		if p.sound.receiver != nil {
			v.level, v.speech = p.sound.receiver.Voice()
		}
		voices[id] = v
	}
	changed, holder := c.floor.listen(voices, now), c.floor.holder
	c.mu.Unlock()
	if changed {
		c.emit(ActiveSpeakerChanged{ID: holder})
	}
}
