package video_test

import (
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/call/video"
)

func TestEveryPictureArrivesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, nil)
		time.Sleep(2 * time.Second)
		c.sender.SetSource(nil)
		synctest.Wait()
		pictures := c.viewer.pictures(t)
		in, out := c.viewer.Stats(), c.sender.Stats()
		if len(pictures) < 55 || in.FramesDecoded != out.FramesSent || len(pictures) != out.FramesSent {
			t.Errorf("%d pictures shown, %d decoded, %d sent", len(pictures), in.FramesDecoded, out.FramesSent)
		}
		if in.PacketsReceived != out.PacketsSent || in.BytesReceived != out.BytesSent {
			t.Errorf("%d packets of %d bytes sent, %d of %d received", out.PacketsSent, out.BytesSent, in.PacketsReceived, in.BytesReceived)
		}
		if in.PacketsLost != 0 || in.FramesDropped != 0 || in.FreezeCount != 0 || in.PLICount != 0 {
			t.Errorf("nothing was lost, but: %+v", in)
		}
		if in.KeyFramesDecoded != 1 || out.KeyFramesEncoded != 1 {
			t.Errorf("%d key frames encoded, %d decoded, want the first one", out.KeyFramesEncoded, in.KeyFramesDecoded)
		}
		if in.FrameWidth != 320 || in.FrameHeight != 180 || out.FrameWidth != 320 || out.FrameHeight != 180 {
			t.Errorf("sent %dx%d, received %dx%d", out.FrameWidth, out.FrameHeight, in.FrameWidth, in.FrameHeight)
		}
		if out.FramesPerSecond < 28 || out.FramesPerSecond > 31 || in.FramesPerSecond != out.FramesPerSecond {
			t.Errorf("%v frames a second sent, %v decoded, want 30", out.FramesPerSecond, in.FramesPerSecond)
		}
		if in.JitterBufferEmittedCount != in.FramesDecoded || in.JitterBufferDelay != 0 {
			t.Errorf("%v waited for %d frames", in.JitterBufferDelay, in.JitterBufferEmittedCount)
		}
		c.end(t)
	})
}

// only returns a filter that loses packet number n, and hands it over for later.
func only(n int) (filter func(int, *rtp.Header, []byte) bool, lost <-chan []byte) {
	c := make(chan []byte, 1)
	return func(i int, h *rtp.Header, payload []byte) bool {
		if i == n {
			raw, _ := (&rtp.Packet{Header: *h, Payload: payload}).Marshal()
			c <- raw
		}
		return i == n
	}, c
}

func TestARepairThatComesInTimeCostsNoPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		filter, lost := only(60)
		c := newCall(t, func(w *wire) { w.drop = filter })
		packet := <-lost
		time.Sleep(150 * time.Millisecond)
		if n := c.viewer.Stats().PacketsLost; n != 1 {
			t.Errorf("%d packets are missing, want 1", n)
		}
		c.wire.deliver(packet)
		time.Sleep(time.Second)
		c.sender.SetSource(nil)
		time.Sleep(time.Second) // what is held for the sake of an even pace
		c.viewer.pictures(t)
		in := c.viewer.Stats()
		if in.FramesDecoded != c.sender.Stats().FramesSent || in.PLICount != 0 || in.PacketsLost != 0 {
			t.Errorf("of %d frames: %+v", c.sender.Stats().FramesSent, in)
		}
		if in.JitterBufferDelay < 150*time.Millisecond {
			t.Errorf("frames waited for %v in all", in.JitterBufferDelay)
		}
		c.end(t)
	})
}

func TestALossWithoutRepairLeadsToAKeyFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		filter, lost := only(60)
		c := newCall(t, func(w *wire) { w.drop = filter })
		<-lost
		gap := time.Now()
		time.Sleep(2 * time.Second)
		c.sender.SetSource(nil)
		synctest.Wait()

		asked := c.viewer.requests()
		if len(asked) != 1 || asked[0].Sub(gap) < 500*time.Millisecond || asked[0].Sub(gap) > 700*time.Millisecond {
			t.Fatalf("the loss was at %v, key frames were asked for at %v", gap, asked)
		}
		pictures := c.viewer.pictures(t)
		in := c.viewer.Stats()
		if in.PacketsLost != 1 || in.PLICount != 1 || in.KeyFramesDecoded != 2 {
			t.Errorf("%+v", in)
		}
		if in.FramesDropped < 14 || in.FramesDropped > 20 || in.FramesReceived != in.FramesDecoded+in.FramesDropped {
			t.Errorf("%d of %d frames dropped; the wait takes 17", in.FramesDropped, in.FramesReceived)
		}
		if in.FreezeCount != 1 || in.TotalFreezesDuration < 500*time.Millisecond || in.TotalFreezesDuration > 850*time.Millisecond {
			t.Errorf("%d freezes of %v together", in.FreezeCount, in.TotalFreezesDuration)
		}
		if last := pictures[len(pictures)-1]; time.Since(last.at) > 2*frameTime {
			t.Errorf("the last picture came %v ago", time.Since(last.at))
		}
		c.end(t)
	})
}

