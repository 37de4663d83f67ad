package audio

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/devices/tone"
)

// sent is a packet of a trace: when it arrives, and what it is.
type sent struct {
	at    time.Duration
	frame int // of the sound, from 0 on
	ssrc  uint32
	seq   uint16
	stamp uint32
}

const (
	never = -1 // arrives a packet that is lost
	pause = -1 // is the frame that says that nothing follows
)

var pauseFrame = []byte{15 << 3}

// trace lets one person be heard by a speaker, in virtual time and without goroutines: hours take seconds.
type trace struct {
	ppm      float64 // by how much the sender's clock is fast
	path     func(n int) time.Duration
	sound    [][]byte // frames, over and over
	duration time.Duration
	change   func(n int, p *sent)        // what the sender does to the n-th packet, if anything
	twice    time.Duration               // after which each packet arrives again; 0 is that none does
	deaf     func(at time.Duration) bool // whether no speaker asks for sound, if ever
	block    func(at time.Duration, r *Receiver, samples []int16)
}

// run plays the trace.
func (tr *trace) run() *Receiver {
	e := &Engine{log: slog.New(slog.DiscardHandler)}
	r := newReceiver(e, nil, 0)
	e.mixer.add(r, nil)
	epoch := time.Now()
	packets := tr.packets()
	out, left := make([]int16, Channels*BlockSize), new(leftSide)
	packet := rtp.Packet{Header: rtp.Header{Version: 2}}
	for at := blockTime; at < tr.duration; at += blockTime {
		for len(packets) > 0 && packets[0].at <= at {
			p := packets[0]
			packets = packets[1:]
			packet.SSRC, packet.SequenceNumber, packet.Timestamp, packet.Payload = p.ssrc, p.seq, p.stamp, pauseFrame
			if p.frame != pause {
				packet.Payload = tr.sound[p.frame%len(tr.sound)]
			}
			r.push(&packet, epoch.Add(p.at))
		}
		if tr.deaf != nil && tr.deaf(at) {
			continue
		}
		e.mixer.mix(out, epoch.Add(at))
		if tr.block != nil {
			left.take(out)
			tr.block(at, r, left[:])
		}
	}
	return r
}

// leftSide is a block on one of two channels, on which a voice sounds alike.
type leftSide [BlockSize]int16

//go:norace
func (l *leftSide) take(both []int16) {
	for i := range l {
		l[i] = both[Channels*i]
	}
}

