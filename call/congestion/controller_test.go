package congestion_test

import (
	"testing"
	"time"

	"github.com/pion/rtcp"

	"parley/call/congestion"
)

func TestAPathOf500KilobitsIsUsedAndItsQueueStaysShort(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, always(500_000))
		f := newFlow(seed, l, 2_000_000)
		run(0, 5*time.Second, f)
		l.bytes, l.longest, l.dropped = 0, 0, 0
		run(5*time.Second, 30*time.Second, f)
		if used := float64(8*l.bytes) / 25 / 500_000; used < 0.8 {
			t.Errorf("seed %d: %.0f %% of the path is used", seed, 100*used)
		}
		if l.longest > 150*time.Millisecond || l.dropped > 0 {
			t.Errorf("seed %d: the queue grew to %v, %d packets were dropped", seed, l.longest, l.dropped)
		}
	})
}

func TestAPathThatShrinksAndGrowsAgainIsFollowed(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		down, up := 15*time.Second, 35*time.Second
		l := newLink(seed, func(now time.Duration) float64 {
			if now >= down && now < up {
				return 300_000
			}
			return 3_000_000
		})
		f := newFlow(seed, l, 4_000_000)
		run(0, 5*time.Second, f)
		if mean := run(5*time.Second, down, f)[0]; mean < 2_300_000 || mean > 3_300_000 {
			t.Errorf("seed %d: at 3 Mbit/s: %.0f", seed, mean)
		}
		l.deaf = 0
		run(down, down+3*time.Second, f)
		if l.deaf > 50 { // of 150 in three seconds, from ten times what the path bears
			t.Errorf("seed %d: %d packets of sound were dropped", seed, l.deaf)
		}
		l.longest, l.dropped = 0, 0
		if mean := run(down+3*time.Second, up, f)[0]; mean < 220_000 || mean > 330_000 {
			t.Errorf("seed %d: at 300 kbit/s: %.0f", seed, mean)
		}
		if l.longest > 200*time.Millisecond || l.dropped > 0 {
			t.Errorf("seed %d: the queue grew to %v, %d packets were dropped", seed, l.longest, l.dropped)
		}
		run(up, up+10*time.Second, f)
		if mean := run(up+10*time.Second, up+20*time.Second, f)[0]; mean < 2_300_000 || mean > 3_300_000 {
			t.Errorf("seed %d: back at 3 Mbit/s: %.0f", seed, mean)
		}
	})
}

func TestTheRateOfAnIdlePathDoesNotOutgrowWhatAProbeFoundItToCarry(t *testing.T) {
	const narrow, fell, tries = 300_000, 10 * time.Second, 5
	mean := 0.0
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, func(now time.Duration) float64 {
			if now < fell {
				return 3_000_000
			}
			return narrow
		})
		f := newFlow(seed, l, 4_000_000)
		run(0, fell+time.Second, f)
		f.most = 110_000 // a small picture is all that is made for a while,
		run(fell+time.Second, 25*time.Second, f)
		mean += run(25*time.Second, 30*time.Second, f)[0] / tries
		f.most = 4_000_000 // then a large one, which takes what there is
		l.longest = 0
		run(30*time.Second, 40*time.Second, f)
		if l.longest > 150*time.Millisecond {
			t.Errorf("seed %d: the queue grew to %v", seed, l.longest)
		}
	})
	if mean > 1.05*narrow || mean < 0.7*narrow {
		t.Errorf("%.0f bit/s in the mean, of a path of %d", mean, narrow)
	}
}

