package video

import (
	"errors"
	"time"

	"parley/call/vpx"
	"parley/devices/frame"
)

// decodeAhead decodes frames until there are enough that wait for their time. It returns when to look again even if no
// packet comes; zero for never.
func (r *Receiver) decodeAhead() time.Time {
	for !r.ahead.full() {
		now := time.Now()
		r.in.mu.Lock()
		r.in.buffer.delay = r.clock.delay
		f, deadline, ok := r.in.buffer.pop(now, !r.ready)
		overdue, begun := r.in.buffer.overdue, r.in.buffer.keyFrame
		r.in.mu.Unlock()
		r.demand.answered(begun)
		if overdue {
			r.demand.need(now)
		}
		if !ok {
			return deadline
		}
		r.take(f, now)
	}
	return time.Time{}
}

// take decodes one frame, or what is left of one, and lets its picture wait for its time.
func (r *Receiver) take(f codedFrame, now time.Time) {
	if f.data == nil {
		r.drop(now, nil)
		return
	}
	header, picture, err := r.decode(f.data, now)
	if err != nil {
		r.drop(now, err)
		return
	}
	done := time.Now()
	r.demand.met()
	paused := header.KeyFrame && r.ready && r.senderPaused(f)
	r.ready, r.previous = true, f
	at := r.clock.schedule(f, r.cfg.LipSync.heard(f.timestamp, now))
	r.cfg.LipSync.delay(r.clock.hold)
	r.ahead.add(waiting{picture, at, paused})

	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.count(f, header.KeyFrame, done.Sub(now), at, done)
	r.stats.JitterBufferTargetDelay += r.clock.target
	r.stats.JitterBufferMinimumDelay += r.clock.minimum
	r.rate.add(done)
}

var errNoKeyFrame = errors.New("its key frame is missing")

// errBudget ends decoding until the peer is more modest.
var errBudget = errors.New("more pixels a second than a call needs")

// decode decodes a whole frame, if that makes sense.
func (r *Receiver) decode(data []byte, now time.Time) (vpx.Header, *frame.Frame, error) {
	header, err := vpx.ParseHeader(data)
	if err != nil {
		return header, nil, err
	}
	if header.KeyFrame {
		r.size = header.Width * header.Height
	} else if !r.ready {
		return header, nil, errNoKeyFrame
	}
	if !r.budget.AllowN(now, max(r.size, leastPixels)) {
		return header, nil, errBudget
	}
	picture, err := r.decoder.Decode(data)
	return header, picture, err
}

// drop notes that something is missing, and with it all that refers to it.
func (r *Receiver) drop(now time.Time, err error) {
	r.ready = false
	r.demand.need(now)
	if err != nil && !errors.Is(err, errNoKeyFrame) {
		r.cfg.Logger.Debug("a video frame was dropped", "error", err)
	}
}

// senderPaused says whether the time since the previous frame is time in which the sender had no picture: its own clock
// moved as far, and nothing was lost. A camera that was switched off is not a freeze.
func (r *Receiver) senderPaused(f codedFrame) bool {
	between := f.arrived.Sub(r.previous.arrived)
	clock := time.Duration(f.timestamp-r.previous.timestamp) * time.Second / clockRate
	return (clock - between).Abs() < between/4
}

// clockRate is that of RTP timestamps of video, in Hz.
const clockRate = 90_000
