package video

import (
	"slices"
	"time"

	"parley/call/codec"
)

const (
	// agreeEvery is how often it is looked whether another codec would be better.
	agreeEvery = 2 * time.Second
	// narrowLooks is for how many looks in a row a path must be narrow before a camera's picture is encoded otherwise.
	narrowLooks = 5
	// spareFor is how long nothing dearer is tried after the machine did not keep up with it.
	spareFor = time.Minute
)

// agree finds out in which codec everybody gets the picture: one for all who share one, so that each size is encoded once, and another only for those
// who lack it. It is called with mu held, by the frame.
func (s *Sender) agree(now time.Time) {
	newcomer := slices.ContainsFunc(s.outlets, func(o *Outlet) bool { return o.active() && !o.gets() && !o.foreign })
	late := s.load.over > 0 && s.current >= 0 && codecs[s.current].Cost > 1 && now.After(s.spared)
	if late {
		s.spared = now.Add(spareFor)
		s.load.over = 0
	}
	if !newcomer && !late && now.Sub(s.agreed) < agreeEvery {
		return
	}
	s.agreed = now
	var left []*Outlet
	for _, o := range s.outlets {
		if o.active() {
			left = append(left, o)
		}
	}
	hints := s.hints(now)
	for first := true; len(left) > 0; first = false {
		chosen := chooseFor(left, hints)
		if chosen < 0 {
			for _, o := range left {
				o.codec, o.foreign = -1, true
			}
			return
		}
		if first {
			s.current = chosen
		}
		left = slices.DeleteFunc(left, func(o *Outlet) bool {
			if !o.takes(chosen) {
				return false
			}
			o.codec, o.foreign = chosen, false
			return true
		})
	}
}

// chooseFor returns the number of the codec that is the best for all of them, or where they share none, of the first in order of preference that most of
// them take; -1 where nobody takes any.
func chooseFor(outlets []*Outlet, hints codec.Hints) int {
	theirs := make([][]codec.Offered, len(outlets))
	for i, o := range outlets {
		theirs[i] = o.offered()
	}
	if c, ok := codec.Choose(codecs, theirs, hints); ok {
		return slices.IndexFunc(codecs, func(other codec.Codec) bool { return other.MIMEType == c.MIMEType })
	}
	best, most := -1, 0
	for i := range codecs {
		n := 0
		for _, o := range outlets {
			if o.takes(i) {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

// takes says whether the codec is known on all connections to the person.
func (o *Outlet) takes(codec int) bool {
	return !slices.ContainsFunc(*o.bindings.Load(), func(b *binding) bool { return b.types[codec] == 0 })
}

// offered lists what the person takes.
func (o *Outlet) offered() []codec.Offered {
	var all []codec.Offered
	for i, c := range codecs {
		if o.takes(i) {
			all = append(all, codec.Offered{MIMEType: c.MIMEType, Fmtp: c.Fmtp})
		}
	}
	return all
}

// hints tells what is known of the picture, of the paths, and of the machine. It goes by the largest size that somebody gets.
func (s *Sender) hints(now time.Time) codec.Hints {
	h := codec.Hints{Screen: s.screen, Width: s.width, Height: s.height, FrameRate: usualRate}
	for i := range s.layers {
		l := &s.layers[i]
		if l.encoder == nil {
			continue
		}
		h.Width, h.Height = l.encoder.Size()
		h.BitRate, h.Current = l.bitRate, codecs[l.codec].MIMEType
		if l.step.fps > 0 {
			h.FrameRate = float64(l.step.fps)
		}
		break
	}
	h.BitRate = s.density.most(h)
	if s.load.rungs > 0 || now.Before(s.spared) {
		return h
	}
	// Encoding is done on one core, and the time that it takes is that on the wall: what is left of it is what is idle.
	h.Load, h.Idle = s.load.share, max(0, 1-s.load.share)
	return h
}

// densities are the bits for a pixel at the last looks, a ring.
type densities struct {
	last [narrowLooks]float64
	n    int
}

// most notes the bit rate at one look, and returns the highest that there was for such a picture; 0 is not known.
func (d *densities) most(h codec.Hints) int {
	pixels := float64(h.Width*h.Height) * h.FrameRate
	if h.BitRate == 0 || pixels == 0 {
		*d = densities{}
		return 0
	}
	d.last[d.n%len(d.last)] = float64(h.BitRate) / pixels
	if d.n++; d.n < len(d.last) {
		return 0
	}
	return int(slices.Max(d.last[:]) * pixels)
}
