package audio_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/call/audio"
)

// share is the part of all samples since before that was made up for want of a packet.
func share(before, after audio.ReceiverStats) float64 {
	return float64(after.ConcealedSamples-before.ConcealedSamples) / float64(after.TotalSamplesReceived-before.TotalSamplesReceived)
}

func meanWait(before, after audio.ReceiverStats) time.Duration {
	seconds := (after.JitterBufferDelay - before.JitterBufferDelay) / float64(after.JitterBufferEmittedCount-before.JitterBufferEmittedCount)
	return time.Duration(seconds * float64(time.Second))
}

func TestASongIsHeardInOrderOverASteadyPath(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", steady(30*time.Millisecond))
		time.Sleep(10 * time.Second)
		if n := c.inOrder(1); n < 48 {
			t.Errorf("of 50 tones, %d in a row were heard", n)
		}
		stats := c.receiver.Stats()
		if stats.ConcealedSamples > 0 || stats.PacketsLost != 0 || stats.PacketsDiscarded != 0 {
			t.Errorf("a steady path was not enough: %+v", stats)
		}
		time.Sleep(10 * time.Second)
		if wait := meanWait(stats, c.receiver.Stats()); wait > 35*time.Millisecond {
			t.Errorf("packets waited for %v without need", wait)
		}
	})
}

func TestJitterAndReorderingAreHidden(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dice := dice(1)
		c := newCall(t, "2", func(int, *rtp.Packet) time.Duration {
			return time.Duration(30+dice.IntN(90)) * time.Millisecond
		})
		time.Sleep(3 * time.Second)
		c.there.heard()
		before := c.receiver.Stats()
		time.Sleep(20 * time.Second)
		after := c.receiver.Stats()
		if n := c.inOrder(2); n < 95 {
			t.Errorf("of 100 tones, %d in a row were heard", n)
		}
		if s := share(before, after); s > 0.02 {
			t.Errorf("%.1f %% of the sound was made up, though all packets came", 100*s)
		}
		if after.Jitter < 0.01 || after.Jitter > 0.05 {
			t.Errorf("a jitter of %v s is told for packets that vary by 90 ms", after.Jitter)
		}
	})
}

func TestTheWaitGrowsWithJitterAndShrinksAfterIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dice := dice(2)
		var rough atomic.Bool
		c := newCall(t, "0", func(int, *rtp.Packet) time.Duration {
			if rough.Load() {
				return time.Duration(dice.IntN(200)) * time.Millisecond
			}
			return 20 * time.Millisecond
		})
		var waits [3]time.Duration
		for i := range waits {
			rough.Store(i == 1)
			time.Sleep(25 * time.Second)
			before := c.receiver.Stats()
			time.Sleep(5 * time.Second)
			waits[i] = meanWait(before, c.receiver.Stats())
		}
		if waits[0] > 50*time.Millisecond || waits[1] < 70*time.Millisecond || waits[2] > 60*time.Millisecond {
			t.Errorf("calm, rough and calm again, packets waited for %v", waits)
		}
		stats := c.receiver.Stats()
		if stats.RemovedSamplesForAcceleration == 0 {
			t.Error("the wait shrank, and no sample was taken out")
		}
	})
}

func TestTheWaitIsMeantToBe20To400MillisecondsWhateverThePathDoes(t *testing.T) {
	for name, jitter := range map[string]int{"even": 1, "two seconds of jitter": 2000} { // ms
		bubble(t, func(t *testing.T) {
			dice := dice(4)
			c := newCall(t, "0", func(int, *rtp.Packet) time.Duration { return time.Duration(dice.IntN(jitter)) * time.Millisecond })
			time.Sleep(30 * time.Second)
			before := c.receiver.Stats()
			time.Sleep(10 * time.Second)
			after := c.receiver.Stats()
			emitted := after.JitterBufferEmittedCount - before.JitterBufferEmittedCount
			meant := (after.JitterBufferTargetDelay - before.JitterBufferTargetDelay) / float64(emitted)
			if emitted == 0 || meant < 0.0199 || meant > 0.4001 || jitter > 1 && meant < 0.3 {
				t.Errorf("%s: of %d samples, each was to wait for %.3f s", name, emitted, meant)
			}
		})
	}
}

