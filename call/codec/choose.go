package codec

import (
	"slices"
	"strings"
)

// Hints are what the choice of a codec goes by. What is not known is zero.
type Hints struct {
	Screen        bool    // the pictures show a screen
	Width, Height int     // of the largest picture that is sent, in pixels
	FrameRate     float64 // a second
	BitRate       int     // that the paths leave for it, in bit/s
	// Idle is how much of the machine does nothing, in cores: 0.5 is half a core. Not known, nothing dearer than VP8 is chosen.
	Idle float64
	// Load is what encoding takes now, in cores, by the codec Current (a MIME type). Not known, it is estimated.
	Load    float64
	Current string
}

const (
	// narrow is the bit rate for a pixel below which VP8 looks bad: 640x360 at 30 frames a second and 350 kbit/s.
	narrow = 0.05
	// wide is that above which a codec that was chosen for a narrow path is let go again. Between the two all stays as it is.
	wide = 0.09
	// share is how much of what the machine has idle a dearer codec may take.
	share = 0.5
	// loadOfVP8 is the time that VP8 takes to encode a pixel, in seconds, on a machine of the year 2020.
	loadOfVP8 = 5e-9
)

// Choose chooses the codec in which pictures are encoded for all of theirs, each the list of what one receiver has; mine is in order
// of preference. False: there is none that all have.
//
// It is the first in mine's order, unless one that saves bit rate is worth its time: for a screen, and for a path that is narrow for
// the picture, where the machine has the time to spare. Called every few seconds, it does not go back and forth: a codec that is
// in use stays until the path is wide again or nothing is idle.
func Choose(mine []Codec, theirs [][]Offered, hints Hints) (Codec, bool) {
	shared := slices.DeleteFunc(slices.Clone(mine), func(c Codec) bool { return !allHave(theirs, c) })
	if len(shared) == 0 {
		return Codec{}, false
	}
	best := shared[0]
	for _, c := range shared[1:] {
		if c.Saves > best.Saves && hints.want(c) && hints.bear(c) {
			best = c
		}
	}
	return best, true
}

func allHave(theirs [][]Offered, c Codec) bool {
	return !slices.ContainsFunc(theirs, func(one []Offered) bool { return !slices.ContainsFunc(one, c.Matches) })
}

func (h Hints) uses(c Codec) bool { return strings.EqualFold(h.Current, c.MIMEType) }

// pixelRate is in pixels a second.
func (h Hints) pixelRate() float64 { return float64(h.Width) * float64(h.Height) * h.FrameRate }

// want says whether saving bit rate makes a better picture.
func (h Hints) want(c Codec) bool {
	if h.Screen {
		return true
	}
	if h.BitRate <= 0 || h.pixelRate() <= 0 {
		return false
	}
	limit := narrow
	if h.uses(c) {
		limit = wide
	}
	return float64(h.BitRate) < limit*h.pixelRate()
}

// bear says whether the machine has the time for it.
func (h Hints) bear(c Codec) bool {
	if h.uses(c) {
		return h.Idle > 0
	}
	load, cost := h.Load, 1.0
	if load <= 0 || h.Current == "" {
		load = loadOfVP8 * h.pixelRate()
	} else if current, ok := ByMIMEType(h.Current); ok {
		cost = current.Cost
	}
	more := load * (c.Cost/cost - 1)
	return h.Idle > 0 && more <= share*h.Idle
}
