package call_test

import (
	"testing"
	"time"

	"parley/call"
)

// accounts watches whether totals fall, until end is called.
type accounts struct {
	quit, ended chan struct{}
	fell        []string
}

// keepAccounts looks at the statistics of the only other person, as often as a user interface might.
func keepAccounts(s *someone) *accounts {
	a := &accounts{quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		before := map[string]float64{}
		for {
			select {
			case <-a.quit:
				return
			case <-tick.C:
			}
			for _, p := range s.call.Stats() {
				for name, now := range totals(p) {
					if now < before[name] {
						a.fell = append(a.fell, name)
					}
					before[name] = now
				}
			}
		}
	}()
	return a
}

func totals(p call.PeerStats) map[string]float64 {
	all := map[string]float64{}
	if v := p.InVideo; v != nil {
		all["video packetsReceived"] = float64(v.PacketsReceived)
		all["video bytesReceived"] = float64(v.BytesReceived)
		all["framesReceived"] = float64(v.FramesReceived)
		all["framesDecoded"] = float64(v.FramesDecoded)
		all["keyFramesDecoded"] = float64(v.KeyFramesDecoded)
		all["freezeCount"] = float64(v.FreezeCount)
		all["totalFreezesDuration"] = v.TotalFreezesDuration
		all["totalInterFrameDelay"] = v.TotalInterFrameDelay
		all["totalDecodeTime"] = v.TotalDecodeTime
		all["nackCount"] = float64(v.NACKCount)
	}
	if a := p.InAudio; a != nil {
		all["audio packetsReceived"] = float64(a.PacketsReceived)
		all["audio bytesReceived"] = float64(a.BytesReceived)
		all["totalSamplesReceived"] = float64(a.TotalSamplesReceived)
		all["concealedSamples"] = float64(a.ConcealedSamples)
		all["jitterBufferEmittedCount"] = float64(a.JitterBufferEmittedCount)
		all["totalAudioEnergy"] = a.TotalAudioEnergy
	}
	return all
}

func (a *accounts) end(t *testing.T) {
	t.Helper()
	close(a.quit)
	<-a.ended
	if len(a.fell) > 0 {
		t.Errorf("totals fell: %v", a.fell)
	}
}
