package video_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/call/video"
)

// voice is a sound that is heard some time after it was said, or later where it is told to wait.
type voice struct {
	began time.Time
	late  time.Duration

	mu   sync.Mutex
	hold time.Duration // that it was told last to be late by
}

const voiceRate = 48_000

func (v *voice) Playing(now time.Time) (uint32, bool) {
	return uint32(now.Add(-max(v.late, v.held())).Sub(v.began) * voiceRate / time.Second), true
}

func (v *voice) HoldUntil(timestamp uint32, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.hold = 0; !at.IsZero() {
		v.hold = at.Sub(v.began.Add(time.Duration(timestamp) * time.Second / voiceRate))
	}
}

func (v *voice) held() time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.hold
}

// talk is a call whose pictures are tied to a voice, by reports that are true.
func talk(t *testing.T, v *voice, prepare func(*wire)) *call {
	t.Helper()
	c := &call{camera: newCamera(320, 180), sender: video.NewSender(video.SenderConfig{BitRate: 250_000}), wire: newWire()}
	v.began = c.camera.base
	first, known := uint32(0), false
	var mu sync.Mutex
	prepare(c.wire)
	c.wire.edit = func(h *rtp.Header) {
		mu.Lock()
		defer mu.Unlock()
		if !known {
			first, known = h.Timestamp, true
		}
	}
	c.viewer = watchWith(video.ReceiverConfig{Track: c.wire, RequestKeyFrame: c.sender.RequestKeyFrame, LipSync: &video.LipSync{
		Video: func() (time.Time, uint32, bool) {
			mu.Lock()
			defer mu.Unlock()
			return c.camera.base.Add(frameTime), first, known // the first picture is taken a frame after the camera was opened
		},
		Audio: func() (time.Time, uint32, bool) { return v.began, 0, true },
		Sound: func() video.Sound { return v },
	}})
	bind(t, c.sender, "peer", c.wire)
	c.sender.SetSource(c.camera)
	return c
}

// ages returns how long after they were taken pictures were shown since a moment.
func (c *call) ages(t *testing.T, since time.Time) (all []time.Duration) {
	t.Helper()
	for _, p := range c.viewer.pictures(t) {
		if p.at.After(since) {
			all = append(all, p.at.Sub(c.camera.base.Add(time.Duration(p.counter)*time.Microsecond)))
		}
	}
	return all
}

func TestPicturesWaitForTheirSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &voice{late: 200 * time.Millisecond}
		c := talk(t, v, func(*wire) {})
		time.Sleep(3 * time.Second)
		settled := time.Now()
		time.Sleep(2 * time.Second)
		ages := c.ages(t, settled)
		if len(ages) < 50 {
			t.Errorf("%d pictures in two seconds", len(ages))
		}
		for _, age := range ages {
			if skew := age - v.late; skew.Abs() > 40*time.Millisecond {
				t.Errorf("a picture is shown %v after it was taken, and its sound is heard after %v", age, v.late)
				break
			}
		}
		c.end(t)
	})
}

func TestSoundIsAskedToWaitForPicturesThatNeedRepairsAndForNoneAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &voice{late: 20 * time.Millisecond}
		c := talk(t, v, func(w *wire) { lateOne(w, 10, 120*time.Millisecond) }) // repaired
		time.Sleep(10 * time.Second)
		if hold := v.held(); hold < 60*time.Millisecond || hold > 200*time.Millisecond {
			t.Errorf("sound is asked to wait for %v while pictures are late by 120 ms", hold)
		}
		c.end(t)
		if hold := v.held(); hold != 0 {
			t.Errorf("sound is asked to wait for %v for a picture that ended", hold)
		}
	})
}
