package video

import (
	"time"

	"parley/call/vpx"
	"parley/devices/frame"
)

// SenderStats says what a sender has done so far, in the names of https://www.w3.org/TR/webrtc-stats/#outboundrtpstats-dict*.
// A frame or packet that goes to several receivers counts once.
type SenderStats struct {
	FramesEncoded         int
	KeyFramesEncoded      int
	FramesSent            int
	FramesDropped         int // by the encoder, to hold the bit rate
	PacketsSent           int
	BytesSent             int // of RTP payload
	FrameWidth            int // of the latest frame, in pixels
	FrameHeight           int
	FramesPerSecond       float64 // sent in the last second
	TargetBitRate         int     // bit/s; 0 without an encoder
	TotalEncodeTime       time.Duration
	EncoderImplementation string
	Encoders              int // 1 while there are both a source and a receiver, else 0
	Receivers             int // peer connections that the track is bound to
}

// Stats returns how it goes.
func (s *Sender) Stats() SenderStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.FramesPerSecond = s.rate.perSecond(time.Now())
	stats.EncoderImplementation = "libvpx"
	stats.Receivers = s.track.receivers()
	return stats
}

// count notes one frame that went through the encoder.
func (s *Sender) count(f *frame.Frame, encoded vpx.Frame, took time.Duration, packets, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Encoders, s.stats.TargetBitRate = 1, s.out.bitRate
	s.stats.TotalEncodeTime += took
	s.stats.FrameWidth, s.stats.FrameHeight = f.Size()
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
	s.rate.add(time.Now())
}
