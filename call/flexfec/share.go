package flexfec

import (
	"math"
	"time"
)

// Path is what is known of the way to the other side, and of the stream that goes there.
type Path struct {
	Loss      float64       // of the packets that are sent, before any repair: 0 to 1, over the last seconds
	RoundTrip time.Duration // 0: not known
	Wait      time.Duration // how long the other side waits for a packet before it shows the next picture, or freezes; 0: DefaultWait
	BitRate   int           // of the stream, in bit/s
	FrameRate float64       // of the stream, in frames/s; 0: 30
}

const (
	// DefaultWait is the play-out delay that a receiver that waits for repairs has at the least, and that a conversation bears.
	DefaultWait = 150 * time.Millisecond
	// MaxShare is the most that is spent: a third of the whole. Beyond it a smaller picture is the better remedy.
	MaxShare = 0.5

	// step is how finely shares are told apart; less than that protects next to nothing.
	step = 0.05
	// mostByLoss is the most that is spent by packet that is lost: what goes beyond that brings little.
	mostByLoss = 4
	// enough is how many of the frames may be late for want of a packet: 1 in 100 is a short freeze every three seconds.
	enough = 0.01
	// detection is how long it takes until a loss is noticed and asked for, beside the round trip.
	detection = 20 * time.Millisecond
	// packetBits is how much of the stream one packet carries.
	packetBits = 1100 * 8
)

// Share returns how many repair packets to send by packet of the stream, 0 to [MaxShare]: as few as keep the frames that are late at one in
// a hundred, if that can be had at all. That is none where packets that are asked for again arrive in time. [Encoder.Due] takes it.
func Share(p Path) float64 {
	loss := min(max(p.Loss, 0), 1)
	if loss == 0 || math.IsNaN(loss) {
		return 0
	}
	wait, frameRate := p.Wait, p.FrameRate
	if wait <= 0 {
		wait = DefaultWait
	}
	if frameRate <= 0 || math.IsNaN(frameRate) {
		frameRate = 30
	}
	perFrame := max(float64(p.BitRate)/packetBits/frameRate, 1)
	// One that is asked for again gets lost again as often; in the time that there is, it can be asked for that often.
	askedAgain := math.Pow(loss, math.Floor(float64(wait)/float64(p.RoundTrip+detection)))
	late := func(share float64) float64 {
		return 1 - math.Pow(1-unrepaired(loss, share)*askedAgain, perFrame)
	}
	if late(0) <= enough {
		return 0
	}
	most := min(MaxShare, mostByLoss*loss)
	for n := 1.0; n*step < most; n++ {
		if late(n*step) <= enough {
			return n * step
		}
	}
	return most
}

// unrepaired returns which part of the packets is neither received nor recovered, when each repair packet protects 1/share packets.
func unrepaired(loss, share float64) float64 {
	if share <= 0 {
		return loss
	}
	others := 1 / share // of the packets of its parity, and the repair packet itself
	return loss * (1 - math.Pow(1-loss, others))
}
