package call

import (
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/audio"
	"parley/call/flexfec"
	"parley/call/peer"
	"parley/call/video"
)

// PeerStats is what was measured of one person, under the names of https://www.w3.org/TR/webrtc-stats/. A part that is nil, and a
// number that is left out, was not measured.
type PeerStats struct {
	ID        string               `json:"id"`
	Name      string               `json:"name"`
	State     PersonState          `json:"state"`
	Quality   Quality              `json:"quality,omitempty"`
	Cause     Cause                `json:"cause,omitempty"` // of a quality that is not good
	InVideo   *InVideo             `json:"inVideo,omitempty"`
	InAudio   *audio.ReceiverStats `json:"inAudio,omitempty"`
	InScreen  *InVideo             `json:"inScreen,omitempty"`
	OutVideo  *OutVideo            `json:"outVideo,omitempty"`
	OutScreen *OutVideo            `json:"outScreen,omitempty"`
	OutAudio  *OutAudio            `json:"outAudio,omitempty"`
	Transport *peer.TransportStats `json:"transport,omitempty"`
}

// InVideo tells of somebody's picture, or of the screen that they share. Durations are in seconds, as the W3C has them; the ages in milliseconds.
// MimeType is that of the codec, to which the W3C has a reference here (codecId).
type InVideo struct {
	MimeType                     string  `json:"mimeType,omitempty"`
	DecoderImplementation        string  `json:"decoderImplementation,omitempty"`
	PacketsReceived              int     `json:"packetsReceived"`
	PacketsLost                  int     `json:"packetsLost"`
	PacketsDiscarded             int     `json:"packetsDiscarded"`
	BytesReceived                int     `json:"bytesReceived"`
	RetransmittedPacketsReceived int     `json:"retransmittedPacketsReceived"`
	RetransmittedBytesReceived   int     `json:"retransmittedBytesReceived"`
	FramesReceived               int     `json:"framesReceived"`
	FramesDecoded                int     `json:"framesDecoded"`
	KeyFramesDecoded             int     `json:"keyFramesDecoded"`
	FramesDropped                int     `json:"framesDropped"`
	FrameWidth                   int     `json:"frameWidth,omitempty"`
	FrameHeight                  int     `json:"frameHeight,omitempty"`
	FramesPerSecond              float64 `json:"framesPerSecond"`
	FreezeCount                  int     `json:"freezeCount"`
	TotalFreezesDuration         float64 `json:"totalFreezesDuration"`
	PauseCount                   int     `json:"pauseCount"`
	TotalPausesDuration          float64 `json:"totalPausesDuration"`
	TotalInterFrameDelay         float64 `json:"totalInterFrameDelay"`
	TotalSquaredInterFrameDelay  float64 `json:"totalSquaredInterFrameDelay"`
	NACKCount                    int     `json:"nackCount"`
	PLICount                     int     `json:"pliCount"`
	*flexfec.Stats                       // nil where no repair packet came
	JitterBufferDelay            float64 `json:"jitterBufferDelay"`
	JitterBufferTargetDelay      float64 `json:"jitterBufferTargetDelay"`
	JitterBufferMinimumDelay     float64 `json:"jitterBufferMinimumDelay"`
	JitterBufferEmittedCount     int     `json:"jitterBufferEmittedCount"`
	TotalDecodeTime              float64 `json:"totalDecodeTime"`
	TotalProcessingDelay         float64 `json:"totalProcessingDelay"`

	FramesAssembledFromMultiplePackets int     `json:"framesAssembledFromMultiplePackets"`
	TotalAssemblyTime                  float64 `json:"totalAssemblyTime"`

	// The time from capture until the latest picture was decoded and due, and until it was drawn in the window; known for the test picture of
	// a camera on this machine only.
	CaptureToDecoded float64 `json:"captureToDecoded,omitempty"` // ms
	CaptureToPainted float64 `json:"captureToPainted,omitempty"` // ms
	// CapturesToPainted is the latter for each picture that was drawn since the statistics were last asked for: of the last 128, the oldest first.
	CapturesToPainted []float64 `json:"capturesToPainted,omitempty"` // ms
}

