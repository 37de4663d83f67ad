package video_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/call/codec"
	"parley/call/video"
)

// audience is a sender with people who watch by real receivers.
type audience struct {
	camera *camera
	sender *video.Sender
	wires  []*wire
	people []*viewer
	seats  []*video.Outlet
}

// gather starts a sender of a picture of that size, for so many people.
func gather(t *testing.T, cfg video.SenderConfig, width, height, people int) *audience {
	t.Helper()
	a := &audience{camera: newCamera(width, height), sender: video.NewSender(cfg)}
	for i := range people {
		w := newWire()
		a.wires = append(a.wires, w)
		a.seats = append(a.seats, bind(t, a.sender, string(rune('a'+i)), w))
		a.people = append(a.people, watch(w, func() { a.seats[i].RequestKeyFrame() }))
	}
	a.sender.SetSource(a.camera)
	return a
}

// end hangs up and checks that everybody saw nothing but sound pictures, in order.
func (a *audience) end(t *testing.T) (pictures [][]shown) {
	t.Helper()
	a.sender.SetSource(nil)
	time.Sleep(time.Second)
	synctest.Wait()
	for i, v := range a.people {
		pictures = append(pictures, v.pictures(t))
		a.wires[i].close()
		if err := <-v.done; err != nil {
			t.Error(err)
		}
	}
	if err := a.sender.Close(); err != nil {
		t.Error(err)
	}
	return pictures
}

func TestEachGetsWhatTheirPathBears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := codec.Encoders()
		a := gather(t, video.SenderConfig{}, 1280, 720, 4)
		for i, bitRate := range []int{2_000_000, 1_500_000, 500_000, 100_000} {
			a.seats[i].SetAllowance(bitRate)
		}
		time.Sleep(2 * time.Second)
		if n := codec.Encoders() - before; n != 3 {
			t.Errorf("%d encoders for three sizes", n)
		}
		for i, want := range [][2]int{{1280, 720}, {1280, 720}, {640, 360}, {320, 180}} {
			s := a.seats[i].Stats()
			if s.FrameWidth != want[0] || s.FrameHeight != want[1] || s.FramesSent < 55 {
				t.Errorf("person %d got %d frames, at last of %dx%d", i, s.FramesSent, s.FrameWidth, s.FrameHeight)
			}
		}
		for i, pictures := range a.end(t) {
			if len(pictures) < 55 {
				t.Errorf("person %d saw %d pictures", i, len(pictures))
			}
		}
	})
}

func TestASwitchOfSizeIsSeenAsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := gather(t, video.SenderConfig{}, 640, 360, 2)
		a.seats[0].SetAllowance(700_000)
		for range 4 { // the second goes down and up, the first is to see none of it
			a.seats[1].SetAllowance(700_000)
			time.Sleep(8 * time.Second)
			a.seats[1].SetAllowance(100_000)
			time.Sleep(2 * time.Second)
		}
		pictures := a.end(t)
		for _, p := range pictures[0] {
			if p.width != 640 {
				t.Fatalf("the first saw %dx%d", p.width, p.height)
			}
		}
		sizes, changes := map[int]int{}, 0
		for i, p := range pictures[1] {
			sizes[p.width]++
			if i == 0 {
				continue
			}
			last := pictures[1][i-1]
			if p.width != last.width {
				changes++
			}
			if gap := p.at.Sub(last.at); gap > 4*frameTime {
				t.Errorf("a gap of %v between %dx%d and %dx%d", gap, last.width, last.height, p.width, p.height)
			}
		}
		if len(sizes) != 2 || changes != 7 {
			t.Errorf("the second saw %v in %d changes, want one for each way down and up", sizes, changes)
		}
		for i, v := range a.people {
			if s := v.Stats(); s.PLICount != 0 {
				t.Errorf("person %d asked for %d key frames", i, s.PLICount)
			}
		}
	})
}

func TestNobodyPaysForAPictureThatIsHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := codec.Encoders()
		a := gather(t, video.SenderConfig{}, 320, 180, 1)
		time.Sleep(time.Second)
		a.seats[0].SetView(0, 0)
		time.Sleep(100 * time.Millisecond)
		sent := a.seats[0].Stats()
		if codec.Encoders() != before || a.seats[0].Demand() != 0 {
			t.Errorf("%d encoders, and %d bit/s wanted, for a picture that nobody sees", codec.Encoders()-before, a.seats[0].Demand())
		}
		time.Sleep(2 * time.Second)
		if s := a.seats[0].Stats(); s.PacketsSent != sent.PacketsSent {
			t.Errorf("%d packets of a hidden picture", s.PacketsSent-sent.PacketsSent)
		}
		a.seats[0].SetView(320, 180)
		time.Sleep(2 * frameTime)
		if s := a.seats[0].Stats(); s.KeyFramesSent != sent.KeyFramesSent+1 || a.seats[0].Demand() == 0 {
			t.Errorf("%d key frames when it was shown again", s.KeyFramesSent-sent.KeyFramesSent)
		}
		a.end(t)
	})
}