func TestAKeyFrameEndsTheWaitForARepair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		filter, lost := only(60)
		c := newCall(t, func(w *wire) { w.drop = filter })
		<-lost
		c.sender.RequestKeyFrame() // somebody else lost something too
		time.Sleep(time.Second)
		c.sender.SetSource(nil)
		synctest.Wait()
		pictures := c.viewer.pictures(t)
		for i := 1; i < len(pictures); i++ {
			if gap := pictures[i].at.Sub(pictures[i-1].at); gap > 4*frameTime {
				t.Errorf("picture %d came %v after the one before; a repair is waited for longer", i, gap)
			}
		}
		if in := c.viewer.Stats(); in.PLICount != 0 || in.KeyFramesDecoded != 2 || in.FramesDropped > 2 {
			t.Errorf("%+v", in)
		}
		c.end(t)
	})
}

func TestAKeyFrameIsAskedForWithGrowingPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, nil)
		time.Sleep(time.Second)
		// A second receiver gets the same packets, but none before now, and is not heard.
		late := newWire()
		deaf := watch(late, nil)
		c.wire.copyTo(late)
		time.Sleep(20 * time.Second)
		asked := deaf.requests()
		want := []time.Duration{0, 500, 1500, 3500, 7500, 11500, 15500, 19500}
		if len(asked) != len(want) {
			t.Fatalf("asked %d times: %v", len(asked), asked)
		}
		for i, at := range asked {
			if got := at.Sub(asked[0]); got != want[i]*time.Millisecond {
				t.Errorf("request %d came after %v, want %v", i, got, want[i]*time.Millisecond)
			}
		}
		if n := len(deaf.pictures(t)); n != 0 {
			t.Errorf("%d pictures were shown without a key frame", n)
		}
		c.end(t)
		late.close()
		<-deaf.done
	})
}

func TestABlackOutIsOneFreezeAndAPauseIfItIsLong(t *testing.T) {
	for dark, pauses := range map[time.Duration]int{3 * time.Second: 0, 6 * time.Second: 1} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now().Add(time.Second)
			c := newCall(t, func(w *wire) {
				w.drop = func(int, *rtp.Header, []byte) bool { return time.Now().After(began) && time.Since(began) < dark }
			})
			time.Sleep(dark + 3*time.Second)
			pictures, in := c.viewer.pictures(t), c.viewer.Stats()
			if in.FreezeCount != 1 || in.TotalFreezesDuration < dark || in.TotalFreezesDuration > dark+500*time.Millisecond {
				t.Errorf("%d freezes of %v together", in.FreezeCount, in.TotalFreezesDuration)
			}
			sum, squares, longest := time.Duration(0), 0.0, time.Duration(0)
			for i := 1; i < len(pictures); i++ {
				apart := pictures[i].at.Sub(pictures[i-1].at)
				sum, squares, longest = sum+apart, squares+apart.Seconds()*apart.Seconds(), max(longest, apart)
			}
			if in.TotalInterFrameDelay != sum || math.Abs(in.TotalSquaredInterFrameDelay-squares) > 1e-6 {
				t.Errorf("from picture to picture %v went by, and %v with each squared; told is %v, and %v", sum, squares, in.TotalInterFrameDelay, in.TotalSquaredInterFrameDelay)
			}
			if in.PauseCount != pauses || in.TotalPausesDuration != time.Duration(pauses)*longest {
				t.Errorf("%d pauses of %v together; the longest time between two pictures was %v", in.PauseCount, in.TotalPausesDuration, longest)
			}
			c.end(t)
		})
	}
}

func TestACameraThatWasOffIsNoFreeze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, nil)
		for range 3 {
			time.Sleep(time.Second)
			c.sender.SetSource(nil)
			time.Sleep(5 * time.Second)
			c.sender.SetSource(c.camera)
		}
		time.Sleep(time.Second)
		c.viewer.pictures(t)
		if in := c.viewer.Stats(); in.FreezeCount != 0 || in.KeyFramesDecoded != 4 {
			t.Errorf("%d freezes, %d key frames", in.FreezeCount, in.KeyFramesDecoded)
		}
		c.end(t)
	})
}