// OutVideo tells of this side's picture, or of the screen that it shares, as it is sent to this person, and how it arrives there. What is encoded
// counts for everybody together: each size is encoded once.
type OutVideo struct {
	MimeType              string  `json:"mimeType,omitempty"`
	FramesEncoded         int     `json:"framesEncoded"`
	KeyFramesEncoded      int     `json:"keyFramesEncoded"`
	FramesSent            int     `json:"framesSent"`
	PacketsSent           int     `json:"packetsSent"`
	BytesSent             int     `json:"bytesSent"`
	FrameWidth            int     `json:"frameWidth,omitempty"`
	FrameHeight           int     `json:"frameHeight,omitempty"`
	FramesPerSecond       float64 `json:"framesPerSecond"`
	TargetBitrate         int     `json:"targetBitrate,omitempty"` // bit/s
	TotalEncodeTime       float64 `json:"totalEncodeTime"`
	EncoderImplementation string  `json:"encoderImplementation,omitempty"`
	ActiveEncoders        int     `json:"activeEncoders"` // one for each size that somebody gets; not of the W3C

	// Why the person gets no better picture, and for how many seconds each reason held.
	QualityLimitationReason    string                   `json:"qualityLimitationReason,omitempty"`
	QualityLimitationDurations map[string]float64       `json:"qualityLimitationDurations"`
	RemoteInbound              *peer.RemoteInboundStats `json:"remoteInbound,omitempty"`
	peer.RetransmissionStats
	*peer.ProtectionStats // nil where the person does not know repair packets
}

// OutAudio tells of this side's sound, likewise.
type OutAudio struct {
	audio.SenderStats
	TargetBitrate int                      `json:"targetBitrate"` // bit/s to this person, earlier frames included
	Redundancy    int                      `json:"redundancy"`    // earlier frames that go once more with each (RFC 2198)
	RemoteInbound *peer.RemoteInboundStats `json:"remoteInbound,omitempty"`
}

// FirstFrame returns how long after dialling the first picture of anybody was decoded, and false while none was.
func (c *Call) FirstFrame() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.firstFrame, c.firstFrame != 0
}

// Stats measures everybody, in the order of [Call.People].
func (c *Call) Stats() []PeerStats {
	c.mu.Lock()
	people := make([]*person, 0, len(c.order))
	for _, id := range c.order {
		people = append(people, c.people[id])
	}
	c.mu.Unlock()
	all := make([]PeerStats, 0, len(people))
	for _, p := range people {
		all = append(all, c.statsOf(p))
	}
	return all
}

func (c *Call) statsOf(p *person) PeerStats {
	c.mu.Lock()
	s := PeerStats{ID: p.ID, Name: p.Name, State: p.State, Quality: p.Quality, Cause: p.Cause}
	c.mu.Unlock()
	s.InVideo, s.InScreen = c.inVideo(p, &p.picture), c.inVideo(p, &p.screen)
	if in, ok := c.soundStats(p); ok {
		s.InAudio = &in
	}
	media := c.cfg.Media
	s.OutVideo = outVideo(media.sender, p.sent.camera, p.conn)
	if out := outVideo(media.screen.sender, p.sent.screen, p.conn); out.FramesEncoded > 0 {
		s.OutScreen = out // what was never shared is left out
	}
	s.OutAudio = &OutAudio{
		SenderStats: media.engine.Stats(), TargetBitrate: p.sent.sound.BitRate(), Redundancy: p.sent.sound.Redundancy(),
		RemoteInbound: remote(p.conn, p.sent.sound),
	}
	if t, ok := p.conn.Transport(); ok {
		s.Transport = &t
	}
	return s
}

func remote(conn *peer.Conn, track webrtc.TrackLocal) *peer.RemoteInboundStats {
	if s, ok := conn.RemoteInbound(track); ok {
		return &s
	}
	return nil
}

