package audio

import (
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
	sent    uint16 // packets, of each person
	ended   int    // times in a row that no sound was said to follow
	block   block
	packet  rtp.Packet
	out     [Channels * BlockSize]int16
}

// newConversation lets so many people talk, all at once, and the microphone too; or make music.
func newConversation(t testing.TB, people int, music bool) *conversation {
	t.Helper()
	c := &conversation{engine: NewEngine(Config{Logger: slog.New(slog.DiscardHandler)}), now: time.Now()}
	t.Cleanup(func() { _ = c.engine.Close() })
	c.session.hardware = true
	c.session.fast.store(100e-6)
	speech := roomtest.Speech(20, 1)
	encoder, frame, payload := newEncoder(), make([]int16, frameSize), make([]byte, maxPayload)
	if music {
		encoder = newMusicEncoder()
		c.engine.SetMusic(true)
	}
	for at := 0; at+frameSize <= len(speech); at += frameSize {
		for i := range frame {
			frame[i] = int16(max(-32768, min(32767, math.Round(speech[at+i]))))
		}
		for half := range 2 {
			b := block{hardware: true}
			toBoth(b.samples[:], frame[half*BlockSize:][:BlockSize])
			c.talk = append(c.talk, b)
		}
		pcm := frame
		if music {
			pcm = stereo(frame)
		}
		n, err := encoder.Encode(pcm, payload)
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
		c.packet.SequenceNumber, c.packet.Timestamp = c.sent, uint32(n*frameSize)
		if c.ended++; !endsSpurt(c.packet.Payload) {
			c.ended = 0
		}
		if c.ended <= endings { // as a sender does
			for _, r := range c.people {
				r.push(&c.packet, c.now)
			}
			c.sent++
		}
	}
	c.engine.mix(c.out[:], &c.session, c.now)
	c.blocks++
}

func TestNothingIsAllocatedWhileSoundGoesThrough(t *testing.T) {
	for _, music := range []bool{false, true} {
		c := newConversation(t, 2, music)
		c.engine.Play(make([]int16, 100*SampleRate))
		for range 500 {
			c.tenMilliseconds()
		}
		if n := testing.AllocsPerRun(1000, c.tenMilliseconds); n != 0 {
			t.Errorf("music %v: %v allocations in ten milliseconds", music, n)
		}
	}
}

func TestNothingIsAllocatedOnTheDevicesThreads(t *testing.T) {
	c := newConversation(t, 1, false)
	microphone, speaker := &session{hardware: true}, &session{hardware: true}
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
