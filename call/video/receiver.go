package video

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"golang.org/x/time/rate"

	"parley/call/vpx"
	"parley/devices/frame"
)

// Track is where packets come from: a *webrtc.TrackRemote, for instance.
type Track interface {
	// Read waits for the next RTP packet and writes it into b. It returns an error when the peer connection or its
	// receiver is closed.
	Read(b []byte) (n int, attributes interceptor.Attributes, err error)
}

// ReceiverConfig says what to receive. Track, RequestKeyFrame and Out must be set.
type ReceiverConfig struct {
	Track           Track
	RequestKeyFrame func()       // sends a PLI; called on the decoding goroutine, so it must not wait
	Out             *frame.Slot  // gets the pictures; it is not closed
	OnFirstFrame    func()       // called when the first picture was put there; nil or quick
	Logger          *slog.Logger // nil logs nothing
	Measure         bool         // read the age of the picture where it is that of a pattern camera; see [ReceiverStats]
}

// Receiver decodes one track of one peer. It trusts nothing that the peer sends: memory, the size of a picture, and the
// pixels decoded in a second are bounded.
type Receiver struct {
	cfg   ReceiverConfig
	queue chan *packet // from the reading to the decoding goroutine; full, it drops

	// The decoding goroutine's.
	buffer   buffer
	decoder  *vpx.Decoder
	budget   *rate.Limiter
	demand   keyFrameDemand
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
	// queueSize is in packets: what comes in while a large frame is decoded.
	queueSize = 512
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
	return &Receiver{
		cfg:    cfg,
		queue:  make(chan *packet, queueSize),
		budget: rate.NewLimiter(maxPixelRate, maxPixelRate),
	}
}

// Run receives until the track ends, and then returns nil at the regular end of a track, else what went wrong. It may be
// called once.
func (r *Receiver) Run() error {
	decoder, err := vpx.NewDecoder()
	if err != nil {
		return fmt.Errorf("receiving video: %w", err)
	}
	defer decoder.Close()
	r.decoder = decoder

	decoded := make(chan struct{})
	go func() {
		defer close(decoded)
		r.decodeAll()
	}()
	err = r.readAll()
	close(r.queue)
	<-decoded
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		return fmt.Errorf("receiving video: %w", err)
	}
	return nil
}

// readAll reads packets into the queue until the track ends, and returns the error by which it said so.
func (r *Receiver) readAll() error {
	var scratch rtp.Packet
	for {
		p := packetPool.Get().(*packet)
		n, _, err := r.cfg.Track.Read(p.raw[:])
		if err != nil && !errors.Is(err, io.ErrShortBuffer) {
			p.release()
			return err
		}
		if err != nil || p.parse(n, &scratch, time.Now()) != nil {
			p.release() // too large, or not RTP at all: as if it had been lost
			continue
		}
		select {
		case r.queue <- p:
		default:
			p.release()
		}
	}
}

// decodeAll decodes what is in the queue until that is closed.
func (r *Receiver) decodeAll() {
	defer r.buffer.clear()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case p, ok := <-r.queue:
			if !ok {
				return
			}
			r.accept(p)
		case <-timer.C:
		}
		if deadline := r.advance(); !deadline.IsZero() {
			timer.Reset(time.Until(deadline))
		} else {
			timer.Stop()
		}
	}
}

func (r *Receiver) accept(p *packet) {
	size := p.size
	r.buffer.insert(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.PacketsReceived++
	r.stats.BytesReceived += size
	r.stats.PacketsLost = r.buffer.lost
}

// advance decodes the frames that are due and asks for a key frame when one is needed. It returns when to come back even
// if no packet comes; zero for never.
func (r *Receiver) advance() time.Time {
	var deadline time.Time
	for ok := true; ok; {
		var f codedFrame
		now := time.Now()
		if f, deadline, ok = r.buffer.pop(now); ok {
			r.take(f, now)
		}
	}
	if r.demand.due(time.Now()) {
		r.mu.Lock()
		r.stats.PLICount++
		r.mu.Unlock()
		r.cfg.RequestKeyFrame()
	}
	if r.demand.needed && (deadline.IsZero() || r.demand.next.Before(deadline)) {
		deadline = r.demand.next
	}
	return deadline
}

// take decodes one frame, or what is left of one, and puts out its picture.
func (r *Receiver) take(f codedFrame, now time.Time) {
	if f.data == nil {
		r.drop(now, nil)
		return
	}
	began := time.Now()
	header, picture, err := r.decode(f.data, now)
	if err != nil {
		r.drop(now, err)
		return
	}
	done := time.Now()
	if header.KeyFrame {
		r.demand.met()
	}
	paused := header.KeyFrame && r.ready && r.senderPaused(f)
	r.ready, r.previous = true, f
	r.mu.Lock()
	r.stats.FramesDecoded++
	r.countFrames()
	if header.KeyFrame {
		r.stats.KeyFramesDecoded++
	}
	r.stats.TotalDecodeTime += done.Sub(began)
	r.stats.JitterBufferDelay += now.Sub(f.arrived)
	r.stats.JitterBufferEmittedCount++
	r.rate.add(done)
	r.mu.Unlock()
	if picture != nil {
		r.show(picture, done, paused)
	}
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
	r.mu.Lock()
	defer r.mu.Unlock()
	r.countFrames()
}

// countFrames is called with mu held.
func (r *Receiver) countFrames() {
	r.stats.FramesReceived = r.buffer.frames
	r.stats.FramesDropped = r.buffer.frames - r.stats.FramesDecoded
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

// show puts a picture out.
func (r *Receiver) show(picture *frame.Frame, now time.Time, paused bool) {
	age := time.Duration(0)
	if r.cfg.Measure {
		age = patternAge(picture)
	}
	if age != 0 {
		picture.Captured = now.Add(-age)
	}
	width, height := picture.Size()
	r.cfg.Out.Put(picture)
	if !r.begun && r.cfg.OnFirstFrame != nil {
		r.cfg.OnFirstFrame()
	}
	r.begun = true

	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.FrameWidth, r.stats.FrameHeight, r.stats.DecodedAge = width, height, age
	r.freezes.shown(now, paused)
}