func (c *Call) inVideo(p *person, v *view) *InVideo {
	s, ok := c.pictureStats(v)
	if !ok {
		return nil
	}
	in := inVideoOf(s)
	for _, age := range v.slot.PresentedAges() {
		in.CaptureToPainted = milliseconds(age)
		in.CapturesToPainted = append(in.CapturesToPainted, in.CaptureToPainted)
	}
	if recovery, ok := c.recoveryStats(p, v); ok {
		in.Stats = &recovery
	}
	return in
}

// inVideoOf puts what was measured in the W3C's names and units.
func inVideoOf(s video.ReceiverStats) *InVideo {
	return &InVideo{
		MimeType: s.MIMEType, DecoderImplementation: s.DecoderImplementation,
		PacketsReceived: s.PacketsReceived, PacketsLost: s.PacketsLost, PacketsDiscarded: s.PacketsDiscarded, BytesReceived: s.BytesReceived,
		RetransmittedPacketsReceived: s.RetransmittedPacketsReceived, RetransmittedBytesReceived: s.RetransmittedBytesReceived,
		FramesReceived: s.FramesReceived, FramesDecoded: s.FramesDecoded, KeyFramesDecoded: s.KeyFramesDecoded,
		FramesDropped: s.FramesDropped, FrameWidth: s.FrameWidth, FrameHeight: s.FrameHeight, FramesPerSecond: s.FramesPerSecond,
		FreezeCount: s.FreezeCount, TotalFreezesDuration: s.TotalFreezesDuration.Seconds(),
		PauseCount: s.PauseCount, TotalPausesDuration: s.TotalPausesDuration.Seconds(),
		TotalInterFrameDelay: s.TotalInterFrameDelay.Seconds(), TotalSquaredInterFrameDelay: s.TotalSquaredInterFrameDelay,
		NACKCount: s.NACKCount, PLICount: s.PLICount,
		JitterBufferDelay: s.JitterBufferDelay.Seconds(), JitterBufferTargetDelay: s.JitterBufferTargetDelay.Seconds(),
		JitterBufferMinimumDelay: s.JitterBufferMinimumDelay.Seconds(), JitterBufferEmittedCount: s.JitterBufferEmittedCount,
		TotalDecodeTime: s.TotalDecodeTime.Seconds(), TotalProcessingDelay: s.TotalProcessingDelay.Seconds(),
		FramesAssembledFromMultiplePackets: s.FramesAssembledFromMultiplePackets, TotalAssemblyTime: s.TotalAssemblyTime.Seconds(),
		CaptureToDecoded: milliseconds(s.DecodedAge),
	}
}

func outVideo(sender *video.Sender, outlet *video.Outlet, conn *peer.Conn) *OutVideo {
	out := outVideoOf(sender.Stats(), outlet.Stats())
	out.RemoteInbound, out.RetransmissionStats = remote(conn, outlet), conn.Retransmissions(outlet)
	if sent, ok := conn.Protection(outlet); ok {
		out.ProtectionStats = &sent
	}
	return out
}

// outVideoOf is the same for what is sent: how much is encoded counts for everybody, and the rest for the person.
func outVideoOf(s video.SenderStats, o video.OutletStats) *OutVideo {
	why := o.QualityLimitationDurations
	return &OutVideo{
		MimeType:      o.MIMEType,
		FramesEncoded: s.FramesEncoded, KeyFramesEncoded: s.KeyFramesEncoded, FramesSent: o.FramesSent, PacketsSent: o.PacketsSent,
		BytesSent: o.BytesSent, FrameWidth: o.FrameWidth, FrameHeight: o.FrameHeight, FramesPerSecond: o.FramesPerSecond,
		TargetBitrate: o.TargetBitRate, TotalEncodeTime: s.TotalEncodeTime.Seconds(), EncoderImplementation: o.EncoderImplementation,
		ActiveEncoders: s.Encoders, QualityLimitationReason: string(o.QualityLimitationReason),
		QualityLimitationDurations: map[string]float64{
			string(video.LimitedByNothing): why.None.Seconds(), string(video.LimitedByCPU): why.CPU.Seconds(),
			string(video.LimitedByBandwidth): why.Bandwidth.Seconds(), string(video.LimitedByOther): why.Other.Seconds(),
		},
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
