package video

import (
	"time"

	"parley/call/coded"
)

// SenderStats says what a sender has done so far, in the names of https://www.w3.org/TR/webrtc-stats/#outboundrtpstats-dict*.
// A frame or packet that goes to several receivers counts once.
type SenderStats struct {
	FramesEncoded    int // in all sizes together
	KeyFramesEncoded int
	FramesSent       int
	FramesDropped    int // by the encoder, to hold the bit rate
	PacketsSent      int
	BytesSent        int // of RTP payload
	FrameWidth       int // of the latest frame of the largest size, in pixels
	FrameHeight      int
	FramesPerSecond  float64 // sent in the last second, of the largest size
	TargetBitRate    int     // bit/s, of the largest size; 0 without an encoder
	TotalEncodeTime  time.Duration
	Encoders         int // one for each size that somebody gets
	Receivers        int // connections that something is sent to, or would be
}

// Limitation is why somebody gets no better picture, in the words of
// https://www.w3.org/TR/webrtc-stats/#rtcqualitylimitationreason-enum.
type Limitation string

// The reasons. LimitedByOther is another person, who gets the same size and can take less.
const (
	LimitedByNothing   Limitation = "none"
	LimitedByCPU       Limitation = "cpu"
	LimitedByBandwidth Limitation = "bandwidth"
	LimitedByOther     Limitation = "other"
)

// LimitationDurations says for how long each reason held.
type LimitationDurations struct{ None, CPU, Bandwidth, Other time.Duration }

func (d *LimitationDurations) add(reason Limitation, t time.Duration) {
	switch reason {
	case LimitedByNothing:
		d.None += t
	case LimitedByCPU:
		d.CPU += t
	case LimitedByBandwidth:
		d.Bandwidth += t
	case LimitedByOther:
		d.Other += t
	}
}

// OutletStats says what one person got so far.
type OutletStats struct {
	FramesSent                 int
	KeyFramesSent              int
	PacketsSent                int
	BytesSent                  int // of RTP payload
	FrameWidth                 int // of the latest frame, in pixels
	FrameHeight                int
	MIMEType                   string  // of its codec, as in "video/VP8"; empty before the first one
	EncoderImplementation      string  // the library
	FramesPerSecond            float64 // in the last second
	TargetBitRate              int     // bit/s; 0 while nothing is sent
	QualityLimitationReason    Limitation
	QualityLimitationDurations LimitationDurations
}

// Stats returns how it goes.
func (o *Outlet) Stats() OutletStats {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	stats := o.stats
	stats.FramesPerSecond = o.rate.perSecond(time.Now())
	return stats
}

// Stats returns how it goes.
func (s *Sender) Stats() SenderStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.FramesPerSecond = s.rate.perSecond(time.Now())
	stats.Encoders = s.encoders
	for _, o := range s.outlets {
		stats.Receivers += len(*o.bindings.Load())
	}
	return stats
}

// count notes one frame that went through a layer's encoder.
func (s *Sender) count(l *layer, encoded coded.Frame, took time.Duration, packets, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.encoders = 0
	largest := true
	for i := range s.layers {
		if other := &s.layers[i]; other.encoder != nil {
			largest = largest && (s.encoders > 0 || other == l)
			s.encoders++
		}
	}
	s.stats.TotalEncodeTime += took
	if largest {
		s.stats.TargetBitRate, s.stats.FrameWidth, s.stats.FrameHeight = l.bitRate, l.step.width, l.step.height
	}
	if encoded.Data == nil {
		s.stats.FramesDropped++
		return
	}
	s.stats.FramesEncoded++
	if encoded.KeyFrame {
		s.stats.KeyFramesEncoded++
	}
	s.stats.FramesSent++
	s.stats.PacketsSent += packets
	s.stats.BytesSent += bytes
	if largest {
		s.rate.add(time.Now())
	}
}
