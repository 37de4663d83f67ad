package video_test

import (
	"encoding/binary"
	"io"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/coded"
	"parley/call/video"
	"parley/call/vpx"
	"parley/devices/frame"
)

// script is a track that plays packets as fast as they are read, and then ends.
type script struct {
	next   func() []byte // nil ends
	repair func() bool   // says whether the packet comes as a repair; nil says no
}

func (s script) Read(b []byte) (int, interceptor.Attributes, error) {
	raw := s.next()
	if raw == nil {
		return 0, nil, io.EOF
	}
	var attributes interceptor.Attributes
	if s.repair != nil && s.repair() {
		attributes = interceptor.Attributes{webrtc.AttributeRtxSsrc: uint32(1)}
	}
	if len(raw) > len(b) {
		return copy(b, raw), attributes, io.ErrShortBuffer
	}
	return copy(b, raw), attributes, nil
}

func (script) SetReadDeadline(time.Time) error { return nil }

func packetOf(sequence uint16, timestamp uint32, marker bool, payload ...byte) []byte {
	raw, err := (&rtp.Packet{
		Header:  rtp.Header{Version: 2, Marker: marker, PayloadType: 96, SequenceNumber: sequence, Timestamp: timestamp, SSRC: 1},
		Payload: payload,
	}).Marshal()
	if err != nil {
		panic(err)
	}
	return raw
}

// hugeKeyFrame announces 16383x16383 pixels.
var hugeKeyFrame = []byte{0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0, 0, 0, 0}

func TestAHostilePeerCostsLittleMemory(t *testing.T) {
	const packets = 30_000
	body := make([]byte, 1100) // no start, so 0x00 first
	start := append([]byte{0x10}, body...)
	attacks := map[string]func(n int) []byte{
		"a frame without end":     func(n int) []byte { return packetOf(uint16(n), 0, false, pick(n == 0, start, body)...) },
		"only beginnings":         func(n int) []byte { return packetOf(uint16(n), uint32(n), false, start...) },
		"never a key frame":       func(n int) []byte { return packetOf(uint16(n), uint32(n), true, 0x10, 0x11, 0, 0) },
		"every second one lost":   func(n int) []byte { return packetOf(uint16(2*n), uint32(n), true, start...) },
		"numbers at random":       func(n int) []byte { return packetOf(uint16(n*n*7919), uint32(n), true, start...) },
		"numbers that jump":       func(n int) []byte { return packetOf(uint16(n/2*30_000+n%2), uint32(n), true, start...) },
		"backwards":               func(n int) []byte { return packetOf(uint16(-n), uint32(-n), true, start...) },
		"absurd times":            func(n int) []byte { return packetOf(uint16(n), uint32(n)<<31, true, start...) },
		"a picture of a gigabyte": func(n int) []byte { return packetOf(uint16(n), uint32(n), true, hugeKeyFrame...) },
		"no VP8":                  func(n int) []byte { return packetOf(uint16(n), uint32(n), true, 0xff, 0xff, 0xff) },
		"one packet for ever":     func(int) []byte { return packetOf(7, 7, true, start...) },
		"every gap as wide":       func(n int) []byte { return packetOf(uint16(200*n), uint32(n), true, start...) },
		"a gap in each key frame": func(n int) []byte {
			return packetOf(uint16(n+n/3), uint32(n/3), n%3 == 2, pick(n%3 == 0, start, body)...)
		},
		"padding":   func(n int) []byte { return packetOf(uint16(n), 0, false) },
		"no RTP":    func(int) []byte { return []byte("hello") },
		"too large": func(int) []byte { return make([]byte, 9000) },
	}
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			before := heap()
			asked, requests := 0, 0
			var slot frame.Slot
			n := 0
			r := video.NewReceiver(video.ReceiverConfig{
				Out: &slot, RequestKeyFrame: func() { asked++ }, RequestRepair: func([]uint16) { requests++ },
				Track: script{func() []byte {
					if n++; n > packets {
						return nil
					}
					return attack(n - 1)
				}, func() bool { return n%5 == 0 }},
			})
			began := time.Now()
			if err := r.Run(); err != nil {
				t.Error(err)
			}
			if grown := heap() - before; grown > 8<<20 {
				t.Errorf("the heap grew by %d KiB", grown>>10)
			}
			if slot.Take() != nil {
				t.Error("a picture was shown")
			}
			if asked > 50 {
				t.Errorf("it made us ask %d times for key frames", asked)
			}
			// 200 messages a second, whatever the peer sends.
			if most := 1 + int(time.Since(began)/(5*time.Millisecond)); requests > most {
				t.Errorf("it made us ask %d times for packets, more than %d", requests, most)
			}
			runtime.KeepAlive(r)
		})
	}
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// heap returns how many bytes are in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestAPictureIsShownAgainAfterAnAttack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A stray that is a little ahead of the stream may stand for a loss; these are far from it, wherever the sender began.
		first, begun := uint16(0), false
		c := newCall(t, func(w *wire) {
			w.edit = func(h *rtp.Header) {
				if !begun {
					first, begun = h.SequenceNumber, true
				}
				h.SequenceNumber += 20_000 - first
			}
		})
		for i, attack := range [][]byte{
			packetOf(1, 2, true, hugeKeyFrame...), packetOf(40_000, 3, false, 0x10, 0), []byte("hello"), packetOf(9, 9, true, 0xff),
		} {
			time.Sleep(time.Second)
			for range 100 {
				c.wire.deliver(attack)
			}
			time.Sleep(time.Second)
			pictures := c.viewer.pictures(t)
			if last := pictures[len(pictures)-1]; time.Since(last.at) > 2*frameTime {
				t.Errorf("attack %d: the last picture came %v ago", i, time.Since(last.at))
			}
		}
		c.end(t)
	})
}

