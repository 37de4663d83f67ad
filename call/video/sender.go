package video

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/vpx"
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
	BitRate  int          // bit/s, of every receiver; 0 chooses by the size of the picture
	ID       string       // of the track; empty is "video"
	StreamID string       // of the stream that it is part of, the same for sound that belongs to it; empty is "camera"
	Logger   *slog.Logger // nil logs nothing
}

// Sender encodes the pictures of one source at a time, once, and sends them to every peer connection that has its track. While
// there is no source, or no peer connection, it has no encoder and costs nothing. Its methods may be called from any
// goroutine. It must be closed.
type Sender struct {
	track   *localTrack
	log     *slog.Logger
	bitRate atomic.Int64
	keys    keyFrameRequests
	bound   chan struct{} // holds a token when a peer connection came
	out     output

	control sync.Mutex // guards the goroutine's start and end
	stop    context.CancelFunc
	done    chan struct{}
	closed  bool

	mu    sync.Mutex // guards what follows
	stats SenderStats
	rate  rateMeter
}

// output is what the sender's goroutine keeps from frame to frame, and one source hands on to the next.
type output struct {
	encoder *vpx.Encoder
	epoch   time.Time // when the clock of pts stood at 0
	pts     int64     // of the last frame, in 1/90000 s
	start   uint32    // RTP timestamp of pts 0
	bitRate int       // that the encoder has
	trouble string    // last logged
}

// NewSender returns a sender without a source.
func NewSender(cfg SenderConfig) *Sender {
	s := &Sender{log: cfg.Logger, bound: make(chan struct{}, 1)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.bitRate.Store(int64(cfg.BitRate))
	s.out = output{epoch: time.Now(), start: rand.Uint32()}
	s.track = newLocalTrack(orDefault(cfg.ID, "video"), orDefault(cfg.StreamID, "camera"), s.onNewcomer)
	return s
}

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// Track returns the one track to add to every peer connection. It stays the same as sources come and go, so that a change of
// camera needs no negotiation.
func (s *Sender) Track() webrtc.TrackLocal { return s.track }

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
	go func(done chan struct{}) {
		defer close(done)
		s.run(ctx, src)
	}(s.done)
}

// RequestKeyFrame makes a frame soon to be sent a key frame: the next, or where one was made less than 300 ms ago, the first
// after that. Call it for every PLI and FIR of a peer; a newcomer gets one unasked.
func (s *Sender) RequestKeyFrame() { s.keys.ask(false) }

// SetBitRate changes the bit rate, in bit/s, from the next frame on; 0 chooses by the size of the picture.
func (s *Sender) SetBitRate(bitRate int) { s.bitRate.Store(int64(bitRate)) }

// Close ends sending. The track stays bound where it was added, and silent. A second Close does nothing, and so does
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
}

// onNewcomer lets a newcomer see something at once.
func (s *Sender) onNewcomer() {
	s.keys.ask(true)
	select {
	case s.bound <- struct{}{}:
	default:
	}
}

// run is the sender's goroutine. It ends with ctx or with the source.
func (s *Sender) run(ctx context.Context, src Source) {
	defer s.closeEncoder()
	for ctx.Err() == nil {
		if s.track.receivers() == 0 {
			s.closeEncoder()
			select {
			case <-s.bound:
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