// What is meant is the wait of the fastest packet, so that each waits for as much less as it took longer.
func TestWhatSoundWaitedIsToldForEachSample(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dice := dice(5)
		c := newCall(t, "0", func(int, *rtp.Packet) time.Duration { return time.Duration(30+dice.IntN(80)) * time.Millisecond })
		const usual = 40 * time.Millisecond // that packets take longer than the fastest, in the mean
		time.Sleep(20 * time.Second)
		before := c.receiver.Stats()
		time.Sleep(10 * time.Second)
		after := c.receiver.Stats()
		emitted := after.JitterBufferEmittedCount - before.JitterBufferEmittedCount
		if emitted < 475_000 || emitted > 485_000 {
			t.Errorf("%d samples were played in ten seconds", emitted)
		}
		meant := time.Duration((after.JitterBufferTargetDelay - before.JitterBufferTargetDelay) / float64(emitted) * float64(time.Second))
		waited := meanWait(before, after)
		if off := meant - usual - waited; off.Abs() > 5*time.Millisecond || meant < 75*time.Millisecond || meant > 95*time.Millisecond {
			t.Errorf("with a jitter of 80 ms, it is told that they waited for %v, and were to wait for %v", waited, meant)
		}
	})
}

func TestALostPacketIsRestoredFromTheNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dice := dice(3)
		c := newCall(t, "3", func(int, *rtp.Packet) time.Duration {
			if dice.IntN(100) < 10 {
				return never
			}
			return 40 * time.Millisecond
		})
		c.wire.feed.SetLoss(0.2)
		time.Sleep(30 * time.Second)
		if n := c.inOrder(3); n < 140 {
			t.Errorf("of 150 tones, %d in a row were heard", n)
		}
		stats := c.receiver.Stats()
		lost := float64(stats.PacketsLost) / float64(stats.PacketsReceived)
		if lost < 0.08 || lost > 0.15 {
			t.Errorf("%d packets are told as lost of %d, want 10 %%", stats.PacketsLost, stats.PacketsReceived)
		}
		if stats.FECSamples < stats.ConcealedSamples {
			t.Errorf("only %d samples were restored, and %d made up", stats.FECSamples, stats.ConcealedSamples)
		}
	})
}

func TestABurstOfLossIsConcealedAndCounted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", func(n int, _ *rtp.Packet) time.Duration {
			if n%250 >= 245 { // 100 ms in 5 s
				return never
			}
			return 40 * time.Millisecond
		})
		time.Sleep(20 * time.Second)
		if n := c.inOrder(0); n < 95 {
			t.Errorf("of 100 tones, %d in a row were heard", n)
		}
		stats := c.receiver.Stats()
		if stats.ConcealmentEvents < 3 || stats.ConcealmentEvents > 5 {
			t.Errorf("%d bursts are told, there were 4", stats.ConcealmentEvents)
		}
		if want := uint64(3 * 4 * 960); stats.ConcealedSamples < want || stats.ConcealedSamples > 2*want {
			t.Errorf("%d samples were made up for 4 bursts of 100 ms", stats.ConcealedSamples)
		}
	})
}

func TestPacketsThatComeTwiceArePlayedOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := call{path: newPath(steady(40 * time.Millisecond))}
		c.path.twice = true
		c.start(t, "1")
		time.Sleep(10 * time.Second)
		if n := c.inOrder(1); n < 48 {
			t.Errorf("of 50 tones, %d in a row were heard", n)
		}
		stats := c.receiver.Stats()
		if stats.PacketsDiscarded < 490 || stats.ConcealedSamples > 0 {
			t.Errorf("500 packets came twice: %+v", stats)
		}
	})
}

func TestAnOutageIsOverWhenPacketsComeAgain(t *testing.T) {
	for name, late := range map[string]bool{"packets lost": false, "packets held back": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				start := time.Now()
				c := newCall(t, "2", func(int, *rtp.Packet) time.Duration {
					at := time.Since(start)
					switch {
					case at < 5*time.Second || at > 7*time.Second:
						return 40 * time.Millisecond
					case late:
						return 7*time.Second + 40*time.Millisecond - at
					}
					return never
				})
				time.Sleep(8 * time.Second)
				c.there.heard()
				before := c.receiver.Stats()
				time.Sleep(10 * time.Second)
				after := c.receiver.Stats()
				if n := c.inOrder(2); n < 48 {
					t.Errorf("of the 50 tones after it, %d in a row were heard", n)
				}
				if wait := meanWait(before, after); wait > 80*time.Millisecond {
					t.Errorf("packets waited for %v after it", wait)
				}
				if silent := after.SilentConcealedSamples; silent < audio.SampleRate || silent > 2*audio.SampleRate {
					t.Errorf("%d silent samples are told, want those of 2 s but for the sound that was held", silent)
				}
			})
		})
	}
}

