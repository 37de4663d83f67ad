package impair

import (
	"errors"
	"fmt"
	"time"
)

// DefaultQueue is how long the queue before a rate is unless [Conditions] say: that of a home router which is neither the best
// nor the worst.
const DefaultQueue = 300 * time.Millisecond

// ErrConditions says that no path can be like that.
var ErrConditions = errors.New("such a path cannot be")

// Conditions say what a path does to packets in one direction. The zero value does nothing to them.
type Conditions struct {
	Loss  float64 // part of the packets that is lost: 0 to 1
	Burst float64 // packets that are lost in a row, in the mean; up to 1: each is lost or not by itself

	Delay  time.Duration // that each packet takes
	Jitter time.Duration // up to that much more, at random; packets keep their order

	Reorder   float64       // part of the packets that is held back, so that later ones overtake: 0 to 1
	ReorderBy time.Duration // for that long; 0 stands for 20 ms
	Duplicate float64       // part of the packets that comes twice: 0 to 1

	Rate  int           // bit/s that pass; 0 for any
	Queue time.Duration // that packets may wait for their turn at that rate; one that would wait longer is dropped. 0 stands for [DefaultQueue]

	Download bool // somebody else downloads something through the same queue: TCP, which fills it. It begins with the first packet; Rate must be known

	Black bool // nothing passes
}

// Check returns an error that wraps [ErrConditions] when a number is out of its range.
func (c Conditions) Check() error {
	for _, part := range []struct {
		name  string
		value float64
	}{{"Loss", c.Loss}, {"Reorder", c.Reorder}, {"Duplicate", c.Duplicate}} {
		if !(part.value >= 0 && part.value <= 1) {
			return fmt.Errorf("%s %v is not from 0 to 1: %w", part.name, part.value, ErrConditions)
		}
	}
	for _, time := range []struct {
		name  string
		value time.Duration
	}{{"Delay", c.Delay}, {"Jitter", c.Jitter}, {"ReorderBy", c.ReorderBy}, {"Queue", c.Queue}} {
		if time.value < 0 || time.value > longest {
			return fmt.Errorf("%s %v is not from 0 to %v: %w", time.name, time.value, longest, ErrConditions)
		}
	}
	if c.Rate < 0 {
		return fmt.Errorf("%s %d is below 0: %w", "Rate", c.Rate, ErrConditions)
	}
	if c.Download && c.Rate == 0 {
		return fmt.Errorf("a Download without a Rate would never end: %w", ErrConditions)
	}
	if !(c.Burst >= 0) {
		return fmt.Errorf("%s %v is not 0 or more: %w", "Burst", c.Burst, ErrConditions)
	}
	return nil
}

const (
	longest          = time.Minute // of any time in Conditions
	defaultReorderBy = 20 * time.Millisecond
)
