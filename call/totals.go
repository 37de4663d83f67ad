package call

import (
	"parley/call/audio"
	"parley/call/flexfec"
	"parley/call/video"
)

// What is counted of a person goes on when their connection is built anew and other tracks take the place of the ones before: a total never falls, as
// https://www.w3.org/TR/webrtc-stats/#guidelines-for-design-of-stats-objects has it. What tells of the moment is that of the track in use.

// plusSound returns what a track brought together with what those before it did.
func plusSound(past, now audio.ReceiverStats) audio.ReceiverStats {
	now.PacketsReceived += past.PacketsReceived
	now.BytesReceived += past.BytesReceived
	now.PacketsLost += past.PacketsLost
	now.PacketsDiscarded += past.PacketsDiscarded
	now.FECPacketsReceived += past.FECPacketsReceived
	now.FECPacketsDiscarded += past.FECPacketsDiscarded
	now.JitterBufferDelay += past.JitterBufferDelay
	now.JitterBufferTargetDelay += past.JitterBufferTargetDelay
	now.JitterBufferEmittedCount += past.JitterBufferEmittedCount
	now.TotalSamplesReceived += past.TotalSamplesReceived
	now.ConcealedSamples += past.ConcealedSamples
	now.SilentConcealedSamples += past.SilentConcealedSamples
	now.ConcealmentEvents += past.ConcealmentEvents
	now.InsertedSamplesForDeceleration += past.InsertedSamplesForDeceleration
	now.RemovedSamplesForAcceleration += past.RemovedSamplesForAcceleration
	now.FECSamples += past.FECSamples
	now.DREDSamples += past.DREDSamples
	now.TotalAudioEnergy += past.TotalAudioEnergy
	now.TotalSamplesDuration += past.TotalSamplesDuration
	return now
}

// plusVideo is the same for pictures. Freezes, pauses and the times between pictures are those of now, whose receiver goes on with them by itself.
func plusVideo(past, now video.ReceiverStats) video.ReceiverStats {
	now.PacketsReceived += past.PacketsReceived
	now.PacketsLost += past.PacketsLost
	now.PacketsDiscarded += past.PacketsDiscarded
	now.BytesReceived += past.BytesReceived
	now.RetransmittedPacketsReceived += past.RetransmittedPacketsReceived
	now.RetransmittedBytesReceived += past.RetransmittedBytesReceived
	now.FramesReceived += past.FramesReceived
	now.FramesDecoded += past.FramesDecoded
	now.KeyFramesDecoded += past.KeyFramesDecoded
	now.FramesDropped += past.FramesDropped
	now.NACKCount += past.NACKCount
	now.PLICount += past.PLICount
	now.TotalDecodeTime += past.TotalDecodeTime
	now.TotalProcessingDelay += past.TotalProcessingDelay
	now.JitterBufferDelay += past.JitterBufferDelay
	now.JitterBufferTargetDelay += past.JitterBufferTargetDelay
	now.JitterBufferMinimumDelay += past.JitterBufferMinimumDelay
	now.JitterBufferEmittedCount += past.JitterBufferEmittedCount
	now.FramesAssembledFromMultiplePackets += past.FramesAssembledFromMultiplePackets
	now.TotalAssemblyTime += past.TotalAssemblyTime
	return now
}

// plusRecovery is the same for what repair packets brought.
func plusRecovery(past, now flexfec.Stats) flexfec.Stats {
	now.FECPacketsReceived += past.FECPacketsReceived
	now.FECBytesReceived += past.FECBytesReceived
	now.FECPacketsDiscarded += past.FECPacketsDiscarded
	now.Recovered += past.Recovered
	return now
}

// pictureStats returns what came of a person's pictures, by all tracks so far, and false if there was no track.
func (c *Call) pictureStats(v *view) (video.ReceiverStats, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v.receiver == nil {
		return video.ReceiverStats{}, false
	}
	sum := v.past
	for _, r := range v.ending {
		sum = plusVideo(sum, r.Stats())
	}
	return plusVideo(sum, v.receiver.Stats()), true
}

// recoveryStats is the same for repair packets, false if there was none.
func (c *Call) recoveryStats(p *person, v *view) (flexfec.Stats, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, ok := p.conn.RecoveryStats(v.track); ok {
		v.recovered = now
	}
	sum := plusRecovery(v.recoveredBefore, v.recovered)
	return sum, sum != flexfec.Stats{}
}