func TestASizeThatNobodyGetsAnyMoreIsMadeNoMoreAndBeginsAnewWithAKeyFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := codec.Encoders()
		a := gather(t, video.SenderConfig{}, 640, 360, 2)
		small := a.seats[1]
		made := func() (encoders, frames int) {
			n := a.sender.Stats().FramesEncoded
			time.Sleep(time.Second)
			return codec.Encoders() - before, a.sender.Stats().FramesEncoded - n
		}
		for range 2 {
			small.SetView(320, 180)
			time.Sleep(time.Second)
			if encoders, frames := made(); encoders != 2 || frames < 58 {
				t.Errorf("%d pictures a second by %d encoders, for two sizes", frames, encoders)
			}
			small.SetView(0, 0)
			time.Sleep(3 * frameTime)
			if encoders, frames := made(); encoders != 1 || frames > 31 || a.sender.Stats().Encoders != 1 {
				t.Errorf("%d pictures a second by %d encoders, told as %d, for one size", frames, encoders, a.sender.Stats().Encoders)
			}
		}
		keys := [2]int{a.seats[0].Stats().KeyFramesSent, small.Stats().KeyFramesSent}
		small.SetView(320, 180)
		time.Sleep(3 * frameTime)
		if s := small.Stats(); s.KeyFramesSent != keys[1]+1 || s.FrameWidth != 320 {
			t.Errorf("the size that is made again came with %d key frames, %d columns wide", s.KeyFramesSent-keys[1], s.FrameWidth)
		}
		if n := a.seats[0].Stats().KeyFramesSent; n != keys[0] {
			t.Errorf("the other size had %d key frames for it", n-keys[0])
		}
		a.end(t)
	})
}

func TestASmallTileGetsASmallPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := gather(t, video.SenderConfig{}, 640, 360, 2)
		a.seats[0].SetView(300, 170)
		a.seats[1].SetView(-1, -1)
		time.Sleep(time.Second)
		small, full := a.seats[0], a.seats[1]
		if s := small.Stats(); s.FrameWidth != 320 || s.QualityLimitationReason != video.LimitedByNothing {
			t.Errorf("%+v", s)
		}
		if s := full.Stats(); s.FrameWidth != 640 {
			t.Errorf("%+v", s)
		}
		if small.Demand() != 250_000 || full.Demand() != 700_000 {
			t.Errorf("%d and %d bit/s wanted", small.Demand(), full.Demand())
		}
		small.SetView(640, 360)
		time.Sleep(3 * frameTime)
		if s := small.Stats(); s.FrameWidth != 640 {
			t.Errorf("a tile that was made larger shows %d columns", s.FrameWidth)
		}
		a.end(t)
	})
}

func TestWhyAPictureIsPoorIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := gather(t, video.SenderConfig{}, 640, 360, 2)
		for _, o := range a.seats {
			o.SetAllowance(2_000_000)
		}
		time.Sleep(time.Second)
		a.seats[1].SetAllowance(450_000)
		time.Sleep(time.Second)
		first, second := a.seats[0].Stats(), a.seats[1].Stats()
		if first.QualityLimitationReason != video.LimitedByOther || second.QualityLimitationReason != video.LimitedByBandwidth {
			t.Errorf("%q and %q", first.QualityLimitationReason, second.QualityLimitationReason)
		}
		d := second.QualityLimitationDurations
		if d.None < 900*time.Millisecond || d.Bandwidth < 900*time.Millisecond || d.None+d.Bandwidth+d.CPU+d.Other > 2*time.Second {
			t.Errorf("%+v", d)
		}
		if d = first.QualityLimitationDurations; d.Other < 900*time.Millisecond || d.Bandwidth > 0 {
			t.Errorf("who is held back by another is told of %+v", d)
		}
		a.seats[0].SetAllowance(10_000)
		time.Sleep(time.Second)
		a.seats[1].SetView(0, 0)
		time.Sleep(time.Second)
		first, second = a.seats[0].Stats(), a.seats[1].Stats()
		if first.QualityLimitationReason != video.LimitedByBandwidth || second.QualityLimitationReason != video.LimitedByNothing {
			t.Errorf("who has too little for any picture gets none by %q, and who shows none by %q", first.QualityLimitationReason, second.QualityLimitationReason)
		}
		a.end(t)
	})
}

func TestFewerFramesComeBeforeASmallerPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := gather(t, video.SenderConfig{}, 640, 360, 1)
		a.seats[0].SetAllowance(190_000)
		time.Sleep(3 * time.Second)
		if s := a.seats[0].Stats(); s.FrameWidth != 640 || s.FramesPerSecond < 18 || s.FramesPerSecond > 21 {
			t.Errorf("a camera at 190 kbit/s: %dx%d at %v", s.FrameWidth, s.FrameHeight, s.FramesPerSecond)
		}
		a.end(t)
		a = gather(t, video.SenderConfig{Screen: true}, 640, 360, 1)
		a.seats[0].SetAllowance(100_000)
		time.Sleep(3 * time.Second)
		if s := a.seats[0].Stats(); s.FrameWidth != 640 || s.FramesPerSecond > 6 || s.FramesPerSecond < 4 {
			t.Errorf("a screen at 100 kbit/s: %dx%d at %v", s.FrameWidth, s.FrameHeight, s.FramesPerSecond)
		}
		a.end(t)
	})
}

func TestSomebodyWhoAsksForKeyFramesWithoutEndDoesNotRuinIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := gather(t, video.SenderConfig{}, 320, 180, 2)
		for range 2000 {
			a.seats[0].RequestKeyFrame()
			time.Sleep(10 * time.Millisecond)
		}
		if s := a.seats[1].Stats(); s.KeyFramesSent > 22 { // six at once, then one each 1.5 s of 20 s
			t.Errorf("%d key frames in 20 s", s.KeyFramesSent)
		}
		for i := range 400 { // hiding and showing makes key frames too
			a.seats[0].SetView(320*(i%2), 180)
			time.Sleep(50 * time.Millisecond)
		}
		if s := a.seats[1].Stats(); s.KeyFramesSent > 44 {
			t.Errorf("%d key frames in 40 s", s.KeyFramesSent)
		}
		a.end(t)
	})
}

// fullWire is a wire that takes no new frame while it is full.
type fullWire struct {
	*wire
	mu       sync.Mutex
	full     bool
	midFrame bool
}

var errFull = errors.New("full")

func (w *fullWire) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.full && !w.midFrame {
		return 0, errFull
	}
	w.midFrame = !h.Marker
	return w.wire.WriteRTP(h, payload)
}

func (w *fullWire) set(full bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.full = full
}

func TestAFrameThatIsRefusedLeavesNoHole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &fullWire{wire: newWire()}
		sender := video.NewSender(video.SenderConfig{})
		outlet := bind(t, sender, "a", w)
		v := watch(w.wire, func() { outlet.RequestKeyFrame() })
		sender.SetSource(newCamera(320, 180))
		time.Sleep(time.Second)
		w.set(true)
		time.Sleep(300 * time.Millisecond)
		w.set(false)
		time.Sleep(time.Second)
		sender.SetSource(nil)
		time.Sleep(time.Second)
		pictures := v.pictures(t)
		if s := v.Stats(); s.PacketsLost != 0 || s.PLICount != 0 || len(pictures) < 45 {
			t.Errorf("%d pictures; %+v", len(pictures), s)
		}
		w.close()
		if err := errors.Join(<-v.done, sender.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestAPictureGoesOnAfterManyFramesWereRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &fullWire{wire: newWire()}
		sender := video.NewSender(video.SenderConfig{})
		bind(t, sender, "a", w)
		v := watch(w.wire, nil) // who gets nothing misses nothing, and does not ask
		sender.SetSource(newCamera(320, 180))
		time.Sleep(time.Second)
		w.set(true)
		time.Sleep(6 * time.Second)
		w.set(false)
		time.Sleep(3 * time.Second)
		pictures := v.pictures(t)
		if last := pictures[len(pictures)-1]; time.Since(last.at) > 2*frameTime {
			t.Errorf("the last picture came %v ago", time.Since(last.at))
		}
		sender.SetSource(nil)
		w.close()
		if err := errors.Join(<-v.done, sender.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnOutletThatIsClosedGetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := gather(t, video.SenderConfig{}, 320, 180, 2)
		time.Sleep(time.Second)
		a.seats[0].Close()
		a.seats[0].Close()
		time.Sleep(100 * time.Millisecond)
		before := a.seats[0].Stats().PacketsSent
		time.Sleep(time.Second)
		if n := a.seats[0].Stats().PacketsSent - before; n != 0 {
			t.Errorf("%d packets", n)
		}
		if a.seats[1].Stats().FramesSent < 55 {
			t.Error("the other one lost frames")
		}
		a.end(t)
	})
}
