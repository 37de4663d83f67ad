package audio_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/audio"
)

// wire is a peer connection's end of a track: it keeps the packets that an engine sends.
type wire struct {
	feed *audio.Feed
	red  bool // the peer knows RED
	id   string

	mu      sync.Mutex
	packets []sent
	to      *path
}

// The numbers that a wire agreed on.
const (
	opusType = 111
	redType  = 63
	levelID  = 5
)

type sent struct {
	rtp.Packet
	at time.Time
}

// tap binds a wire to an engine's track. If to is not nil, packets go on there.
func tap(t *testing.T, e *audio.Engine, to *path) *wire {
	t.Helper()
	w := &wire{feed: e.NewFeed(), to: to}
	w.bind(t)
	return w
}

func (w *wire) bind(t *testing.T) {
	t.Helper()
	if _, err := w.feed.Bind(w); err != nil {
		t.Fatal(err)
	}
}

func (w *wire) WriteRTP(header *rtp.Header, payload []byte) (int, error) {
	p := rtp.Packet{Header: header.Clone(), Payload: append([]byte(nil), payload...)}
	w.mu.Lock()
	w.packets = append(w.packets, sent{p, time.Now()})
	w.mu.Unlock()
	if w.to != nil {
		w.to.send(&p)
	}
	return len(payload), nil
}

// sent returns the packets since it was last asked.
func (w *wire) sent() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	packets := w.packets
	w.packets = nil
	return packets
}

func (w *wire) Write([]byte) (int, error)               { return 0, errors.ErrUnsupported }
func (w *wire) ID() string                              { return w.id }
func (w *wire) SSRC() webrtc.SSRC                       { return 7 }
func (w *wire) SSRCRetransmission() webrtc.SSRC         { return 0 }
func (w *wire) SSRCForwardErrorCorrection() webrtc.SSRC { return 0 }
func (w *wire) WriteStream() webrtc.TrackLocalWriter    { return w }
func (w *wire) RTCPReader() interceptor.RTCPReader      { return nil }

func (w *wire) HeaderExtensions() []webrtc.RTPHeaderExtensionParameter {
	return []webrtc.RTPHeaderExtensionParameter{{URI: audio.LevelURI, ID: levelID}}
}

func (w *wire) CodecParameters() []webrtc.RTPCodecParameters {
	if w.red {
		return []webrtc.RTPCodecParameters{opusCodec, redCodec}
	}
	return []webrtc.RTPCodecParameters{opusCodec}
}

var opusCodec = webrtc.RTPCodecParameters{
	RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2},
	PayloadType:        opusType,
}

var redCodec = webrtc.RTPCodecParameters{
	RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/red", ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111"},
	PayloadType:        redType,
}
