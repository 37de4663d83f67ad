package audio

import (
	"fmt"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/call/apm/roomtest"
)

// conversation is an engine with everything in it but devices and goroutines, which the test stands in for: so its time is the test's.
type conversation struct {
	engine  *Engine
	talk    []block // that the microphone hears, over and over
	said    []rtp.Packet
	people  []*Receiver
	session session
	now     time.Time
	blocks  int
	block   block
	packet  rtp.Packet
	out     [BlockSize]int16
}

// newConversation lets so many people talk, all at once, and the microphone too.
func newConversation(t testing.TB, people int) *conversation {
	t.Helper()
	c := &conversation{engine: NewEngine(Config{Logger: slog.New(slog.DiscardHandler)}), now: time.Now()}
	t.Cleanup(func() { _ = c.engine.Close() })
	c.session.fast.store(100e-6)
	speech := roomtest.Speech(20, 1)
	encoder, frame, payload := newEncoder(), make([]int16, frameSize), make([]byte, maxPayload)
	for at := 0; at+frameSize <= len(speech); at += frameSize {
		for i := range frame {
			frame[i] = int16(max(-32768, min(32767, math.Round(speech[at+i]))))
		}
		for half := range 2 {
			b := block{hardware: true}
			copy(b.samples[:], frame[half*BlockSize:])
			c.talk = append(c.talk, b)
		}
		n, err := encoder.Encode(frame, payload)
		if err != nil {
			t.Fatal(err)
		}
		c.said = append(c.said, rtp.Packet{Payload: append([]byte(nil), payload[:n]...)})
	}
	for range people {
		r := newReceiver(c.engine, nil, 0)
		c.engine.mixer.add(r, nil)
		c.people = append(c.people, r)
	}
	return c
}

// tenMilliseconds is all that happens in that time.
func (c *conversation) tenMilliseconds() {
	c.now = c.now.Add(blockTime)
	s := c.engine.sender
	c.block = c.talk[c.blocks%len(c.talk)]
	c.block.captured = c.now
	s.process(&c.block)
	if c.blocks%2 == 0 {
		n := c.blocks / 2
		c.packet = c.said[n%len(c.said)]
		c.packet.SequenceNumber, c.packet.Timestamp = uint16(n), uint32(n*frameSize)
		if !endsSpurt(c.packet.Payload) {
			for _, r := range c.people {
				r.push(&c.packet, c.now)
			}
		}
	}
	c.engine.mixer.mix(c.out[:], c.now)
	c.engine.clean.render(c.out[:], c.session.fast.load())
	c.blocks++
}

// BenchmarkTenMilliseconds is all that the engine does in ten milliseconds, with echo, noise and gain, while everybody talks:
// percent is of a core, as devices ask for it.
func BenchmarkTenMilliseconds(b *testing.B) {
	for _, people := range []int{0, 1, 2, 5} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			c := newConversation(b, people)
			for range 500 {
				c.tenMilliseconds()
			}
			b.ReportAllocs()
			for b.Loop() {
				c.tenMilliseconds()
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(blockTime)*100, "percent")
		})
	}
}

func TestNothingIsAllocatedWhileSoundGoesThrough(t *testing.T) {
	c := newConversation(t, 2)
	c.engine.Play(make([]int16, 100*SampleRate))
	for range 500 {
		c.tenMilliseconds()
	}
	if n := testing.AllocsPerRun(1000, c.tenMilliseconds); n != 0 {
		t.Errorf("%v allocations in ten milliseconds", n)
	}
}

func TestNothingIsAllocatedOnTheDevicesThreads(t *testing.T) {
	c := newConversation(t, 1)
	microphone, speaker := &session{start: c.now, hardware: true}, &session{start: c.now, hardware: true}
	c.engine.inlet.swap(microphone)
	c.engine.outlet.swap(speaker)
	n := testing.AllocsPerRun(1000, func() {
		c.now = c.now.Add(blockTime)
		microphone.alive()
		c.engine.inlet.put(microphone, c.talk[0].samples[:], c.now, false)
		speaker.alive()
		c.engine.outlet.fill(speaker, c.out[:])
	})
	if n != 0 {
		t.Errorf("%v allocations in ten milliseconds", n)
	}
}
