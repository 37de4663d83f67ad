//go:build unix

package audio

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// BenchmarkTenMilliseconds is all that the engine does in ten milliseconds, with echo, noise and gain, while everybody talks, or the others
// are silent: percent is of a core, of the time that it ran, so that what else the machine does does not count.
func BenchmarkTenMilliseconds(b *testing.B) {
	for _, scene := range []struct {
		people        int
		music, silent bool
	}{{people: 0}, {people: 1}, {people: 2}, {people: 5}, {people: 5, silent: true}, {people: 1, music: true}, {people: 2, music: true}} {
		name := fmt.Sprintf("people=%d", scene.people)
		if scene.music {
			name += ",music"
		}
		if scene.silent {
			name += ",silent"
		}
		b.Run(name, func(b *testing.B) {
			c := newConversation(b, scene.people, scene.music)
			if scene.silent {
				c.said = silence(b)
			}
			for range 500 {
				c.tenMilliseconds()
			}
			b.ReportAllocs()
			began := cpuTime(b)
			for b.Loop() {
				c.tenMilliseconds()
			}
			b.ReportMetric(float64(cpuTime(b)-began)/float64(b.N)/float64(blockTime)*100, "percent")
		})
	}
}

// silence is what is encoded of 20 s of it.
func silence(b *testing.B) (packets []rtp.Packet) {
	encoder, payload := newEncoder(), make([]byte, maxPayload)
	for range 1000 {
		n, err := encoder.Encode(make([]int16, frameSize), payload)
		if err != nil {
			b.Fatal(err)
		}
		packets = append(packets, rtp.Packet{Payload: append([]byte(nil), payload[:n]...)})
	}
	return packets
}

// cpuTime is how long this program ran, on all cores together.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
