package call

import (
	"testing"
	"time"

	"parley/call/coded"
	"parley/call/impair"
	"parley/call/signal/wire"
	"parley/call/video"
	"parley/call/vpx"
	"parley/devices"
	"parley/devices/frame"
)

func TestAScreenThatIsTooLargeToSendIsMadeSmaller(t *testing.T) {
	for _, size := range [][2]int{{64, 48}, {3840, 2160}, {3840, 2560}, {5120, 1440}, {2160, 5121}} {
		s := &sharedScreen{}
		s.put(frame.New(size[0], size[1]))
		sent := s.out.Take()
		width, height := sent.Size()
		if !coded.Fits(width, height) {
			t.Errorf("of %v, %dx%d would be sent, which is too large", size, width, height)
		}
		if coded.Fits(size[0], size[1]) && (width != size[0] || height != size[1]) {
			t.Errorf("%v fits, and %dx%d would be sent", size, width, height)
		}
		encoder, err := vpx.VP8.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: 1_000_000})
		if err == nil {
			_, err = encoder.Encode(sent.YCbCr, 0, true)
			_ = encoder.Close()
		}
		if err != nil {
			t.Errorf("%dx%d: %v", width, height, err)
		}
		sent.Release()
		s.last.Release()
	}
}

func TestAScreenThatIsSharedAgainIsNotStopped(t *testing.T) {
	c, p := &Call{}, &person{}
	share := func(on bool) { p.describe(wire.Peer{State: wire.State{Camera: true, Screen: on}}) }
	frames := func(n int) video.ReceiverStats { return video.ReceiverStats{FramesDecoded: n} }
	comes := func() { c.noteGoingOn(&p.screen, &p.shown.Screen, frames(3), frames(4)) }
	for range 2 {
		share(true)
		comes()
		if p.screen.stopped {
			t.Fatal("a screen of which pictures come is taken to have stopped")
		}
		share(false)
		if !p.screen.stopped {
			t.Fatal("a screen that is not shared any more is taken to go on")
		}
	}
	share(true)
	p.shown.Screen = &wire.Size{}
	if comes(); !p.screen.stopped {
		t.Error("a screen that is hidden is taken to go on")
	}
}

// Browsers, for one, do not tell what they show.
func TestAScreenIsSeenSoonThoughThePathIsAsBeforeAndNobodyTellsThatTheyShowIt(t *testing.T) {
	overPathsWith(t, 1, impair.Conditions{Delay: 30 * time.Millisecond}, small, func(p *pathed) {
		time.Sleep(15 * time.Second) // what the path bears is known by now, and does not change any more
		p.sides[0].media.Share(Share{Kind: devices.KindScreen})
		time.Sleep(3 * time.Second)
		if in := p.seen(1).InScreen; in == nil || in.FramesDecoded < 20 {
			t.Errorf("after three seconds the other side has %+v", in)
		}
		p.sides[0].media.StopSharing()
	})
}
