package video

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices/frame"
)

// Source is where pictures come from: a camera, for instance.
type Source interface {
	// Next waits for the newest picture, which the caller releases. It returns ctx's error when that ends, and any other
	// error when there will be no more pictures.
	Next(ctx context.Context) (*frame.Frame, error)
}

// SenderConfig says how to send. The zero value is usable.
type SenderConfig struct {
	BitRate  int          // bit/s, of every receiver whose path bears it; 0 chooses by the size of the picture
	ID       string       // of the tracks; empty is "video"
	StreamID string       // of the stream that they are part of, the same for sound that belongs to it; empty is "camera"
	Screen   bool         // pictures are of a screen: sharpness before frames, and a codec that is good at text
	Logger   *slog.Logger // nil logs nothing
}

// Sender encodes the pictures of one source at a time, in up to three sizes, each once, and sends each [Outlet] the one that suits it. All who share a
// codec get the same; see [codec.Choose]. While there is no source, or nobody who looks, it has no encoder and costs nothing. Its methods may be called from any
// goroutine. It must be closed.
type Sender struct {
	id, streamID string
	ladder       []rung
	log          *slog.Logger
	bitRate      atomic.Int64
	changed      chan struct{} // holds a token when somebody may look who did not

	// The goroutine's; what one source leaves is handed on to the next.
	layers  []layer
	payload [maxPayload]byte // of the packet being sent
	screen  bool
	epoch   time.Time // when the clock of pts stood at 0
	pts     int64     // of the last frame, in 1/90000 s
	start   uint32    // RTP timestamp of pts 0
	trouble string    // last logged

	control sync.Mutex // guards the goroutine's start and end
	stop    context.CancelFunc
	done    chan struct{}
	closed  bool

	mu            sync.Mutex // guards what follows, and what outlets say that it guards
	outlets       []*Outlet
	running       bool   // there is a source
	width, height int    // of its pictures
	steps         []step // of the ladder, for that size
	load          loadMeter
	current       int       // the codec of most; -1 is not known
	agreed        time.Time // when the codecs were chosen
	density       densities
	spared        time.Time // until then nothing dear is chosen
	encoders      int
	stats         SenderStats
	rate          rateMeter
}

// NewSender returns a sender without a source.
func NewSender(cfg SenderConfig) *Sender {
	s := &Sender{
		id: orDefault(cfg.ID, "video"), streamID: orDefault(cfg.StreamID, "camera"), ladder: cameraLadder, log: cfg.Logger,
		changed: make(chan struct{}, 1), epoch: time.Now(), start: rand.Uint32(), layers: newLayers(), screen: cfg.Screen, current: -1,
	}
	if cfg.Screen {
		s.ladder = screenLadder
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.bitRate.Store(int64(cfg.BitRate))
	return s
}

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// SetSource sends the pictures of src from now on; nil sends none. It returns when the source before is no longer in use, which
// takes one frame at the most if that source's Next heeds its context. The source is not closed.
func (s *Sender) SetSource(src Source) {
	s.control.Lock()
	defer s.control.Unlock()
	s.end()
	if src == nil || s.closed {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop, s.done = cancel, make(chan struct{})
	s.setRunning(true)
	go func(done chan struct{}) {
		defer close(done)
		s.run(ctx, src)
	}(s.done)
}

// RequestKeyFrame makes a frame soon to be sent in each size a key frame: the next, or where one was made less than 300 ms ago, the first
// after that. A newcomer gets one unasked.
func (s *Sender) RequestKeyFrame() {
	for i := range s.layers {
		s.layers[i].keys.ask(false)
	}
}

// SetBitRate changes the bit rate, in bit/s, from the next frame on; 0 chooses by the size of the picture.
func (s *Sender) SetBitRate(bitRate int) { s.bitRate.Store(int64(bitRate)) }

// Close ends sending. Outlets stay bound where they were added, and silent. A second Close does nothing, and so does
// SetSource afterwards.
func (s *Sender) Close() error {
	s.control.Lock()
	defer s.control.Unlock()
	s.closed = true
	s.end()
	return nil
}

// end stops the goroutine, if there is one, and waits for it. It is called with control held.
func (s *Sender) end() {
	if s.stop == nil {
		return
	}
	s.stop()
	<-s.done
	s.stop, s.done = nil, nil
	s.setRunning(false)
}

func (s *Sender) setRunning(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = is
}

// passed returns what the clock of pts says at that time.
func (s *Sender) passed(at time.Time) int64 {
	return int64(at.Sub(s.epoch) * 9 / (100 * time.Microsecond))
}

// wake lets the goroutine look whether anybody looks.
func (s *Sender) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// wanted says whether anybody looks.
func (s *Sender) wanted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.outlets, (*Outlet).active)
}

// run is the sender's goroutine. It ends with ctx or with the source.
func (s *Sender) run(ctx context.Context, src Source) {
	defer s.closeEncoders()
	for ctx.Err() == nil {
		if !s.wanted() {
			s.rest()
			select {
			case <-s.changed:
			case <-ctx.Done():
			}
			continue
		}
		f, err := src.Next(ctx)
		if err != nil {
			if !errors.Is(err, ctx.Err()) {
				s.log.Info("the camera's pictures ended", "error", err)
			}
			return
		}
		s.send(f)
		f.Release()
	}
}

// rest lets go of everything while nobody looks.
func (s *Sender) rest() {
	s.closeEncoders()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.outlets {
		o.leave(time.Now())
	}
}
