package video

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
	"golang.org/x/time/rate"

	"parley/call/codec"
	"parley/call/coded"
	"parley/devices/frame"
)

// Track is where packets come from: a *webrtc.TrackRemote, for instance.
type Track interface {
	// Read waits for the next RTP packet and writes it into b. It returns an error when the peer connection or its
	// receiver is closed.
	Read(b []byte) (n int, attributes interceptor.Attributes, err error)
	// SetReadDeadline makes Read return a [net.Error] that is a timeout at t, and from then on; the zero time is never.
	SetReadDeadline(t time.Time) error
}

// ReceiverConfig says what to receive. Track, RequestKeyFrame and Out must be set.
type ReceiverConfig struct {
	Track           Track
	Codecs          []webrtc.RTPCodecParameters // what the track may carry, also in turn; nil is what this program offers
	RequestKeyFrame func()                      // sends a PLI; called on the decoding goroutine, so it must not wait
	RequestRepair   func([]uint16)              // sends a NACK for these sequence numbers, in order; likewise on the reading one. Nil: repairs come unasked, if at all
	Jammed          func() bool                 // says whether what is asked for only adds to a queue on the path, and comes too late; asked on both. Nil is never
	RoundTripTime   func() time.Duration        // of the path, 0 where it is not known; asked until repairs tell. Nil is unknown
	LipSync         *LipSync                    // nil shows pictures without regard to sound
	Out             *frame.Slot                 // gets the pictures; it is not closed
	Order           *Succession                 // shared by all receivers of that slot which may run at once; nil where there is but one
	OnFirstFrame    func()                      // called when the first picture was put there; nil or quick
	Logger          *slog.Logger                // nil logs nothing
	Measure         bool                        // read the age of the picture where it is that of a pattern camera; see [ReceiverStats]
}

// Receiver decodes one track of one peer. It trusts nothing that the peer sends: memory, the size of a picture, and the
// pixels decoded in a second are bounded. Where the track goes over to another codec, by another payload type, so does the receiver at the next key frame.
type Receiver struct {
	cfg       ReceiverConfig
	known     *payloadTypes
	in        intake
	order     *Succession
	succeeded bool // another shows pictures now; guarded by order.mu

	// The decoding goroutine's.
	codec    *codec.Codec // of what comes; nil before the first key frame
	decoder  coded.Decoder
	budget   *rate.Limiter
	demand   keyFrameDemand
	clock    playoutClock
	ahead    queue      // decoded, and waiting for their time
	begun    bool       // a picture was put out
	ready    bool       // the decoder has what the next frame refers to
	previous codedFrame // decoded; its data is gone
	size     int        // of the latest key frame, in pixels

	mu      sync.Mutex // guards what follows
	stats   ReceiverStats
	rate    rateMeter
	freezes freezeMeter
}

const (
	// maxPixelRate is in pixels a second: 4K at 30 frames a second takes about half a core. A peer may use up one second's
	// worth at once.
	maxPixelRate = 3840 * 2160 * 30
	// leastPixels is what a frame is taken to cost at the least, in pixels.
	leastPixels = 1 << 16
)

// NewReceiver returns a receiver that waits to be run.
func NewReceiver(cfg ReceiverConfig) *Receiver {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Order == nil {
		cfg.Order = new(Succession)
	}
	return &Receiver{
		cfg:    cfg,
		order:  cfg.Order,
		known:  newPayloadTypes(cfg.Codecs),
		in:     intake{wake: make(chan struct{}, 1), scarce: rate.NewLimiter(asksInJam, asksInJam)},
		budget: rate.NewLimiter(maxPixelRate, maxPixelRate),
	}
}

// Run receives until the track ends, and then returns nil at the regular end of a track, else what went wrong. It may be
// called once.
func (r *Receiver) Run() error {
	decoded := make(chan struct{})
	go func() {
		defer close(decoded)
		r.decodeAll()
	}()
	err := r.readAll()
	close(r.in.wake)
	<-decoded
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		return fmt.Errorf("receiving video: %w", err)
	}
	return nil
}

// decodeAll decodes what comes in and shows it, until no more will come.
func (r *Receiver) decodeAll() {
	defer r.ahead.clear()
	defer r.in.clear()
	defer r.closeDecoder()
	defer r.cfg.LipSync.release()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for open := true; open; {
		select {
		case _, open = <-r.in.wake:
		case <-timer.C:
		}
		if deadline := r.advance(); !deadline.IsZero() {
			timer.Reset(time.Until(deadline))
		} else {
			timer.Stop()
		}
	}
}

// advance decodes ahead, shows what is due, and asks for a key frame when one is needed. It returns when to come back
// even if no packet comes; zero for never.
func (r *Receiver) advance() time.Time {
	deadline := r.decodeAhead()
	for r.showNext(time.Now()) {
		deadline = r.decodeAhead()
	}
	now := time.Now()
	if r.demand.needed && r.jammed() {
		r.demand.putOff(now.Add(jamPoll)) // it would make a long queue longer
	}
	if r.demand.due(now) {
		r.mu.Lock()
		r.stats.PLICount++
		r.mu.Unlock()
		r.cfg.RequestKeyFrame()
	}
	if r.demand.needed {
		deadline = earlier(deadline, r.demand.next)
	}
	return earlier(deadline, r.ahead.next())
}

// jamPoll is how often it is looked whether the path is still jammed, while a key frame is needed.
const jamPoll = 20 * time.Millisecond

// jammed says whether to ask for nothing now.
func (r *Receiver) jammed() bool { return r.cfg.Jammed != nil && r.cfg.Jammed() }

// earlier returns the earlier one of two times; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