func TestAPeerCannotMakeUsDecodeWithoutEnd(t *testing.T) {
	const width, height = 4096, 2304
	encoder, err := vpx.VP8.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	empty, err := encoder.Encode(frame.New(width, height).YCbCr, 0, true) // much work in few bytes
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		v := watch(w, nil)
		sequence := uint16(0)
		for n := range 40 { // the clock of the bubble stands still
			for i, piece := range slices.Collect(slices.Chunk(empty.Data, 1000)) {
				last := (i+1)*1000 >= len(empty.Data)
				w.deliver(packetOf(sequence, uint32(n), last, append([]byte{pick[byte](i == 0, 0x10, 0)}, piece...)...))
				sequence++
			}
			synctest.Wait()
		}
		if n := v.Stats().FramesDecoded; n < 1 || n > 26 {
			t.Errorf("%d pictures of 9 megapixels decoded in no time", n)
		}
		w.close()
		<-v.done
	})
}

// A frame of VP9 may hold another one, which is as much work.
func TestAFrameThatGoesAlongUnseenIsWorkToo(t *testing.T) {
	const width, height = 4096, 2304
	vp9 := named(t, "VP9")[0]
	encoder, err := vp9.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	empty, err := encoder.Encode(frame.New(width, height).YCbCr, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	const marker = 6<<5 | 3<<3 | 1 // two frames, their sizes in four bytes each
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(empty.Data)))
	both := slices.Concat(empty.Data, empty.Data, []byte{marker}, size, size, []byte{marker})
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		v := watch(w, nil)
		sequence := uint16(0)
		for n := range 40 { // the clock of the bubble stands still
			for i, piece := range slices.Collect(slices.Chunk(both, 1000)) {
				last := (i+1)*1000 >= len(both)
				raw := packetOf(sequence, uint32(n), last, append([]byte{pick[byte](i == 0, 0x08, 0) | pick[byte](last, 0x04, 0)}, piece...)...)
				raw[1] = raw[1]&0x80 | vp9.PayloadType
				w.deliver(raw)
				sequence++
			}
			synctest.Wait()
		}
		if n := v.Stats().FramesDecoded; n < 1 || n > 13 {
			t.Errorf("%d times two pictures of 9 megapixels decoded in no time", n)
		}
		w.close()
		<-v.done
	})
}

func TestAbsurdTimestampsHoldNoPictureForLong(t *testing.T) {
	encoder, err := vpx.VP8.NewEncoder(coded.Settings{Width: 64, Height: 64, BitRate: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	key, err := encoder.Encode(frame.New(64, 64).YCbCr, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	for name, stamp := range map[string]func(n int) uint32{
		"at random":       func(n int) uint32 { return uint32(n*n*n) * 2654435761 },
		"backwards":       func(n int) uint32 { return uint32(-3000 * n) },
		"standing still":  func(int) uint32 { return 5 },
		"much too fast":   func(n int) uint32 { return uint32(n * 80_000) },
		"much too slow":   func(n int) uint32 { return uint32(n) },
		"to and fro":      func(n int) uint32 { return uint32(n*3000 + n%2*240_000) },
		"leaping at last": func(n int) uint32 { return uint32(n*3000 + n/50*200_000) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var slot frame.Slot
				w := newWire()
				r := video.NewReceiver(video.ReceiverConfig{Track: w, Out: &slot, RequestKeyFrame: func() {}})
				done := make(chan error)
				go func() { done <- r.Run() }()
				last := time.Now()
				for n := range 300 {
					w.deliver(packetOf(uint16(n), stamp(n), true, append([]byte{0x10}, key.Data...)...))
					time.Sleep(frameTime)
					if f := slot.Take(); f != nil {
						f.Release()
						last = time.Now()
					}
					if since := time.Since(last); since > time.Second {
						t.Fatalf("no picture for %v", since)
					}
				}
				w.close()
				<-done
				slot.Close()
			})
		})
	}
}

// FuzzReceiver cuts the input into packets, length first.
func FuzzReceiver(f *testing.F) {
	f.Add([]byte("\x0f" + string(packetOf(1, 1, true, 0x10, 1, 2))))
	f.Add([]byte("\x1b" + string(packetOf(1, 1, true, hugeKeyFrame...)) + "\x0d" + string(packetOf(2, 1, false, 0x10))))
	f.Fuzz(func(t *testing.T, input []byte) {
		var slot frame.Slot
		repair := false
		ask := func(missing []uint16) {
			for i := 1; i < len(missing); i++ {
				if int16(missing[i]-missing[i-1]) <= 0 {
					t.Errorf("asked for %v", missing)
				}
			}
		}
		cfg := video.ReceiverConfig{Out: &slot, Measure: true, RequestKeyFrame: func() {}, RequestRepair: ask}
		cfg.Track = script{func() []byte {
			if len(input) == 0 {
				return nil
			}
			n := min(int(input[0]), len(input)-1)
			raw := input[1 : 1+n : 1+n]
			input = input[1+n:]
			if raw == nil {
				raw = []byte{}
			}
			repair = len(raw) > 0 && raw[len(raw)-1]&1 == 1
			return raw
		}, func() bool { return repair }}
		r := video.NewReceiver(cfg)
		if err := r.Run(); err != nil {
			t.Error(err)
		}
		if s := r.Stats(); s.FramesDecoded > s.FramesReceived || s.PacketsLost < 0 || s.FramesDropped < 0 ||
			s.RetransmittedPacketsReceived+s.PacketsDiscarded > 2*s.PacketsReceived {
			t.Errorf("%+v", s)
		}
		slot.Close()
	})
}
