package peer

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/congestion"
)

// patient is a rig whose peer knows how to hold pictures, on a path where that share of repair packets is worth it.
func patient(t *testing.T, worth float64) *rig {
	r := protected(t, worth)
	r.video = r.BindLocalStream(&interceptor.StreamInfo{
		SSRC: videoSSRC, MimeType: webrtc.MimeTypeVP8, SSRCRetransmission: repairSSRC, PayloadTypeRetransmission: 97,
		RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: playoutDelayURI, ID: 7}},
	}, r.network)
	return r
}

// far is a path with that round trip, on which that much is lost.
func (r *rig) far(roundTrip time.Duration, loss float64) {
	r.lossy(loss, 4_000_000)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cached.RoundTrip, r.cached.Sent = roundTrip, 1_000_000
	r.cached.Repairs = 0
}

// asked returns the least and the most delay that a packet asks for; false when it says nothing.
func (s *seen) asked(t *testing.T) (least, most time.Duration, ok bool) {
	t.Helper()
	data := s.GetExtension(7)
	if data == nil {
		return 0, 0, false
	}
	var e rtp.PlayoutDelayExtension
	if err := e.Unmarshal(data); err != nil {
		t.Fatal(err)
	}
	return time.Duration(e.MinDelay) * delayUnit, time.Duration(e.MaxDelay) * delayUnit, true
}

func TestWhoGetsTwoCopiesIsAskedToWaitForRepairs(t *testing.T) {
	for roundTrip, want := range map[time.Duration]time.Duration{
		100 * time.Millisecond: 280 * time.Millisecond, 20 * time.Millisecond: 120 * time.Millisecond, time.Second: delayMost,
	} {
		synctest.Test(t, func(t *testing.T) {
			r := patient(t, 0.3)
			r.far(roundTrip, 0.2)
			_ = r.frame(2)
			time.Sleep(30 * time.Millisecond)
			all := append(r.network.of(videoSSRC), r.network.of(repairSSRC)...)
			if len(all) != 6 {
				t.Fatalf("%d packets and copies", len(all))
			}
			for _, p := range all {
				if least, most, ok := p.asked(t); !ok || least != want || most < time.Second {
					t.Errorf("packet %d of stream %d asks for %v to %v (%v), want %v and no end to it", p.SequenceNumber, p.SSRC, least, most, ok, want)
				}
			}
		})
	}
}

func TestWhereLittleIsLostOrThePeerCannotNoWaitIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		little, much := 0.05, 0.2
		for name, c := range map[string]struct {
			r    *rig
			loss float64
		}{"one copy is enough": {patient(t, 0.3), little}, "none is worth it": {patient(t, 0), much}, "the peer cannot": {protected(t, 0.3), much}} {
			r := c.r
			r.far(100*time.Millisecond, c.loss)
			_ = r.frame(1)
			if p := r.network.of(videoSSRC)[0]; p.GetExtension(7) != nil {
				t.Errorf("%s: a wait is asked for", name)
			}
		}
	})
}

func TestWhereOneGapFollowsAnotherABrowserIsAskedToWaitForRepairs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const roundTrip = 100 * time.Millisecond
		for name, c := range map[string]struct {
			apart, want time.Duration
			parities    uint32 // SSRC of the stream of repair packets that are computed, which a Parley knows
		}{
			"soon":               {delayKeeps / 2, 280 * time.Millisecond, 0},
			"not soon":           {delayKeeps, 0, 0},
			"a Parley by itself": {delayKeeps / 2, 0, 99},
		} {
			r := patient(t, 0)
			r.streams[videoSSRC].protector = newProtector(&interceptor.StreamInfo{SSRCForwardErrorCorrection: c.parities, PayloadTypeForwardErrorCorrection: 98})
			for i, want := range []time.Duration{0, c.want} {
				time.Sleep(c.apart)
				r.far(roundTrip, 0)
				r.mend(congestion.Gap{First: 1, Packets: 3}, time.Now())
				_ = r.frame(1)
				all := r.network.of(videoSSRC)
				if least, _, _ := all[len(all)-1].asked(t); least != want {
					t.Errorf("%s: after gap %d it is asked for %v, want %v", name, i+1, least, want)
				}
			}
		}
	})
}