func TestLossThatThePathHasAtAnyRateDoesNotLowerIt(t *testing.T) {
	for _, loss := range []float64{0.05, 0.20} {
		seeds(t, func(t *testing.T, seed uint64) {
			l := newLink(seed, nil)
			l.loss, l.jitter = loss, 10*time.Millisecond
			f := newFlow(seed, l, 1_000_000)
			f.lossBack = loss
			run(0, 5*time.Second, f)
			if mean := run(5*time.Second, 60*time.Second, f)[0]; mean < 900_000 {
				t.Errorf("seed %d: at %.0f %% loss: %.0f bit/s", seed, 100*loss, mean)
			}
			for i, target := range f.targets[20:] {
				if target < 400_000 {
					t.Errorf("seed %d: at %.0f %% loss: %.0f bit/s after %d ms", seed, 100*loss, target, 100*i)
					break
				}
			}
		})
	}
}

// A policer drops what is over its rate, and lets nothing queue.
func TestLossThatComesOfTheRateLowersIt(t *testing.T) {
	for _, police := range []float64{300_000, 600_000, 1_000_000, 1_500_000} {
		seeds(t, func(t *testing.T, seed uint64) {
			l := newLink(seed, nil)
			f := newFlow(seed, l, 2_000_000)
			l.police = police
			run(0, 10*time.Second, f)
			before, bytes := l.droppedBytes, l.bytes
			if mean := run(10*time.Second, 60*time.Second, f)[0]; mean < 0.67*police || mean > 1.33*police {
				t.Errorf("seed %d: %.0f bit/s of %.0f", seed, mean, police)
			}
			dropped := l.droppedBytes - before
			if share := float64(dropped) / float64(dropped+l.bytes-bytes); share > 0.12 {
				t.Errorf("seed %d: %.1f %% is lost of %.0f bit/s", seed, 100*share, police)
			}
		})
	}
}

func TestJitterIsNotTakenForAQueue(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, nil)
		l.jitter = 40 * time.Millisecond
		f := newFlow(seed, l, 1_500_000)
		run(0, 5*time.Second, f)
		if mean := run(5*time.Second, 60*time.Second, f)[0]; mean < 1_400_000 {
			t.Errorf("seed %d: %.0f bit/s", seed, mean)
		}
	})
}

// While nobody speaks a small picture may be all that is sent, of a packet each 33 ms. The fewer there are, the later is the first of those of a moment.
func TestJitterIsNotTakenForAQueueWhereLittleIsSent(t *testing.T) {
	for _, jitter := range []time.Duration{40 * time.Millisecond, 60 * time.Millisecond} {
		seeds(t, func(t *testing.T, seed uint64) {
			l := newLink(seed, nil)
			l.jitter = jitter
			f := newFlow(seed, l, 250_000)
			f.silent, f.period = true, 50*time.Millisecond
			run(0, 5*time.Second, f)
			for at := 5 * time.Second; at < 65*time.Second; at += 10 * time.Second {
				if mean := run(at, at+10*time.Second, f)[0]; mean < 250_000 {
					t.Errorf("jitter of %v, seed %d: after %v, %.0f bit/s where 250,000 could be used", jitter, seed, at, mean)
				}
			}
		})
	}
}

func TestAWidePathIsKnownSoonAfterTheStart(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, always(20_000_000))
		f := newFlow(seed, l, 2_500_000)
		run(0, 1500*time.Millisecond, f)
		if last := f.targets[len(f.targets)-1]; last < 2_500_000 {
			t.Errorf("seed %d: %.0f bit/s after 1.5 s", seed, last)
		}
	})
}

func TestTwoFlowsShareALink(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, always(2_000_000))
		first, second := newFlow(seed, l, 2_500_000), newFlow(seed+100, l, 2_500_000)
		run(0, 10*time.Second, first)
		run(10*time.Second, 40*time.Second, first, second)
		means := run(40*time.Second, 120*time.Second, first, second)
		for i, mean := range means {
			if mean < 500_000 {
				t.Errorf("seed %d: flow %d has %.0f bit/s of %.0f", seed, i, mean, means)
			}
		}
		if sum := means[0] + means[1]; sum < 1_500_000 || sum > 2_200_000 {
			t.Errorf("seed %d: together %.0f bit/s of 2,000,000", seed, sum)
		}
	})
}

