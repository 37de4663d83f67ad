package video_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/codec"
	"parley/call/coded"
	"parley/call/payload"
	"parley/call/video"
	"parley/devices/frame"
)

var vp8 payload.VP8

// tap is a binding that takes notes of what is sent.
type tap struct {
	mu      sync.Mutex
	down    bool // as pion is before the connection is up: silently drops
	packets []tapped
}

type tapped struct {
	rtp.Header
	size     int
	keyFrame bool // the first packet of one
	start    bool
}

func (w *tap) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return 0, nil
	}
	p, err := vp8.Parse(payload)
	if err != nil {
		return 0, err
	}
	w.packets = append(w.packets, tapped{h.Clone(), len(payload), p.KeyFrame, p.Start})
	h.Extensions = append(h.Extensions, rtp.Extension{}) // as pion's interceptors do
	return len(payload), nil
}

func (w *tap) Write([]byte) (int, error) { panic("the sender writes header and payload") }

func (w *tap) seen() []tapped {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]tapped(nil), w.packets...)
}

func (w *tap) keyFrames() (n int) {
	for _, p := range w.seen() {
		if p.keyFrame {
			n++
		}
	}
	return n
}

func newSender(t testing.TB) *video.Sender {
	s := video.NewSender(video.SenderConfig{BitRate: 1_000_000})
	t.Cleanup(func() { s.Close() })
	return s
}

func TestOneEncoderServesEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := codec.Encoders()
		s := newSender(t)
		s.SetSource(newCamera(320, 180))
		taps := []*tap{{}, {}, {}}
		for i, w := range taps {
			bind(t, s, string(rune('a'+i)), w)
		}
		time.Sleep(time.Second)
		if n := codec.Encoders() - before; n != 1 {
			t.Errorf("%d encoders for three receivers", n)
		}
		stats := s.Stats()
		if stats.Encoders != 1 || stats.Receivers != 3 || stats.TargetBitRate != 1_000_000 {
			t.Errorf("%+v", stats)
		}
		s.SetSource(nil)
		for i, w := range taps {
			if n := len(w.seen()); n != s.Stats().PacketsSent {
				t.Errorf("receiver %d got %d packets of %d", i, n, s.Stats().PacketsSent)
			}
		}
		if n := codec.Encoders() - before; n != 0 {
			t.Errorf("%d encoders without a source", n)
		}
	})
}

func TestNobodyLookingCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := codec.Encoders()
		s := newSender(t)
		s.SetSource(newCamera(320, 180))
		time.Sleep(time.Second)
		if n := s.Stats().FramesEncoded; n != 0 || codec.Encoders() != before {
			t.Errorf("%d frames encoded for nobody, %d encoders open", n, codec.Encoders()-before)
		}
		for range 2 {
			bind(t, s, "a", &tap{})
			time.Sleep(time.Second)
			if codec.Encoders()-before != 1 {
				t.Error("somebody looks, and there is no encoder")
			}
			unbind(t, s, "a")
			time.Sleep(2 * frameTime)
			if codec.Encoders() != before || s.Stats().Encoders != 0 {
				t.Error("nobody looks any more, and there is an encoder")
			}
		}
	})
}

func TestANewcomerBeginsWithAKeyFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t)
		s.SetSource(newCamera(320, 180))
		for i := range 3 {
			w := &tap{}
			bind(t, s, string(rune('a'+i)), w)
			time.Sleep(50 * time.Millisecond) // less than requests are folded over
			if packets := w.seen(); len(packets) == 0 || !packets[0].keyFrame {
				t.Errorf("receiver %d: of %d packets the first begins no key frame", i, len(packets))
			}
		}
	})
}

func TestAConnectionThatComesUpLateGetsAKeyFrameAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t)
		s.SetSource(newCamera(320, 180))
		w := &tap{down: true}
		bind(t, s, "a", w)
		time.Sleep(time.Second)
		w.mu.Lock()
		w.down = false
		w.mu.Unlock()
		time.Sleep(3 * frameTime)
		if n := w.keyFrames(); n != 1 {
			t.Errorf("%d key frames, want 1", n)
		}
	})
}

func TestWhoIsToldOfAPathThatHasJustComeUpBeginsWithAKeyFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t)
		s.SetSource(newCamera(320, 180))
		w := &tap{down: true}
		outlet := bind(t, s, "a", w)
		time.Sleep(3*frameTime + frameTime/2) // one was made for nobody, less long ago than requests are folded over
		w.mu.Lock()
		w.down = false
		w.mu.Unlock()
		outlet.Restart()
		time.Sleep(3 * frameTime)
		if packets := w.seen(); len(packets) == 0 || !packets[0].keyFrame || w.keyFrames() != 1 {
			t.Errorf("of %d packets the first begins no key frame, or more than one does: %d", len(packets), w.keyFrames())
		}
	})
}

func TestRequestsForKeyFramesAreFoldedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newSender(t), &tap{}
		s.SetSource(newCamera(320, 180))
		bind(t, s, "a", w)
		time.Sleep(time.Second) // the first key frame is long ago
		before := w.keyFrames()

		s.RequestKeyFrame()
		time.Sleep(2 * frameTime)
		if n := w.keyFrames() - before; n != 1 {
			t.Errorf("the first request led to %d key frames within two frames, want 1", n)
		}
		for range 10 {
			s.RequestKeyFrame()
			time.Sleep(10 * time.Millisecond)
		}
		if n := w.keyFrames() - before; n != 1 {
			t.Errorf("%d key frames after 170 ms, want still 1", n)
		}
		time.Sleep(time.Second)
		if n := w.keyFrames() - before; n != 2 {
			t.Errorf("%d key frames in all, want a second one for the requests that came too soon", n)
		}
	})
}

func TestPacketsAreWellFormed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newSender(t), &tap{}
		s.SetSource(newCamera(320, 180))
		bind(t, s, "a", w)
		time.Sleep(time.Second)
		packets := w.seen()
		if len(packets) < 60 {
			t.Fatalf("only %d packets", len(packets))
		}
		for i, p := range packets {
			if p.size > 1200 || p.size < 5 || p.PayloadType != 96 || p.SSRC != 4711 || len(p.Extensions) != 0 {
				t.Fatalf("packet %d: %d bytes, %+v", i, p.size, p.Header)
			}
			if i == 0 {
				continue
			}
			last := packets[i-1]
			if p.SequenceNumber != last.SequenceNumber+1 {
				t.Fatalf("packet %d: number %d after %d", i, p.SequenceNumber, last.SequenceNumber)
			}
			if p.start != last.Marker || (p.Timestamp != last.Timestamp) != p.start {
				t.Fatalf("packet %d: start %v, time %d, after marker %v, time %d", i, p.start, p.Timestamp, last.Marker, last.Timestamp)
			}
		}
	})
}

func TestTimestampsTellWhenPicturesWereTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newSender(t), &tap{}
		camera := newCamera(320, 180)
		camera.late = 20 * time.Millisecond
		s.SetSource(camera)
		bind(t, s, "a", w)
		time.Sleep(time.Second)
		var previous *tapped
		for _, p := range w.seen() {
			if !p.start {
				continue
			}
			if previous != nil {
				if d := p.Timestamp - previous.Timestamp; d != 2999 && d != 3000 {
					t.Fatalf("%d ticks from one picture to the next, want 3000", d)
				}
			}
			previous = &p
		}
	})
}

func TestABitRateIsChosenBySizeAndCanBeChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := video.NewSender(video.SenderConfig{})
		defer s.Close()
		camera := newCamera(320, 180)
		s.SetSource(camera)
		bind(t, s, "a", &tap{})
		rates := map[[2]int]int{}
		for _, size := range [][2]int{{160, 90}, {640, 360}, {1280, 720}} {
			camera.resize(size[0], size[1])
			time.Sleep(4 * frameTime)
			rates[size] = s.Stats().TargetBitRate
		}
		if rates[[2]int{160, 90}] >= rates[[2]int{640, 360}] || rates[[2]int{640, 360}] != 700_000 || rates[[2]int{1280, 720}] != 2_000_000 {
			t.Errorf("%v", rates)
		}
		before := s.Stats().KeyFramesEncoded
		s.SetBitRate(300_000)
		time.Sleep(4 * frameTime)
		if stats := s.Stats(); stats.TargetBitRate != 300_000 || stats.KeyFramesEncoded != before {
			t.Errorf("%d bit/s, %d further key frames", stats.TargetBitRate, stats.KeyFramesEncoded-before)
		}
	})
}

// brokenCamera gives two pictures that cannot be encoded and then ends.
type brokenCamera struct{ n int }

var errUnplugged = errors.New("unplugged")

func (c *brokenCamera) Next(context.Context) (*frame.Frame, error) {
	if c.n++; c.n > 2 {
		return nil, errUnplugged
	}
	f := frame.New(2, 2)
	f.Rect.Max.X = coded.MaxSide + 1
	return f, nil
}

func TestACameraThatFailsLeavesTheSenderReadyForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newSender(t), &tap{}
		bind(t, s, "a", w)
		s.SetSource(&brokenCamera{})
		synctest.Wait()
		if n := len(w.seen()); n != 0 {
			t.Errorf("%d packets of pictures that cannot be encoded", n)
		}
		s.SetSource(newCamera(320, 180))
		time.Sleep(time.Second)
		if n := s.Stats().FramesSent; n < 25 {
			t.Errorf("%d frames from the camera after it", n)
		}
	})
}

func TestACodecThatThePeerLacksIsRefused(t *testing.T) {
	s := newSender(t)
	_, err := s.NewOutlet().Bind(bindContext{id: "a", writer: &tap{}, codec: webrtc.MimeTypeH264})
	if !errors.Is(err, webrtc.ErrUnsupportedCodec) {
		t.Errorf("binding without VP8: %v", err)
	}
	if err := s.NewOutlet().Unbind(bindContext{id: "a"}); !errors.Is(err, webrtc.ErrUnbindFailed) {
		t.Errorf("unbinding what was not bound: %v", err)
	}
	if n := s.Stats().Receivers; n != 0 {
		t.Errorf("%d receivers", n)
	}
}

func TestAClosedSenderStaysSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newSender(t), &tap{}
		bind(t, s, "a", w)
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		s.SetSource(newCamera(320, 180))
		time.Sleep(time.Second)
		if n := len(w.seen()); n != 0 {
			t.Errorf("%d packets after Close", n)
		}
	})
}
