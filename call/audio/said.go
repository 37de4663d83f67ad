package audio

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	quietVoice = 0.3 // a level, -42 dBFS, from which on a sound counts as a voice where nobody says what it is
	saidFor    = time.Second
)

// said is how loud a person says that they are. It is shown as [meter] shows what is measured.
type said struct {
	shown float64
	voice bool
	at    time.Time
}

func (s *said) note(rms float64, voice bool, now time.Time) {
	s.shown = max(perceptual(rms), s.fallen(now))
	s.voice, s.at = voice, now
}

// fresh says whether it is known. In a pause nothing comes, so that it is known for as long as a pause could end in it.
func (s *said) fresh(now time.Time) bool { return !s.at.IsZero() && now.Sub(s.at) < saidFor }

func (s *said) fallen(now time.Time) float64 {
	return max(0, s.shown-levelDecay*now.Sub(s.at).Seconds())
}

// format is what the packets of a payload type are.
type format struct {
	known       bool
	payloadType uint8
	red         bool
	opus        uint8 // the payload type of the frames in RED
}

// follow finds out what packets of a payload type are, if that is not the one of before.
func (f *format) follow(track Track, payloadType uint8) {
	if f.known && f.payloadType == payloadType {
		return
	}
	*f = format{known: true, payloadType: payloadType}
	t, ok := track.(interface {
		Codec() webrtc.RTPCodecParameters
	})
	if !ok {
		return
	}
	codec := t.Codec()
	if !strings.EqualFold(codec.MimeType, mimeTypeRED) {
		return
	}
	first, _, _ := strings.Cut(codec.SDPFmtpLine, "/") // "111/111": what the frame is, and its copies
	opus, err := strconv.ParseUint(strings.TrimSpace(first), 10, 7)
	if err != nil {
		opus = math.MaxUint8 // which none is
	}
	f.red, f.opus = true, uint8(opus)
}

// copies leaves out what comes before a block that is not Opus: the order of the blocks tells their sequence numbers.
func (f *format) copies(blocks []redBlock) []redBlock {
	for i := len(blocks) - 1; i >= 0; i-- {
		if blocks[i].payloadType != f.opus {
			return blocks[i+1:]
		}
	}
	return blocks
}