func TestAPathThatBecomesLongerIsNotTakenForAQueueForLong(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, nil)
		f := newFlow(seed, l, 1_000_000)
		run(0, 10*time.Second, f)
		l.delay += 120 * time.Millisecond
		run(10*time.Second, 20*time.Second, f)
		if mean := run(20*time.Second, 30*time.Second, f)[0]; mean < 900_000 {
			t.Errorf("seed %d: %.0f bit/s", seed, mean)
		}
	})
}

func TestAPathThatWasBlackIsUsedAgainAtOnce(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, nil)
		f := newFlow(seed, l, 1_000_000)
		run(0, 10*time.Second, f)
		l.loss = 1
		run(10*time.Second, 20*time.Second, f)
		if last := f.targets[len(f.targets)-1]; last > 500_000 {
			t.Errorf("seed %d: still %.0f bit/s into the black", seed, last)
		}
		l.loss = 0
		run(20*time.Second, 21500*time.Millisecond, f)
		if last := f.targets[len(f.targets)-1]; last < 500_000 {
			t.Errorf("seed %d: %.0f bit/s after 1.5 s", seed, last)
		}
	})
}

func TestAPeerThatLiesGainsNothing(t *testing.T) {
	lies := map[string]func(*rtcp.TransportLayerCC){
		"all arrived at once": func(f *rtcp.TransportLayerCC) {
			for _, d := range f.RecvDeltas {
				d.Delta = 0
			}
		},
		"the clock jumps": func(f *rtcp.TransportLayerCC) { f.ReferenceTime = f.ReferenceTime * 7919 },
		"backwards in time": func(f *rtcp.TransportLayerCC) {
			for _, d := range f.RecvDeltas {
				d.Delta = -8_000_000
			}
		},
		"packets that were never sent": func(f *rtcp.TransportLayerCC) { f.BaseSequenceNumber += 30_000 },
		"fewer times than arrivals":    func(f *rtcp.TransportLayerCC) { f.RecvDeltas = nil },
		"a hundred million packets": func(f *rtcp.TransportLayerCC) {
			f.PacketStatusCount = 65_535
			f.PacketChunks = nil
			for range 12_000 {
				f.PacketChunks = append(f.PacketChunks, &rtcp.RunLengthChunk{PacketStatusSymbol: 1, RunLength: 8191})
			}
		},
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			f := newFlow(1, newLink(1, nil), 1_000_000)
			run(0, 3*time.Second, f)
			f.lie = lie
			run(3*time.Second, 30*time.Second, f)
			for _, target := range f.targets {
				if target < 30_000 || target > 20_000_000 {
					t.Fatalf("%.0f bit/s", target)
				}
			}
		})
	}
}

func TestAFloodOfReportsIsNotRead(t *testing.T) {
	f := newFlow(1, newLink(1, nil), 1_000_000)
	run(0, 3*time.Second, f)
	before := f.c.State(epoch.Add(3 * time.Second)).Target
	for range 100_000 {
		f.c.Feedback(&rtcp.TransportLayerCC{PacketStatusCount: 65_535, PacketChunks: []rtcp.PacketStatusChunk{
			&rtcp.RunLengthChunk{RunLength: 8191},
		}}, epoch.Add(3*time.Second))
	}
	run(3*time.Second, 8*time.Second, f)
	if after := f.c.State(epoch.Add(8 * time.Second)).Target; after < before/2 {
		t.Errorf("%d bit/s became %d", before, after)
	}
}

