package video

import (
	"time"

	"parley/call/codec"
)

// SenderReport is what a sender said last about one of its streams (RFC 3550 6.4.1): at ntp, on its wall clock, that
// stream's timestamp was rtp. False: it has not said anything yet.
type SenderReport func() (ntp time.Time, rtp uint32, ok bool)

// Sound is what plays the sound that belongs to a picture.
type Sound interface {
	// Playing returns the RTP timestamp of the sample that goes to the speaker at now, and false while none does.
	Playing(now time.Time) (timestamp uint32, ok bool)
	// HoldUntil makes the sound wait until the sample of that RTP timestamp is heard at that time; not at all where that is zero. It gets there smoothly.
	HoldUntil(timestamp uint32, at time.Time)
}

// LipSync ties a picture to a sound. Timestamps of two streams have nothing to do with each other; the sender's reports
// put both on its wall clock, and what was captured at one time is then shown at the time when it is heard. The functions are
// called on the decoding goroutine and must not wait.
type LipSync struct {
	Video SenderReport
	Audio SenderReport
	Sound func() Sound // what plays now; nil when nothing does
}

// release lets the sound wait no more.
func (l *LipSync) release() {
	if l == nil {
		return
	}
	if sound := l.Sound(); sound != nil {
		sound.HoldUntil(0, time.Time{})
	}
}

const (
	// soundRate is that of RTP timestamps of Opus, in Hz. https://www.rfc-editor.org/rfc/rfc7587#section-4.1
	soundRate = 48_000
	// apart is how far the reports of a sender may lie from each other, and from what they are asked of.
	apart = time.Hour
)

// companion is the sound that was captured together with a frame: what plays it, and its timestamp. The zero value is none that is known.
type companion struct {
	sound Sound
	stamp uint32
}

// companion returns that of the frame of that timestamp.
func (l *LipSync) companion(timestamp uint32) companion {
	if l == nil {
		return companion{}
	}
	sound := l.Sound()
	pictureTime, pictureStamp, ok1 := l.Video()
	soundTime, soundStamp, ok2 := l.Audio()
	passed := pictureTime.Add(since(timestamp, pictureStamp, codec.ClockRate)).Sub(soundTime)
	if sound == nil || !ok1 || !ok2 || passed.Abs() > apart {
		return companion{}
	}
	return companion{sound, soundStamp + uint32(int64(passed)*soundRate/int64(time.Second))}
}

// hold makes it be heard at that time at the earliest.
func (c companion) hold(at time.Time) {
	if c.sound != nil {
		c.sound.HoldUntil(c.stamp, at)
	}
}

// heard returns when it is heard; zero where that is not known. It lies ahead of now, or not far behind.
func (c companion) heard(now time.Time) time.Time {
	if c.sound == nil {
		return time.Time{}
	}
	playing, ok := c.sound.Playing(now)
	ahead := since(c.stamp, playing, soundRate)
	if !ok || ahead.Abs() > credible {
		return time.Time{} // clocks of a sender that errs, or lies
	}
	return now.Add(ahead)
}

// since returns the time between two timestamps of one stream.
func since(later, earlier uint32, rate time.Duration) time.Duration {
	return time.Duration(int32(later-earlier)) * time.Second / rate
}