func TestTheWaitIsTakenBackSomeTimeAfterTheLastNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := patient(t, 0.3)
		r.far(100*time.Millisecond, 0.2)
		_ = r.frame(1)
		r.share.Store(0) // nothing is lost any more
		for _, c := range []struct {
			after time.Duration
			want  time.Duration
		}{{delayKeeps - time.Second, 280 * time.Millisecond}, {2 * time.Second, 0}} {
			time.Sleep(c.after)
			_ = r.frame(1)
			all := r.network.of(videoSSRC)
			if least, most, ok := all[len(all)-1].asked(t); !ok || least != c.want || most < time.Second {
				t.Errorf("after %v more: asks for %v to %v (%v), want %v", c.after, least, most, ok, c.want)
			}
		}
	})
}

// even is a rig whose peer reports arrivals, and has seen no trouble for as long as makes a path even.
func even(t *testing.T) *rig {
	r := patient(t, 0)
	time.Sleep(evenFor)
	return r
}

// bound writes a frame on a path with that queue, and returns for how long it may be held at the most; 0 when it says nothing of it.
func (r *rig) bound(t *testing.T, queue time.Duration) time.Duration {
	t.Helper()
	r.mu.Lock()
	now := r.cached
	now.Reported, now.Queue = true, queue
	r.take(now, time.Now())
	r.mu.Unlock()
	_ = r.frame(1)
	time.Sleep(30 * time.Millisecond) // a repair may go first
	all := r.network.of(videoSSRC)
	least, most, _ := all[len(all)-1].asked(t)
	if least != 0 {
		t.Errorf("asks for %v at the least", least)
	}
	return most
}

func TestABrowserOnAnEvenPathIsToldToHoldNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := patient(t, 0)
		if most := r.bound(t, 0); most != 0 {
			t.Errorf("asks for up to %v before anything is known of the path", most)
		}
		time.Sleep(evenFor)
		if most := r.bound(t, 0); most != delayNone {
			t.Errorf("asks for up to %v, want %v", most, delayNone)
		}
		p := protected(t, 0)
		time.Sleep(evenFor)
		if most := p.bound(t, 0); most != 0 {
			t.Errorf("asks one for up to %v that does not know of it", most)
		}
	})
}

func TestOnAnUnevenPathABrowserHoldsWhatItWouldByItself(t *testing.T) {
	report := func(b rtcp.ReceptionReport) func(*rig) {
		b.SSRC = videoSSRC
		return func(r *rig) {
			r.hear([]rtcp.Packet{&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{b}}}, time.Now())
		}
	}
	for name, c := range map[string]struct {
		happens func(*rig)
		queue   time.Duration
		want    time.Duration
	}{
		"a quiet report":      {report(rtcp.ReceptionReport{Jitter: 3 * 90}), evenQueue, delayNone},
		"jitter":              {report(rtcp.ReceptionReport{Jitter: 6 * 90}), 0, delayNoMore},
		"a loss in a report":  {report(rtcp.ReceptionReport{FractionLost: 1}), 0, delayNoMore},
		"a packet is missing": {func(r *rig) { r.ask(0) }, 0, delayNoMore},
		"a queue":             {func(*rig) {}, evenQueue + 1, delayNoMore},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := even(t)
			_ = r.bound(t, 0)
			c.happens(r)
			if most := r.bound(t, c.queue); most != c.want {
				t.Errorf("%s: asks for up to %v, want %v", name, most, c.want)
			}
			time.Sleep(evenFor)
			if most := r.bound(t, 0); most != delayNone {
				t.Errorf("%s: asks for up to %v some time after that", name, most)
			}
		})
	}
}
