package audio_test

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/call/audio"
)

// mouth makes what sounds like talk to the engine: bursts of 150 ms, five out of eight blocks of the time, over a quiet background.
func mouth(loudness float64) func([]int16) {
	n := 0
	return func(samples []int16) {
		for i := range samples {
			at := n % audio.SampleRate
			amplitude := 20.0
			if at%(audio.SampleRate/4) < audio.SampleRate*15/100 {
				amplitude = loudness
			}
			samples[i] = int16(amplitude * math.Sin(2*math.Pi*220*float64(n)/audio.SampleRate))
			n++
		}
	}
}

func TestEachPacketSaysHowLoudItIs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := &call{path: newPath(steady(40 * time.Millisecond))}
		c.here.make = mouth(16384)
		c.start(t, "mouth")
		time.Sleep(10 * time.Second)
		loud, voices := 0, 0
		packets := c.wire.sent()
		for _, p := range packets[len(packets)/2:] {
			extension := p.GetExtension(levelID)
			if len(extension) != 1 {
				t.Fatalf("the level of a packet is % x", extension)
			}
			if level := extension[0] & 0x7f; level < 15 { // a sine of half the full scale has 9 dB less than the loudest
				loud++
			}
			if extension[0]&0x80 != 0 {
				voices++
			}
		}
		if n := len(packets) / 2; loud < n/2 || loud > n*3/4 || voices < n*3/4 {
			t.Errorf("of %d packets, %d are loud and %d of a voice", n, loud, voices)
		}
		if level, voice := c.receiver.Voice(); level < 0.6 || !voice {
			t.Errorf("somebody who talks loudly has a level of %v, and a voice: %v", level, voice)
		}
		c.singer.SetMuted(true)
		time.Sleep(3 * time.Second)
		if level, voice := c.receiver.Voice(); level > 0.01 || voice {
			t.Errorf("somebody who is mute has a level of %v, and a voice: %v", level, voice)
		}
	})
}

func TestAStreamThatSaysNothingOfItsLevelIsMeasured(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", func(_ int, p *rtp.Packet) time.Duration {
			p.Extension, p.Extensions = false, nil
			return 40 * time.Millisecond
		})
		time.Sleep(5 * time.Second)
		if level, voice := c.receiver.Voice(); level < 0.6 || !voice {
			t.Errorf("a song has a level of %v, and a voice: %v", level, voice)
		}
	})
}

func TestANoiseIsNoVoiceHoweverLoud(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", func(_ int, p *rtp.Packet) time.Duration {
			if err := p.SetExtension(levelID, []byte{20}); err != nil { // -20 dBov, no voice
				t.Error(err)
			}
			return 40 * time.Millisecond
		})
		time.Sleep(5 * time.Second)
		if level, voice := c.receiver.Voice(); level < 0.6 || level > 0.7 || voice {
			t.Errorf("a noise of -20 dBov has a level of %v, and a voice: %v", level, voice)
		}
	})
}
