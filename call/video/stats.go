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

// ReceiverStats says what a receiver has done so far, in the names of
// https://www.w3.org/TR/webrtc-stats/#inboundrtpstats-dict*.
type ReceiverStats struct {
	PacketsReceived          int
	PacketsLost              int // did not come, or too late to be of use
	BytesReceived            int // of RTP payload
	FramesReceived           int // their beginning, at the least
	FramesDecoded            int
	KeyFramesDecoded         int
	FramesDropped            int // received, but not decoded
	FrameWidth               int // of the latest picture, in pixels
	FrameHeight              int
	FramesPerSecond          float64 // decoded in the last second
	FreezeCount              int
	TotalFreezesDuration     time.Duration
	PLICount                 int           // key frames asked for
	JitterBufferDelay        time.Duration // sum over frames of the time from the first packet to the decoder
	JitterBufferEmittedCount int           // frames in that sum
	TotalDecodeTime          time.Duration

	// DecodedAge is the time from capture to decoded picture, of the latest one. It is known only when
	// [ReceiverConfig.Measure] is set and the picture is that of a pattern camera on this machine; else 0.
	DecodedAge time.Duration
}

// Stats returns how it goes.
func (r *Receiver) Stats() ReceiverStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := r.stats
	stats.FramesPerSecond = r.rate.perSecond(time.Now())
	stats.FreezeCount, stats.TotalFreezesDuration = r.freezes.count, r.freezes.total
	return stats
}
