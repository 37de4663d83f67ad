package video

import "time"

// ReceiverStats says what a receiver has done so far, in the names of
// https://www.w3.org/TR/webrtc-stats/#inboundrtpstats-dict*.
type ReceiverStats struct {
	PacketsReceived              int
	PacketsLost                  int // did not come, or too late to be of use
	PacketsDiscarded             int // came too late, or twice
	BytesReceived                int // of RTP payload
	RetransmittedPacketsReceived int // of those received; by RTX alone
	RetransmittedBytesReceived   int
	FramesReceived               int // their beginning, at the least
	FramesDecoded                int
	KeyFramesDecoded             int
	FramesDropped                int // received, but not decoded, or not shown because the next was due too
	FrameWidth                   int // of the latest picture, in pixels
	FrameHeight                  int
	FramesPerSecond              float64 // decoded in the last second
	FreezeCount                  int
	TotalFreezesDuration         time.Duration
	PauseCount                   int // times without a new picture for more than 5 s
	TotalPausesDuration          time.Duration
	TotalInterFrameDelay         time.Duration // sum of the times between two pictures shown
	TotalSquaredInterFrameDelay  float64       // sum of their squares, in s²
	NACKCount                    int           // messages that asked for packets
	PLICount                     int           // key frames asked for
	TotalDecodeTime              time.Duration
	TotalProcessingDelay         time.Duration // sum over decoded frames of the time from the first packet to the picture

	// Sums over the JitterBufferEmittedCount frames that were decoded: of the time from the first packet until the picture is due, without
	// its decoding; of what that is meant to be over the fastest frames; and of what it would be without regard to the sound.
	JitterBufferDelay        time.Duration
	JitterBufferTargetDelay  time.Duration
	JitterBufferMinimumDelay time.Duration
	JitterBufferEmittedCount int

	FramesAssembledFromMultiplePackets int
	TotalAssemblyTime                  time.Duration // sum over those of the time from the first packet to the last

	// DecodedAge is the time from capture to the picture being put out, of the latest one. It is known only when
	// [ReceiverConfig.Measure] is set and the picture is that of a pattern camera on this machine; else 0.
	DecodedAge time.Duration

	MIMEType              string // of the codec, as in "video/VP8"; empty before the first key frame
	DecoderImplementation string // the library

	late int // decoded, and not shown
}

// count notes a frame that was decoded, which took that long until done, and is to be shown at that time.
func (s *ReceiverStats) count(f codedFrame, keyFrame bool, took time.Duration, at, done time.Time) {
	s.FramesDecoded++
	if keyFrame {
		s.KeyFramesDecoded++
	}
	s.TotalDecodeTime += took
	s.TotalProcessingDelay += done.Sub(f.arrived)
	s.JitterBufferDelay += max(at.Sub(f.arrived), done.Sub(f.arrived)-took)
	s.JitterBufferEmittedCount++
	if f.packets > 1 {
		s.FramesAssembledFromMultiplePackets++
		s.TotalAssemblyTime += f.completed.Sub(f.arrived)
	}
}

// Stats returns how it goes. Any goroutine may call it.
func (r *Receiver) Stats() ReceiverStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := r.stats
	stats.FramesPerSecond = r.rate.perSecond(time.Now())
	r.freezes.tell(&stats)
	r.in.tell(&stats)
	stats.FramesDropped = stats.FramesReceived - stats.FramesDecoded + stats.late
	return stats
}

// GoOnFrom lets freezes, pauses and the times between pictures be counted on from those of another receiver, whose pictures r goes on with. stopped
// says that the sender stopped for a while on purpose since the other's last picture. It is to be called before r has counted a picture; from
// [ReceiverConfig].OnFirstFrame at the latest. Any goroutine may call it.
func (r *Receiver) GoOnFrom(other *Receiver, stopped bool) {
	other.mu.Lock()
	freezes := other.freezes
	other.mu.Unlock()
	freezes.stopped = freezes.stopped || stopped
	r.mu.Lock()
	defer r.mu.Unlock()
	r.freezes = freezes
}

// tell writes down what was received.
func (in *intake) tell(s *ReceiverStats) {
	in.mu.Lock()
	defer in.mu.Unlock()
	b := &in.buffer
	s.PacketsReceived, s.BytesReceived = b.received.packets, b.received.bytes
	s.RetransmittedPacketsReceived, s.RetransmittedBytesReceived = b.repaired.packets, b.repaired.bytes
	s.PacketsLost, s.PacketsDiscarded, s.FramesReceived = b.lost, b.late, b.frames
}