// An old program reports loss and round trip alone.
func TestWithoutReportsOnArrivalsLossAndRoundTripDecide(t *testing.T) {
	c := congestion.New(congestion.Config{}, epoch)
	live := func(from, to time.Duration, loss float64, trip time.Duration) {
		for now := from; now < to; now += 10 * time.Millisecond {
			c.Send(1000, congestion.Video, epoch.Add(now))
			if now%time.Second == 0 {
				c.Reports(loss, trip, epoch.Add(now))
			}
		}
	}
	target := func(now time.Duration) int { return c.State(epoch.Add(now)).Target }
	live(0, 20*time.Second, 0, 80*time.Millisecond)
	wide := target(20 * time.Second)
	if wide <= 800_000 {
		t.Errorf("a path without loss or queue: %d bit/s", wide)
	}
	live(20*time.Second, 30*time.Second, 0, 400*time.Millisecond)
	if queued := target(30 * time.Second); queued >= wide*3/4 {
		t.Errorf("with a queue: %d bit/s after %d", queued, wide)
	}
}

func TestPicturesWaitWhileAReportIsOverdue(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, always(3_000_000))
		f := newFlow(seed, l, 1_000_000)
		run(0, 10*time.Second, f)
		state := func(now time.Duration) congestion.State { return f.c.State(epoch.Add(now)) }
		if s := state(10 * time.Second); s.Held || s.Pace == 0 {
			t.Fatalf("seed %d: held, at a pace of %d, where nothing happened", seed, s.Pace)
		}
		f.lossBack = 1 // a path back that is full
		run(10*time.Second, 10*time.Second+300*time.Millisecond, f)
		if s := state(10*time.Second + 300*time.Millisecond); !s.Held || s.Pace > 0 {
			t.Errorf("seed %d: without reports for 300 ms: held %v, at a pace of %d", seed, s.Held, s.Pace)
		}
		run(10*time.Second+300*time.Millisecond, 11*time.Second, f)
		if s := state(11 * time.Second); s.Pace == 0 {
			t.Errorf("seed %d: after a second nothing goes out still", seed)
		}
		f.lossBack = 0
		run(11*time.Second, 12*time.Second, f)
		if s := state(12 * time.Second); s.Held || s.Pace < s.Target {
			t.Errorf("seed %d: with reports again: held %v, at a pace of %d for %d", seed, s.Held, s.Pace, s.Target)
		}
	})
}

// What goes out faster than the path carries waits there, before the sound.
func TestOnANarrowPathThePaceIsNoFasterThanThePath(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, always(500_000))
		f := newFlow(seed, l, 2_000_000)
		run(0, 5*time.Second, f)
		for at := 5 * time.Second; at < 30*time.Second; at += time.Second {
			run(at, at+time.Second, f)
			if s := f.c.State(epoch.Add(at + time.Second)); s.Pace > 600_000 {
				t.Errorf("seed %d: after %v the pace is %d", seed, at, s.Pace)
			}
		}
	})
}

func TestAProbeThatWasNeverSentIsWishedForAgain(t *testing.T) {
	l := newLink(1, always(5_000_000))
	f := newFlow(1, l, 4_000_000)
	f.unpadded = true
	run(0, 5*time.Second, f)
	if f.probes < 2 {
		t.Errorf("%d probes were wished for in 5 s", f.probes)
	}
}

// Each takes some of the path from what is seen and heard, so that they come less often where they show nothing new, but never end.
func TestOnAPathThatStaysAsItIsProbesComeAllFourSeconds(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		f := newFlow(seed, newLink(seed, always(500_000)), 2_000_000)
		run(0, 20*time.Second, f)
		f.probes = 0
		run(20*time.Second, 80*time.Second, f)
		if f.probes < 12 || f.probes > 16 {
			t.Errorf("seed %d: %d probes in a minute", seed, f.probes)
		}
	})
}

func TestNothingIsAllocatedByThePacket(t *testing.T) {
	c := congestion.New(congestion.Config{}, epoch)
	now := epoch
	n := testing.AllocsPerRun(1000, func() {
		now = now.Add(time.Millisecond)
		c.Send(1000, congestion.Video, now)
		c.State(now)
		c.Probe(now)
	})
	if n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