func TestPacketsOutOfOrderAndTwiceDoNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var held []byte
		var w0 *wire
		c := newCall(t, func(w *wire) {
			w0 = w
			w.drop = func(n int, h *rtp.Header, payload []byte) bool {
				raw, _ := (&rtp.Packet{Header: *h, Payload: payload}).Marshal()
				if n%5 == 1 { // goes out after the next, and twice
					held = raw
					return true
				}
				if held != nil {
					w0.deliver(raw)
					w0.deliver(held)
					w0.deliver(held)
					held = nil
					return true
				}
				return false
			}
		})
		time.Sleep(2 * time.Second)
		c.sender.SetSource(nil)
		time.Sleep(time.Second)
		c.viewer.pictures(t)
		in, sent := c.viewer.Stats(), c.sender.Stats().FramesSent
		if in.FramesDecoded < sent-1 || in.PLICount != 0 { // the very last packet may be held for ever
			t.Errorf("%d of %d frames decoded: %+v", in.FramesDecoded, sent, in)
		}
		c.end(t)
	})
}

func TestSequenceNumbersMayWrap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := -1
		c := newCall(t, func(w *wire) {
			w.edit = func(h *rtp.Header) {
				if first < 0 {
					first = int(h.SequenceNumber)
				}
				h.SequenceNumber = h.SequenceNumber - uint16(first) + 65_500
			}
		})
		time.Sleep(2 * time.Second)
		c.sender.SetSource(nil)
		synctest.Wait()
		c.viewer.pictures(t)
		in, out := c.viewer.Stats(), c.sender.Stats()
		if out.PacketsSent < 100 || in.FramesDecoded != out.FramesSent || in.PacketsLost != 0 {
			t.Errorf("%d packets, %d of %d frames decoded, %d lost", out.PacketsSent, in.FramesDecoded, out.FramesSent, in.PacketsLost)
		}
		c.end(t)
	})
}

func TestASenderThatBeginsAnewIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		shift := uint16(0)
		c := newCall(t, func(w *wire) {
			w.edit = func(h *rtp.Header) {
				mu.Lock()
				defer mu.Unlock()
				h.SequenceNumber += shift
			}
		})
		for range 3 {
			time.Sleep(time.Second)
			mu.Lock()
			shift += 30_000
			mu.Unlock()
		}
		time.Sleep(time.Second)
		pictures := c.viewer.pictures(t)
		if last := pictures[len(pictures)-1]; time.Since(last.at) > 2*frameTime {
			t.Errorf("the last picture came %v ago: %+v", time.Since(last.at), c.viewer.Stats())
		}
		if in := c.viewer.Stats(); in.PLICount != 3 {
			t.Errorf("asked for %d key frames, want 3", in.PLICount)
		}
		c.end(t)
	})
}

func TestAPictureMayChangeItsSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, nil)
		for _, size := range [][2]int{{320, 180}, {640, 360}, {176, 144}, {321, 181}} {
			c.camera.resize(size[0], size[1])
			time.Sleep(500 * time.Millisecond)
			pictures := c.viewer.pictures(t)
			if last := pictures[len(pictures)-1]; last.width != size[0] || last.height != size[1] {
				t.Errorf("%v is shown as %dx%d", size, last.width, last.height)
			}
		}
		if in := c.viewer.Stats(); in.KeyFramesDecoded != 4 || in.FramesDropped != 0 || in.PLICount != 0 {
			t.Errorf("%+v", in)
		}
		c.end(t)
	})
}

func TestALeapOfTheSequenceIsTakenForALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames, leap := 0, uint16(0)
		c := newCall(t, func(w *wire) {
			w.edit = func(h *rtp.Header) {
				h.SequenceNumber += leap
				if h.Marker {
					if frames++; frames == 30 { // so that the next frame looks whole
						leap = 1500
					}
				}
			}
		})
		time.Sleep(2 * time.Second)
		c.viewer.pictures(t)
		if in := c.viewer.Stats(); in.PLICount != 1 || in.KeyFramesDecoded != 2 || in.PacketsLost != 1500 || in.FramesDropped == 0 {
			t.Errorf("%+v", in)
		}
		c.end(t)
	})
}

func TestTheFirstPictureWaitsForNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newSender(t), newWire()
		s.SetSource(newCamera(320, 180))
		bind(t, s, "a", w)
		time.Sleep(5 * frameTime) // several wait to be read
		receivers, decoded := make(chan *video.Receiver, 1), make(chan int, 1)
		v := watchWith(video.ReceiverConfig{Track: w, OnFirstFrame: func() { decoded <- (<-receivers).Stats().FramesDecoded }})
		receivers <- v.Receiver
		if n := <-decoded; n != 1 {
			t.Errorf("%d pictures are decoded when the first is shown", n)
		}
		unbind(t, s, "a")
		w.close()
		if err := <-v.done; err != nil {
			t.Error(err)
		}
	})
}
