package call_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call"
)

// to returns what s sends to its only companion.
func (s *someone) to() call.OutVideo {
	for _, p := range s.call.Stats() {
		if p.OutVideo != nil {
			return *p.OutVideo
		}
	}
	return call.OutVideo{}
}

func (s *someone) only() string {
	for _, p := range s.call.People() {
		return p.ID
	}
	return ""
}

func TestAPictureThatNobodyShowsIsNotSent(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	media, mine := newMedia(), newMedia()
	defer media.Close()
	defer mine.Close()
	ada := dial(t, media, url, "Ada")
	defer ada.call.Leave()
	bob := dial(t, mine, url, "Bob")
	defer bob.call.Leave()
	bob.sees(t, "Ada")
	ada.sees(t, "Bob")

	bob.call.ShowPicture(bob.only(), 0, 0)
	eventually(t, "nothing is sent for a picture that is hidden", func() bool {
		before := ada.to()
		time.Sleep(300 * time.Millisecond)
		after := ada.to()
		return after.PacketsSent == before.PacketsSent && after.ActiveEncoders == 0
	})
	ada.sees(t, "Bob") // the other way it goes on
	bob.call.ShowPicture(bob.only(), 640, 360)
	bob.sees(t, "Ada")

	bob.call.ShowPicture(bob.only(), 160, 90)
	eventually(t, "a small tile gets a small picture", func() bool { return ada.to().FrameWidth == 160 })
	bob.call.ShowPicture(bob.only(), 640, 360)
	eventually(t, "a large tile gets a large picture", func() bool { return ada.to().FrameWidth == 320 })
}

func TestACallKeepsToTheUsersLimits(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	media, mine := newMedia(), newMedia()
	defer media.Close()
	defer mine.Close()
	ada := dial(t, media, url, "Ada")
	defer ada.call.Leave()
	bob := dial(t, mine, url, "Bob")
	defer bob.call.Leave()
	bob.sees(t, "Ada")
	ada.sees(t, "Bob")
	full := ada.to().TargetBitrate

	bob.call.SetLimits(call.Limits{Down: 120_000})
	eventually(t, "others send no more than the limit down", func() bool {
		rate := ada.to().TargetBitrate
		return rate > 0 && rate < 120_000
	})
	bob.call.SetLimits(call.Limits{Up: 100_000})
	eventually(t, "others send as before without one", func() bool { return ada.to().TargetBitrate >= full })
	eventually(t, "no more is sent than the limit up", func() bool {
		rate := bob.to().TargetBitrate
		return rate > 0 && rate < 100_000
	})
}