// packets are all that arrive, in the order in which they do.
func (tr *trace) packets() []sent {
	var all []sent
	period := float64(frameTime) / (1 + tr.ppm/1e6)
	for n := 0; ; n++ {
		said := time.Duration(float64(n+1) * period)
		if said >= tr.duration {
			break
		}
		p := sent{at: said, frame: n, seq: uint16(n), stamp: uint32(n) * frameSize}
		if tr.change != nil {
			tr.change(n, &p)
		}
		if delay := tr.path(n); delay >= 0 {
			p.at += delay
			all = append(all, p)
			if p.at += tr.twice; tr.twice > 0 {
				all = append(all, p)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b sent) int { return int(a.at - b.at) })
	return all
}

// humming returns frames of a hum, as an encoder that has settled makes them. All together hold whole periods, so that they can be played over and over; one
// alone does not, so that it is heard when one is left out.
func humming() [][]byte {
	encoder := newEncoder()
	pcm, buffer := make([]int16, frameSize), make([]byte, maxPayload)
	var frames [][]byte
	for n := range 100 {
		for i := range pcm {
			pcm[i] = int16(12000 * math.Sin(2*math.Pi*215*float64(n*frameSize+i)/SampleRate))
		}
		size := must(encoder.Encode(pcm, buffer))
		if n >= 50 {
			frames = append(frames, slices.Clone(buffer[:size]))
		}
	}
	return frames
}

// clicks measures how sharply a sound bends: a hum hardly does, and where samples are missing or repeated at the wrong place it does.
type clicks struct {
	last  [2]float64
	count int
	most  float64
}

//go:norace
func (c *clicks) add(samples []int16) {
	for _, s := range samples {
		if bend := math.Abs(float64(s) - 2*c.last[0] + c.last[1]); c.count >= 2 {
			c.most = max(c.most, bend)
		}
		c.last[1], c.last[0] = c.last[0], float64(s)
		c.count++
	}
}

// sharp is a bend that is heard as a click; the hum's own, and what Opus adds, is a fraction of it.
const sharp = 150

func TestAClickIsToldFromAHum(t *testing.T) {
	var whole, cut clicks
	tr := trace{path: steadily(40 * time.Millisecond), sound: humming(), duration: 5 * time.Second}
	tr.block = func(at time.Duration, _ *Receiver, samples []int16) {
		if at < time.Second {
			return
		}
		whole.add(samples)
		if at%time.Second == 0 {
			samples = samples[20:] // 0.4 ms are missing
		}
		cut.add(samples)
	}
	tr.run()
	if whole.most > sharp/3 || cut.most < 3*sharp {
		t.Errorf("a hum bends by %.0f, and by %.0f where something is missing: no threshold tells them", whole.most, cut.most)
	}
}

func steadily(delay time.Duration) func(int) time.Duration {
	return func(int) time.Duration { return delay }
}

// waits is how long packets waited, told piece by piece.
type waits struct {
	before ReceiverStats
	all    []time.Duration
}

func (w *waits) note(r *Receiver) {
	s := r.Stats()
	seconds := (s.JitterBufferDelay - w.before.JitterBufferDelay) / float64(max(1, s.JitterBufferEmittedCount-w.before.JitterBufferEmittedCount))
	w.before = s
	w.all = append(w.all, time.Duration(seconds*float64(time.Second)))
}

func TestAnHourOfDriftIsPlayedWithoutAClick(t *testing.T) {
	for _, ppm := range []float64{200, -200} {
		t.Run(fmt.Sprintf("%v ppm", ppm), func(t *testing.T) {
			t.Parallel()
			var c clicks
			var w waits
			tr := trace{ppm: ppm, path: steadily(40 * time.Millisecond), sound: humming(), duration: time.Hour}
			tr.block = func(at time.Duration, r *Receiver, samples []int16) {
				c.add(samples)
				if at%(10*time.Second) == 0 {
					w.note(r)
				}
			}
			r := tr.run()
			if c.most > sharp {
				t.Errorf("there is a click: a bend of %.0f", c.most)
			}
			for i, wait := range w.all[1:] {
				if wait < minTarget-lack-2*time.Millisecond || wait > minTarget+15*time.Millisecond {
					t.Fatalf("after %d s, packets wait for %v", 10*(i+2), wait)
				}
			}
			s := r.Stats()
			if s.ConcealedSamples > 0 || s.PacketsDiscarded > 0 {
				t.Errorf("%d samples were made up, and %d packets left out", s.ConcealedSamples, s.PacketsDiscarded)
			}
			drift := 3600 * 200e-6 * SampleRate
			if by := math.Abs(float64(s.RemovedSamplesForAcceleration) - float64(s.InsertedSamplesForDeceleration)); by < 0.95*drift || by > 1.05*drift {
				t.Errorf("the sound was made %.0f samples longer or shorter, the clocks are %.0f apart", by, drift)
			}
			if n := s.RemovedSamplesForAcceleration + s.InsertedSamplesForDeceleration; float64(n) > 1.2*drift {
				t.Errorf("%d samples were taken out or put in to make up for %.0f", n, drift)
			}
		})
	}
}

// A period too many or too few leaves a hum what it is; any other piece would shift its phase.
func TestAHumIsStillOneToneWhereItIsStretched(t *testing.T) {
	const drift = SampleRate * 30 * 2000 / 1e6 // samples in 30 s; before that, the wait makes up for some
	for _, ppm := range []float64{2000, -2000} {
		worst := math.Inf(-1)
		tr := trace{ppm: ppm, path: steadily(40 * time.Millisecond), sound: humming(), duration: 40 * time.Second}
		var heard []int16
		tr.block = func(at time.Duration, _ *Receiver, samples []int16) {
			if at < 5*time.Second {
				return
			}
			if heard = append(heard, samples...); len(heard) == 5*BlockSize {
				level, rest := tone.Fit(heard, 215, SampleRate)
				worst = max(worst, rest-level)
				heard = heard[:0]
			}
		}
		if s := tr.run().Stats(); s.RemovedSamplesForAcceleration+s.InsertedSamplesForDeceleration < drift {
			t.Errorf("%+.0f ppm: nothing was stretched: %+v", ppm, s)
		}
		if worst > -10 {
			t.Errorf("%+.0f ppm: what is no hum is %.0f dB below it", ppm, -worst)
		}
	}
}

func TestTheWaitIsSoonShortOnAnEvenPath(t *testing.T) {
	var w waits
	dice := rand.New(rand.NewPCG(7, 7))
	tr := trace{sound: humming(), duration: 10 * time.Second}
	tr.path = func(int) time.Duration {
		return 40*time.Millisecond + time.Duration(dice.IntN(2000))*time.Microsecond
	}
	tr.block = func(at time.Duration, r *Receiver, _ []int16) {
		if at%(500*time.Millisecond) == 0 {
			w.note(r)
		}
	}
	tr.run()
	for i, wait := range w.all[4:] {
		if wait > minTarget+5*time.Millisecond {
			t.Errorf("%d ms after the start, packets wait for %v", 500*(i+5), wait)
		}
	}
}

// A pause is the moment to wait for less: nobody hears that it is shorter.
func TestPausesShortenAWaitThatIsTooLong(t *testing.T) {
	const long, short, change = 100 * time.Millisecond, 40 * time.Millisecond, 3 * time.Second
	var w waits
	tr := trace{sound: humming(), duration: 6 * time.Second}
	tr.path = func(n int) time.Duration {
		if time.Duration(n+1)*frameTime < change {
			return long
		}
		return short
	}
	tr.change = func(n int, p *sent) {
		if n%4 == 3 { // so often that nothing is stretched between them
			p.frame = pause
		}
	}
	tr.block = func(at time.Duration, r *Receiver, _ []int16) {
		if at == change || at == change+1800*time.Millisecond || at == change+2*time.Second {
			w.note(r)
		}
	}
	s := tr.run().Stats()
	if wait := w.all[2]; wait > minTarget+blockTime {
		t.Errorf("two seconds after the path became shorter by %v, packets wait for %v", long-short, wait)
	}
	if s.RemovedSamplesForAcceleration > 0 {
		t.Errorf("%d samples were taken out of the sound between pauses", s.RemovedSamplesForAcceleration)
	}
}

func TestAfterAStandstillTheSoundIsLiveAtOnce(t *testing.T) {
	const path, began, ended = 40 * time.Millisecond, 5 * time.Second, 7 * time.Second
	for name, tr := range map[string]trace{
		"the path held packets back": {path: func(n int) time.Duration {
			if said := time.Duration(n+1) * frameTime; said > began && said < ended {
				return path + ended - said
			}
			return path
		}},
		"the path lost packets": {path: func(n int) time.Duration {
			if said := time.Duration(n+1) * frameTime; said > began && said < ended {
				return never
			}
			return path
		}},
		"a burst was lost": {path: func(n int) time.Duration {
			if said := time.Duration(n+1) * frameTime; said > ended-200*time.Millisecond && said < ended {
				return never
			}
			return path
		}},
		"no speaker asked": {path: steadily(path), deaf: func(at time.Duration) bool { return at > began && at < ended }},
	} {
		t.Run(name, func(t *testing.T) {
			var w waits
			var heard clicks
			tr.sound, tr.duration = humming(), 10*time.Second
			tr.block = func(at time.Duration, r *Receiver, samples []int16) {
				heard.add(samples)
				if at == ended+path || at == ended+path+200*time.Millisecond {
					w.note(r)
				}
			}
			tr.run()
			if wait := w.all[1]; wait > minTarget+tolerance+frameTime {
				t.Errorf("soon after it, packets wait for %v", wait)
			}
			if heard.most > sharp {
				t.Errorf("there is a click: a bend of %.0f", heard.most)
			}
		})
	}
}

func TestWhateverThePathDoesTheSoundGoesOnWithoutAClick(t *testing.T) {
	const path = 40 * time.Millisecond
	between := func(dice *rand.Rand, most time.Duration) time.Duration {
		return time.Duration(dice.Int64N(int64(most)))
	}
	for name, c := range map[string]struct {
		delay     func(n int, dice *rand.Rand) time.Duration
		change    func(n int, p *sent)
		twice     time.Duration
		concealed float64 // percent, at the most
		wait      time.Duration
	}{
		"jitter": {
			delay:     func(_ int, dice *rand.Rand) time.Duration { return path + between(dice, 30*time.Millisecond) },
			concealed: 0.05, wait: 35 * time.Millisecond,
		},
		"jitter that puts packets out of order": {
			delay:     func(_ int, dice *rand.Rand) time.Duration { return path + between(dice, 90*time.Millisecond) },
			concealed: 0.2, wait: 95 * time.Millisecond,
		},
		"packets in bursts of ten": {
			delay:     func(n int, _ *rand.Rand) time.Duration { return path + time.Duration(9-n%10)*frameTime },
			concealed: 0.2, wait: 140 * time.Millisecond,
		},
		"a hundred ms of nothing now and then": {
			delay: func(n int, _ *rand.Rand) time.Duration {
				return path + max(0, 100*time.Millisecond-time.Duration(n%250)*frameTime)
			},
			concealed: 2.5, wait: 120 * time.Millisecond,
		},
		"lone late packets": {
			delay: func(_ int, dice *rand.Rand) time.Duration {
				if dice.IntN(50) == 0 {
					return path + 60*time.Millisecond
				}
				return path + between(dice, 3*time.Millisecond)
			},
			concealed: 1, wait: 80 * time.Millisecond,
		},
		"two seconds of nothing": {
			delay: func(n int, _ *rand.Rand) time.Duration {
				if n%1000 >= 900 {
					return never
				}
				return path
			},
			concealed: 11, wait: 40 * time.Millisecond,
		},
		"two seconds held back": {
			delay: func(n int, _ *rand.Rand) time.Duration {
				if at := n % 1000; at >= 900 {
					return path + time.Duration(1000-at)*frameTime
				}
				return path
			},
			concealed: 11, wait: 120 * time.Millisecond,
		},
		"a path that becomes longer, and shorter again": {
			delay: func(n int, _ *rand.Rand) time.Duration {
				return path + time.Duration(n/1000%2)*150*time.Millisecond
			},
			concealed: 1, wait: 120 * time.Millisecond,
		},
		"a queue that fills at once, and empties slowly": {
			delay: func(n int, _ *rand.Rand) time.Duration {
				at := n % 1000
				return path + time.Duration(max(0, min(10*at, 220-at)))*time.Millisecond
			},
			concealed: 0.1, wait: 130 * time.Millisecond, // the wait follows too late: what comes is drawn out meanwhile
		},
		"a queue that fills in a moment and is gone again": { // a path that became three times too narrow
			delay: func(n int, _ *rand.Rand) time.Duration {
				filled := 45 * time.Millisecond
				return path + max(0, min(time.Duration(n%1000)*filled, 6*filled-time.Duration(n%1000-6)*frameTime*3/4))
			},
			concealed: 0.8, wait: 310 * time.Millisecond,
		},
		"packets lost here and there": {
			delay: func(_ int, dice *rand.Rand) time.Duration {
				if dice.IntN(20) == 0 {
					return never
				}
				return path
			},
			concealed: 5.5, wait: 40 * time.Millisecond, // there are no copies in this sound
		},
		"packets that come twice": {
			delay: func(int, *rand.Rand) time.Duration { return path }, twice: 45 * time.Millisecond,
			concealed: 0, wait: 30 * time.Millisecond,
		},
		"packets that come twice, at once": {
			delay: func(int, *rand.Rand) time.Duration { return path }, twice: time.Nanosecond,
			concealed: 0, wait: 30 * time.Millisecond,
		},
		"timestamps started afresh": {
			delay:     func(int, *rand.Rand) time.Duration { return path },
			change:    func(n int, p *sent) { p.stamp += uint32(n/1000) * 0x20000001; p.seq += uint16(n/1000) * 9999 },
			concealed: 0.2, wait: 60 * time.Millisecond,
		},
		"another source, whose timestamps and numbers start afresh": {
			delay: func(int, *rand.Rand) time.Duration { return path },
			change: func(n int, p *sent) {
				p.ssrc = uint32(n / 1000)
				p.stamp -= p.ssrc * 48_000_123
				p.seq -= uint16(p.ssrc) * 4000
			},
			concealed: 0.1, wait: 60 * time.Millisecond,
		},
		"a stray timestamp now and then": {
			delay: func(int, *rand.Rand) time.Duration { return path },
			change: func(n int, p *sent) {
				if n%50 == 49 {
					p.stamp = uint32(n) * 2_654_435_761
				}
			},
			concealed: 2.1, wait: 30 * time.Millisecond,
		},
		"a sound that began long ago": {
			delay:     func(int, *rand.Rand) time.Duration { return path },
			change:    func(_ int, p *sent) { p.frame += 17; p.stamp -= 5 * frameSize; p.seq -= 10 }, // both turn over soon
			concealed: 0, wait: 30 * time.Millisecond,
		},
		"pauses of a minute": {
			delay: func(n int, _ *rand.Rand) time.Duration {
				if n%3500 > 500 {
					return never
				}
				return path
			},
			change: func(n int, p *sent) {
				p.seq = uint16(n/3500*501 + n%3500) // what is not said has no number
				if n%3500 == 500 {
					p.frame = pause
				}
			},
			concealed: 0, wait: 30 * time.Millisecond,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var heard clicks
			dice := rand.New(rand.NewPCG(11, 13))
			tr := trace{sound: humming(), duration: 2 * time.Minute, change: c.change, twice: c.twice}
			tr.path = func(n int) time.Duration { return c.delay(n, dice) }
			tr.block = func(at time.Duration, _ *Receiver, samples []int16) {
				heard.add(samples)
			}
			s := tr.run().Stats()
			if heard.most > sharp {
				t.Errorf("there is a click: a bend of %.0f", heard.most)
			}
			t.Logf("%.3f %% made up, %d ms put in, %d taken out, waited %.1f ms", 100*float64(s.ConcealedSamples)/float64(s.TotalSamplesReceived),
				s.InsertedSamplesForDeceleration/48, s.RemovedSamplesForAcceleration/48, 1000*s.JitterBufferDelay/float64(s.JitterBufferEmittedCount))
			if p := 100 * float64(s.ConcealedSamples) / float64(s.TotalSamplesReceived); p > c.concealed {
				t.Errorf("%.2f %% of the sound was made up", p)
			}
			if wait := time.Duration(s.JitterBufferDelay / float64(s.JitterBufferEmittedCount) * float64(time.Second)); wait > c.wait {
				t.Errorf("packets waited for %v", wait)
			}
		})
	}
}