func TestASenderMayStartAfresh(t *testing.T) {
	for name, change := range map[string]func(*rtp.Packet){
		"with other timestamps":       func(p *rtp.Packet) { p.Timestamp += 1 << 30 },
		"with earlier timestamps":     func(p *rtp.Packet) { p.Timestamp -= 1 << 28 },
		"with other sequence numbers": func(p *rtp.Packet) { p.SequenceNumber += 20000 },
		"as another source":           func(p *rtp.Packet) { p.SSRC++; p.Timestamp += 12345678; p.SequenceNumber -= 4000 },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := newCall(t, "1", func(n int, p *rtp.Packet) time.Duration {
					if n >= 250 {
						change(p)
					}
					return 40 * time.Millisecond
				})
				time.Sleep(10 * time.Second)
				if n := c.inOrder(1); n < 47 {
					t.Errorf("of 50 tones, %d in a row were heard", n)
				}
				if lost := c.receiver.Stats().PacketsLost; lost != 0 {
					t.Errorf("%d packets are told as lost, none was", lost)
				}
			})
		})
	}
}

func TestStrayTimestampsDontStopTheSound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dice := dice(4)
		c := newCall(t, "0", func(n int, p *rtp.Packet) time.Duration {
			if n%10 == 9 {
				p.Timestamp = dice.Uint32()
			}
			return 40 * time.Millisecond
		})
		time.Sleep(10 * time.Second)
		if n := c.inOrder(0); n < 47 {
			t.Errorf("of 50 tones, %d in a row were heard", n)
		}
	})
}

func TestAListenerMayComeLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var c call
		c.singer = c.here.engine(t)
		if err := c.singer.SetMicrophone("3"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		c.listener, c.path = c.there.listener(t), newPath(steady(40*time.Millisecond))
		c.wire = tap(t, c.singer, c.path)
		c.receiver = c.listener.Receive(c.path, 0)
		time.Sleep(5 * time.Second)
		if n := c.inOrder(3); n < 23 {
			t.Errorf("of 25 tones, %d in a row were heard", n)
		}
		if stats := c.receiver.Stats(); stats.PacketsLost != 0 || stats.ConcealedSamples > 0 {
			t.Errorf("what was sent before counts as lost: %+v", stats)
		}
	})
}

func TestAClockThatDriftsIsFollowed(t *testing.T) {
	for name, slow := range map[string]time.Duration{"slow": 20 * time.Microsecond, "fast": -20 * time.Microsecond} { // 2000 ppm
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := call{path: newPath(steady(40 * time.Millisecond))}
				c.here.slow = slow
				c.start(t, "0")
				time.Sleep(40 * time.Second)
				c.there.heard()
				before := c.receiver.Stats()
				time.Sleep(40 * time.Second) // 80 ms of drift
				after := c.receiver.Stats()
				if wait := meanWait(before, after); wait < 15*time.Millisecond || wait > 60*time.Millisecond {
					t.Errorf("after a minute, packets wait for %v", wait)
				}
				if s := share(before, after); s > 0.001 {
					t.Errorf("%.2f %% of the sound was made up", 100*s)
				}
				if n := c.inOrder(0); n < 195 {
					t.Errorf("of 200 tones, %d in a row were heard", n)
				}
			})
		})
	}
}

func TestASpeakerThatAsksForMuchAtOnceIsServed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := call{path: newPath(steady(40 * time.Millisecond))}
		c.there.gulp = 5 // 50 ms
		c.start(t, "2")
		time.Sleep(5 * time.Second)
		c.there.heard()
		before := c.receiver.Stats()
		time.Sleep(20 * time.Second)
		if n := c.inOrder(2); n < 97 {
			t.Errorf("of 100 tones, %d in a row were heard", n)
		}
		if s := share(before, c.receiver.Stats()); s > 0.005 {
			t.Errorf("%.2f %% of the sound was made up", 100*s)
		}
	})
}

func TestAPauseIsNotTakenForLossThoughItsAnnouncementIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", func(_ int, p *rtp.Packet) time.Duration {
			if last := len(p.Payload) == 1; last && p.SequenceNumber%2 == 0 {
				return never
			}
			return 40 * time.Millisecond
		})
		for range 20 {
			time.Sleep(time.Second)
			c.singer.SetMuted(true)
			time.Sleep(1033 * time.Millisecond)
			c.singer.SetMuted(false)
		}
		stats := c.receiver.Stats()
		if most := uint64(20 * 2 * 960); stats.ConcealedSamples > most {
			t.Errorf("%d samples of pauses count as concealed", stats.ConcealedSamples)
		}
		if stats.PacketsLost < 10 {
			t.Errorf("%d announcements were lost", stats.PacketsLost)
		}
	})
}
