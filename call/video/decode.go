package video

import (
	"errors"
	"time"

	"parley/call/codec"
	"parley/call/coded"
	"parley/call/giveback"
	"parley/devices/frame"
)

// decodeAhead decodes frames until there are enough that wait for their time. It returns when to look again even if no
// packet comes; zero for never.
func (r *Receiver) decodeAhead() time.Time {
	for !r.ahead.full() && (r.begun || r.ahead.n == 0) { // the first picture waits for no other
		now := time.Now()
		r.in.mu.Lock()
		r.in.buffer.delay = r.clock.delay
		f, deadline, ok := r.in.buffer.pop(now, !r.ready)
		overdue, begun := r.in.buffer.overdue, r.in.buffer.keyFrame
		r.in.mu.Unlock()
		r.demand.answered(begun, now)
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
	header, picture, err := r.decode(f, now)
	if err != nil {
		r.drop(now, err)
		return
	}
	done := time.Now()
	r.demand.met()
	paused := header.KeyFrame && r.ready && r.senderPaused(f)
	r.ready, r.previous = true, f
	sound := r.cfg.LipSync.companion(f.timestamp)
	at := r.clock.schedule(f, sound.heard(now))
	sound.hold(r.clock.sound)
	r.ahead.add(waiting{picture, f.timestamp, at, paused})

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

// switchPixels is what it is taken to cost to go over to another codec, in pixels: a peer must not have us do that by the frame.
const switchPixels = 1 << 22

// decode decodes a whole frame, if that makes sense.
func (r *Receiver) decode(f codedFrame, now time.Time) (coded.Header, *frame.Frame, error) {
	header, err := f.codec.ParseHeader(f.data)
	if err != nil {
		return header, nil, err
	}
	another := f.codec != r.codec
	if !header.KeyFrame && (another || !r.ready) {
		return header, nil, errNoKeyFrame
	}
	if size := header.Width * header.Height; size > 0 && size != r.size { // VP9 may say so in other frames than key frames too
		r.size = size
		giveback.Soon()
	}
	cost := max(r.size, leastPixels)
	if header.Hidden {
		r.size = max(r.size, header.HiddenPixels)
		cost += max(r.size, leastPixels)
	}
	if another {
		cost += switchPixels
	}
	if !r.budget.AllowN(now, cost) {
		return header, nil, errBudget
	}
	if another {
		if err := r.goOver(f.codec); err != nil {
			return header, nil, err
		}
	}
	picture, err := r.decoder.Decode(f.data)
	if picture != nil {
		r.charge(now, picture, cost)
	}
	return header, picture, err
}

// charge takes from the budget what a picture was larger than its frame said at first: a frame of VP9 may hold another one.
func (r *Receiver) charge(now time.Time, picture *frame.Frame, paid int) {
	width, height := picture.Size()
	if more := width*height - paid; more > 0 {
		r.budget.ReserveN(now, more)
	}
}

// goOver opens the decoder of another codec in place of the one in use.
func (r *Receiver) goOver(to *codec.Codec) error {
	decoder, err := to.NewDecoder()
	if err != nil {
		return err
	}
	r.closeDecoder()
	r.decoder, r.codec = decoder, to
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.MIMEType, r.stats.DecoderImplementation = to.MIMEType, to.Library
	return nil
}

func (r *Receiver) closeDecoder() {
	if r.decoder != nil {
		r.decoder.Close()
		giveback.Soon()
	}
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
	clock := time.Duration(f.timestamp-r.previous.timestamp) * time.Second / codec.ClockRate
	return (clock - between).Abs() < between/4
}
