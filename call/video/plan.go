package video

import (
	"time"

	"parley/call/coded"
	"parley/devices/frame"
)

// layerCount is how many sizes are encoded at once at the most, in one codec.
const layerCount = 3

// layer is one size in which the picture is encoded in one codec, for everybody whose path and tile bear that size. Only the sender's goroutine
// uses it, but for keys.
type layer struct {
	keys    keyFrameRequests
	codec   int
	members []*Outlet
	rung    int
	step    step
	rate    int           // bit/s
	encoder coded.Encoder // nil while nobody gets the layer
	bitRate int           // that the encoder has
	next    time.Time     // when the next frame is due, by the clock of capture
	pts     int64         // of the last that was due
	held    int64         // time that the encoder is not told of, in the same unit
	pool    frame.Pool
}

// newLayers returns all that there may be, the largest sizes first.
func newLayers() []layer {
	all := make([]layer, layerCount*len(codecs))
	for i := range all {
		all[i].codec = i % len(codecs)
	}
	return all
}

// layerOf returns the number of the layer that makes a rung's size in a codec.
func layerOf(codec, band int) int { return band*len(codecs) + codec }

// plan finds out what everybody gets, for a source of that size. It returns whether anybody gets anything.
func (s *Sender) plan(now time.Time, width, height int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if width != s.width || height != s.height {
		s.width, s.height = width, height
		s.steps = steps(s.steps[:0], s.ladder, width, height)
	}
	s.agree(now)
	for i := range s.layers {
		l := &s.layers[i]
		l.members, l.rate, l.rung = l.members[:0], 0, -1
	}
	any := false
	for _, o := range s.outlets {
		if !o.gets() {
			o.leave(now)
			continue
		}
		any = true
		s.choose(now, o)
	}
	s.separate()
	for _, o := range s.outlets {
		if o.gets() {
			s.place(now, o)
		}
	}
	for _, o := range s.outlets {
		if o.layer >= 0 {
			o.notice(now, s.steps, &s.layers[o.layer], s.load.rungs)
		}
	}
	return any
}

// choose finds the rung that suits one person.
func (s *Sender) choose(now time.Time, o *Outlet) {
	bitRate := o.allowance
	fixed := int(s.bitRate.Load())
	if bitRate < 0 {
		bitRate = max(fixed, s.steps[0].worth)
	}
	shown := o.shown(s.steps)
	o.worth = s.steps[shown].worth
	o.rung = o.climb.climb(now, s.steps, bitRate, max(shown, s.load.rungs), o.behind)
	o.bitRate = min(bitRate, s.steps[o.rung].worth)
	if fixed > 0 {
		o.bitRate = min(bitRate, fixed)
	}
}

// Those who share a layer get what the weakest of them bears. Who has less than this share of the strongest is better off with a layer of
// smaller pictures, until they have somewhat more.
const (
	separateBelow = 0.5
	joinAbove     = 0.7
)

// separate sends those to the next layer down who would hold others back.
func (s *Sender) separate() {
	for i := range s.layers[:(layerCount-1)*len(codecs)] {
		band, codec := i/len(codecs), i%len(codecs)
		strongest := 0
		for _, o := range s.outlets {
			if o.gets() && o.codec == codec && s.steps[o.rung].band == band {
				strongest = max(strongest, o.bitRate)
			}
		}
		for _, o := range s.outlets {
			if !o.gets() || o.codec != codec {
				continue
			}
			limit := separateBelow
			if o.apart[band] {
				limit = joinAbove
			}
			o.apart[band] = s.steps[o.rung].band == band && float64(o.bitRate) < limit*float64(strongest)
			if o.apart[band] {
				s.lower(o, band+1)
			}
		}
	}
}

// lower moves somebody to the first rung of a band, if there is one.
func (s *Sender) lower(o *Outlet, band int) {
	for i, step := range s.steps {
		if step.band == band {
			o.rung, o.bitRate = i, min(o.bitRate, step.worth)
			return
		}
	}
}

// place enters one person at the layer of their rung. A layer has the lowest size and rate of those who get it.
func (s *Sender) place(now time.Time, o *Outlet) {
	step := s.steps[o.rung]
	at := layerOf(o.codec, step.band)
	l := &s.layers[at]
	if len(l.members) == 0 || o.bitRate < l.rate {
		l.rate = o.bitRate
	}
	if o.rung > l.rung {
		l.rung, l.step = o.rung, step
	}
	l.members = append(l.members, o)
	if o.layer != at {
		o.layer, o.owed = at, true
		o.restart()
	}
	// Nobody asks for these but this side: they are owed until there is one.
	if (o.owed || o.behind) && o.requests.take(now) {
		l.keys.ask(o.owed)
		o.owed, o.behind = false, false
	}
}

// shown returns the rung that is large enough for the size at which the picture is shown.
func (o *Outlet) shown(all []step) int {
	found := 0
	for i, s := range all {
		if i > 0 && s.width == all[i-1].width {
			continue
		}
		if o.width == 0 || 10*s.width < 9*o.width || 10*s.height < 9*o.height {
			break
		}
		found = i
	}
	return found
}

// leave notes that nothing is sent to the person for now.
func (o *Outlet) leave(now time.Time) {
	o.count(now)
	o.stats.QualityLimitationReason = LimitedByNothing
	if o.seen && o.paused {
		o.stats.QualityLimitationReason = LimitedByBandwidth
	}
	o.layer, o.codec, o.apart, o.climb = -1, -1, separations{}, climber{}
	o.stats.TargetBitRate = 0
}

// count adds the time that went by to the reason that there was.
func (o *Outlet) count(now time.Time) {
	if !o.since.IsZero() {
		o.stats.QualityLimitationDurations.add(o.stats.QualityLimitationReason, now.Sub(o.since))
	}
	o.since = now
}

// notice keeps the statistics about why the person gets no more.
func (o *Outlet) notice(now time.Time, all []step, l *layer, rungs int) {
	o.count(now)
	reason := LimitedByNothing
	shown := o.shown(all)
	switch c := &o.climb; {
	case c.forRate > c.forLimits || o.apart != separations{}:
		reason = LimitedByBandwidth
	case rungs > shown:
		reason = LimitedByCPU
	case l.rung > c.at || o.allowance >= 0 && l.rate < o.allowance*9/10 && l.rate < l.step.worth:
		reason = LimitedByOther // somebody else who gets the same layer
	case o.allowance >= 0 && 10*o.allowance < 9*l.step.worth:
		reason = LimitedByBandwidth
	}
	o.stats.QualityLimitationReason, o.stats.TargetBitRate = reason, l.rate
}
