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
	// SetMinimumDelay makes the sound wait for at least d beside its fastest packets, from 0 to 400 ms. It gets there smoothly.
	SetMinimumDelay(d time.Duration)
}

// LipSync ties a picture to a sound. Timestamps of two streams have nothing to do with each other; the sender's reports
// put both on its wall clock, and what was captured at one time is then shown at the time when it is heard. The functions are
// called on the decoding goroutine and must not wait.
type LipSync struct {
	Video SenderReport
	Audio SenderReport
	Sound func() Sound // what plays now; nil when nothing does

	held Sound // that was told last to wait
	hold time.Duration
}

// holdStep is the least change that the sound is told of.
const holdStep = 5 * time.Millisecond

// delay makes the sound wait for at least d.
func (l *LipSync) delay(d time.Duration) {
	if l == nil {
		return
	}
	sound := l.Sound()
	if sound == nil || sound == l.held && (d-l.hold).Abs() < holdStep && (d > 0 || l.hold == 0) {
		return
	}
	if sound != l.held && d == 0 {
		return // it does not wait
	}
	l.held, l.hold = sound, d
	sound.SetMinimumDelay(d)
}

// soundRate is that of RTP timestamps of Opus, in Hz. https://www.rfc-editor.org/rfc/rfc7587#section-4.1
const soundRate = 48_000

// heard returns when the sound is heard that was captured together with the frame of that timestamp; zero where that
// is not known. It lies ahead, or not far behind.
func (l *LipSync) heard(timestamp uint32, now time.Time) time.Time {
	if l == nil {
		return time.Time{}
	}
	sound := l.Sound()
	if sound == nil {
		return time.Time{}
	}
	playing, ok := sound.Playing(now)
	pictureTime, pictureStamp, ok1 := l.Video()
	soundTime, soundStamp, ok2 := l.Audio()
	if !ok || !ok1 || !ok2 {
		return time.Time{}
	}
	picture := pictureTime.Add(since(timestamp, pictureStamp, codec.ClockRate))
	ahead := picture.Sub(soundTime.Add(since(playing, soundStamp, soundRate)))
	if ahead.Abs() > credible {
		return time.Time{} // clocks of a sender that errs, or lies
	}
	return now.Add(ahead)
}

// since returns the time between two timestamps of one stream.
func since(later, earlier uint32, rate time.Duration) time.Duration {
	return time.Duration(int32(later-earlier)) * time.Second / rate
}
