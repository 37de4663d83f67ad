package video_test

import (
	"io"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"parley/call/video"
	"parley/call/vpx"
	"parley/devices/frame"
)

// script is a track that plays packets as fast as they are read, and then ends.
type script struct {
	next func() []byte // nil ends
}

func (s script) Read(b []byte) (int, interceptor.Attributes, error) {
	raw := s.next()
	if raw == nil {
		return 0, nil, io.EOF
	}
	if len(raw) > len(b) {
		return copy(b, raw), nil, io.ErrShortBuffer
	}
	return copy(b, raw), nil, nil
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
		"padding":                 func(n int) []byte { return packetOf(uint16(n), 0, false) },
		"no RTP":                  func(int) []byte { return []byte("hello") },
		"too large":               func(int) []byte { return make([]byte, 9000) },
	}
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			before := heap()
			asked := 0
			var slot frame.Slot
			n := 0
			r := video.NewReceiver(video.ReceiverConfig{Out: &slot, RequestKeyFrame: func() { asked++ }, Track: script{func() []byte {
				if n++; n > packets {
					return nil
				}
				return attack(n - 1)
			}}})
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
	encoder, err := vpx.NewEncoder(width, height, 1_000_000)
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

func FuzzParsePayload(f *testing.F) {
	f.Add([]byte{0x10, 1, 2, 3})
	f.Add([]byte{0x90, 0x80, 0x81, 0x02, 9})
	f.Add([]byte{0x90, 0xf0, 0x7f, 1, 2, 3})
	f.Add([]byte{0x80, 0x80, 0x80})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		got, err := video.ParsePayload(payload)
		var other codecs.VP8Packet
		data, otherErr := other.Unmarshal(payload)
		if accepted := otherErr == nil && len(data) > 0; accepted != (err == nil) {
			t.Fatalf("we say %v, pion %d bytes and %v", err, len(data), otherErr)
		}
		if err != nil {
			return
		}
		if string(got.Data) != string(data) || got.Start != (other.S == 1 && other.PID == 0) {
			t.Errorf("we read %+v, pion %+v", got, other)
		}
		if other.I == 1 && got.PictureID != int(other.PictureID) || other.I == 0 && got.PictureID != -1 {
			t.Errorf("picture %d, pion says %d", got.PictureID, other.PictureID)
		}
	})
}

// FuzzReceiver cuts the input into packets, length first.
func FuzzReceiver(f *testing.F) {
	f.Add([]byte("\x0f" + string(packetOf(1, 1, true, 0x10, 1, 2))))
	f.Add([]byte("\x1b" + string(packetOf(1, 1, true, hugeKeyFrame...)) + "\x0d" + string(packetOf(2, 1, false, 0x10))))
	f.Fuzz(func(t *testing.T, input []byte) {
		var slot frame.Slot
		r := video.NewReceiver(video.ReceiverConfig{Out: &slot, Measure: true, RequestKeyFrame: func() {}, Track: script{func() []byte {
			if len(input) == 0 {
				return nil
			}
			n := min(int(input[0]), len(input)-1)
			raw := input[1 : 1+n : 1+n]
			input = input[1+n:]
			if raw == nil {
				raw = []byte{}
			}
			return raw
		}}})
		if err := r.Run(); err != nil {
			t.Error(err)
		}
		if s := r.Stats(); s.FramesDecoded > s.FramesReceived || s.PacketsLost < 0 {
			t.Errorf("%+v", s)
		}
		slot.Close()
	})
}
