package audio

// SenderStats is what was sent since the engine was made, named as in https://www.w3.org/TR/webrtc-stats/ (outbound-rtp and
// media-source; the levels are those of what is sent). Packets are counted once, however many peers they go to.
type SenderStats struct {
	PacketsSent           uint64  `json:"packetsSent"`
	BytesSent             uint64  `json:"bytesSent"` // of payload
	CopiesSent            uint64  `json:"-"`         // of frames that went before, to any peer
	AudioLevel            float64 `json:"audioLevel"`
	TotalAudioEnergy      float64 `json:"totalAudioEnergy"`
	TotalSamplesDuration  float64 `json:"totalSamplesDuration"`   // s
	DroppedSamplesSeconds float64 `json:"droppedSamplesDuration"` // s of sound that came faster than it was encoded
}

// ReceiverStats is what came from one person, named as in https://www.w3.org/TR/webrtc-stats/#inboundrtpstats-dict*.
type ReceiverStats struct {
	PacketsReceived  uint64  `json:"packetsReceived"`
	BytesReceived    uint64  `json:"bytesReceived"`    // of payload
	PacketsLost      int64   `json:"packetsLost"`      // less than 0 when packets come twice (RFC 3550 section 6.4.1)
	PacketsDiscarded uint64  `json:"packetsDiscarded"` // too late, too early, twice, or not Opus
	Jitter           float64 `json:"jitter"`           // s, as in RFC 3550 section 6.4.1

	// Copies of frames, in packets of later frames (RED) or within these (in-band FEC), and those of them that were of no use: the frame
	// itself was there.
	FECPacketsReceived  uint64 `json:"fecPacketsReceived"`
	FECPacketsDiscarded uint64 `json:"fecPacketsDiscarded"`

	JitterBufferDelay        float64 `json:"jitterBufferDelay"`        // s, summed over the samples emitted
	JitterBufferTargetDelay  float64 `json:"jitterBufferTargetDelay"`  // s, summed likewise
	JitterBufferEmittedCount uint64  `json:"jitterBufferEmittedCount"` // samples

	TotalSamplesReceived           uint64 `json:"totalSamplesReceived"` // all that were made, concealed ones too
	ConcealedSamples               uint64 `json:"concealedSamples"`     // made up for want of a packet; a sender's pause is not
	SilentConcealedSamples         uint64 `json:"silentConcealedSamples"`
	ConcealmentEvents              uint64 `json:"concealmentEvents"`
	InsertedSamplesForDeceleration uint64 `json:"insertedSamplesForDeceleration"`
	RemovedSamplesForAcceleration  uint64 `json:"removedSamplesForAcceleration"`
	FECSamples                     uint64 `json:"-"` // restored from the copy in the next packet; not in ConcealedSamples
	DREDSamples                    uint64 `json:"-"` // restored from what a later packet says of them; not in ConcealedSamples

	AudioLevel           float64 `json:"audioLevel"`
	TotalAudioEnergy     float64 `json:"totalAudioEnergy"`
	TotalSamplesDuration float64 `json:"totalSamplesDuration"` // s
}
