package call_test

import (
	"testing"
	"time"

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
	ann, ben, _ := couple(t, newMedia(), newMedia())
	ben.sees(t, "Ann")
	ann.sees(t, "Ben")

	ben.call.ShowPicture(ben.only(), 0, 0)
	eventually(t, "nothing is sent for a picture that is hidden", func() bool {
		before := ann.to()
		time.Sleep(300 * time.Millisecond)
		after := ann.to()
		return after.PacketsSent == before.PacketsSent && after.ActiveEncoders == 0
	})
	ann.sees(t, "Ben") // the other way it goes on
	ben.call.ShowPicture(ben.only(), 640, 360)
	ben.sees(t, "Ann")

	ben.call.ShowPicture(ben.only(), 160, 90)
	eventually(t, "a small tile gets a small picture", func() bool { return ann.to().FrameWidth == 160 })
	ben.call.ShowPicture(ben.only(), 640, 360)
	eventually(t, "a large tile gets a large picture", func() bool { return ann.to().FrameWidth == 320 })
}

func TestACallKeepsToTheUsersLimits(t *testing.T) {
	ann, ben, _ := couple(t, newMedia(), newMedia())
	ben.sees(t, "Ann")
	ann.sees(t, "Ben")
	full := ann.to().TargetBitrate

	ben.call.SetLimits(call.Limits{Down: 120_000})
	eventually(t, "others send no more than the limit down", func() bool {
		rate := ann.to().TargetBitrate
		return rate > 0 && rate < 120_000
	})
	ben.call.SetLimits(call.Limits{Up: 100_000})
	eventually(t, "others send as before without one", func() bool { return ann.to().TargetBitrate >= full })
	eventually(t, "no more is sent than the limit up", func() bool {
		rate := ben.to().TargetBitrate
		return rate > 0 && rate < 100_000
	})
}
