package call

import (
	"context"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/call/audio"
	"parley/call/impair"
	"parley/devices"
	"parley/devices/frame"
	"parley/devices/pattern"
)

// clapper is a camera and a microphone that show and play what time it is, by the clock of the bubble: the picture in its pattern, and the sound by its
// pitch, which rises by two octaves in the course of each sweep.
type clapper struct{ began time.Time }

const (
	sweep       = 1500 * time.Millisecond // longer than sound is ever late
	lowest      = 400.0                   // Hz
	octaves     = 2.0
	clapperLoud = 8000
)

// phase is that of the sound so long after a sweep began, in radians.
func phase(since time.Duration) float64 {
	rise := octaves * math.Ln2 / sweep.Seconds()
	return 2 * math.Pi * lowest * (math.Exp(rise*since.Seconds()) - 1) / rise
}

// moment is how long after a sweep began the sound has that pitch, in Hz.
func moment(pitch float64) time.Duration {
	return time.Duration(math.Log2(pitch/lowest) / octaves * float64(sweep))
}

func (c *clapper) devise(cfg *MediaConfig) {
	cfg.OpenCamera = func(string, devices.Format) (Camera, error) { return &clapperCamera{clapper: c, next: time.Now()}, nil }
	cfg.OpenMicrophone = func(_ string, channels int, block func([]int16, time.Time)) (audio.Device, error) {
		return paced(func(due time.Time) {
			samples := make([]int16, channels*devices.BlockSamples)
			for i := range samples {
				at := due.Add(-devices.BlockDuration).Sub(c.began) + time.Duration(i/channels)*time.Second/audio.SampleRate
				samples[i] = int16(clapperLoud * math.Sin(phase(at%sweep)))
			}
			block(samples, due.Add(-devices.BlockDuration))
		}), nil
	}
}

type clapperCamera struct {
	*clapper
	next time.Time
	pool frame.Pool
}

func (c *clapperCamera) Next(ctx context.Context) (*frame.Frame, error) {
	c.next = c.next.Add(time.Second / 30)
	select {
	case <-time.After(time.Until(c.next)):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f := c.pool.Get(160, 90)
	f.Captured = c.next
	pattern.Draw(f.YCbCr, c.next.Sub(c.began), 1)
	return f, nil
}

func (*clapperCamera) Label() string { return devices.Pattern }
func (*clapperCamera) Close() error  { return nil }

// pacedDevice is a device that works each 10 ms.
type pacedDevice struct {
	quit, done chan struct{}
	once       sync.Once
}

func paced(step func(due time.Time)) *pacedDevice {
	d := &pacedDevice{quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(d.done)
		for due := time.Now(); ; due = due.Add(devices.BlockDuration) {
			select {
			case <-time.After(time.Until(due)):
				step(due)
			case <-d.quit:
				return
			}
		}
	}()
	return d
}

func (d *pacedDevice) Label() string         { return devices.Tone }
func (d *pacedDevice) Done() <-chan struct{} { return nil }
func (d *pacedDevice) Err() error            { return nil }
func (d *pacedDevice) Close() error {
	d.once.Do(func() { close(d.quit) })
	<-d.done
	return nil
}

// age is how old what was seen or heard at a moment was.
type age struct{ at, was time.Duration }

// ages are in the order of time.
type ages struct {
	mu  sync.Mutex
	all []age
}

func (a *ages) note(at, was time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, age{at, was})
}

// viewer looks at what comes of the camera.
type viewer struct {
	clapper *clapper
	ages
	slot *frame.Slot
}

func (v *viewer) look() {
	f := v.slot.Take()
	if f == nil {
		return
	}
	defer f.Release()
	if r, ok := pattern.Read(f.YCbCr); ok {
		now := time.Since(v.clapper.began)
		v.note(now, now-time.Duration(r.Counter)*time.Microsecond)
	}
}

// listener is a speaker that notes how old its sound is, by the pitch of two blocks at a time.
type listener struct {
	clapper *clapper
	ages
	last, sound [devices.BlockSamples]float64
}

func (l *listener) devise(cfg *MediaConfig) {
	cfg.OpenSpeaker = func(_ string, channels int, fill func([]int16)) (audio.Device, error) {
		return paced(func(due time.Time) {
			samples := make([]int16, channels*devices.BlockSamples)
			fill(samples)
			l.last = l.sound
			for i := range l.sound {
				l.sound[i] = float64(samples[i*channels])
			}
			l.listen(due.Sub(l.clapper.began))
		}), nil
	}
}

// listen takes the time from the first rising zero crossing to the last. The middle of both blocks is heard at now.
func (l *listener) listen(now time.Duration) {
	both := slices.Concat(l.last[:], l.sound[:])
	first, last, periods := 0.0, 0.0, -1
	for i, x := range both[1:] {
		if before := both[i]; before < 0 && x >= 0 {
			last = float64(i) + before/(before-x)
			if periods++; periods == 0 {
				first = last
			}
		}
	}
	if periods < 3 || slices.Max(both) < clapperLoud/2 {
		return
	}
	since := moment(float64(periods) * audio.SampleRate / (last - first))
	if since < sweep/50 || since > sweep-sweep/50 {
		return // both blocks may be of two sweeps
	}
	now += time.Duration(((first+last)/2 - devices.BlockSamples) / audio.SampleRate * float64(time.Second))
	l.note(now, ((now-since)%sweep+sweep)%sweep)
}

// around returns how old what was heard around a moment was, in the median, and false where that was too little to tell.
func (l *listener) around(at time.Duration) (time.Duration, bool) {
	const near = 60 * time.Millisecond
	from, _ := slices.BinarySearchFunc(l.all, at-near, func(a age, t time.Duration) int { return int(a.at - t) })
	var heard []time.Duration
	for _, a := range l.all[from:] {
		if a.at > at+near {
			break
		}
		heard = append(heard, a.was)
	}
	if len(heard) < 4 {
		return 0, false
	}
	slices.Sort(heard)
	return heard[len(heard)/2], true
}

// The sound of a moment is heard while its picture is shown, give or take 40 ms: on an even path, on one where sound has to wait for what pictures can do
// without, and where pictures have to wait for repairs that sound can do without. A picture that comes too late for that is shown all the same. A sender's
// report tells when a packet was sent, which with sound is 20 ms after its first sample was taken, and with a picture as long after it as coding takes: here
// that is no time at all.
func TestLipsMoveAsTheirSoundIsHeard(t *testing.T) {
	for _, c := range []struct {
		impair.Conditions
		seeds uint64
		share float64 // of the pictures that are to be in step
	}{
		{impair.Conditions{Delay: 30 * time.Millisecond}, 1, 0.99},
		{impair.Conditions{Delay: 50 * time.Millisecond, Jitter: 60 * time.Millisecond}, 1, 0.85},
		{impair.Conditions{Delay: 50 * time.Millisecond, Loss: 0.1}, 2, 0.97},
	} {
		inStep, all := 0, 0
		for seed := range c.seeds {
			clap := &clapper{}
			ear := &listener{clapper: clap}
			eye := &viewer{clapper: clap}
			overPathsWith(t, seed+1, c.Conditions, func(side int, cfg *MediaConfig) {
				if side == 0 {
					clap.began = time.Now()
					clap.devise(cfg)
				} else {
					ear.devise(cfg)
				}
			}, func(p *pathed) {
				time.Sleep(10 * time.Second) // at first no reports came
				eye.slot = p.sides[1].Picture("Ann")
				eye.slot.Watch(eye.look)
				time.Sleep(12 * time.Second)
			})
			for _, seen := range eye.all {
				if heard, ok := ear.around(seen.at); ok {
					all++
					if skew := seen.was - heard; -60*time.Millisecond <= skew && skew <= 40*time.Millisecond {
						inStep++
					}
				}
			}
		}
		t.Logf("%+v: %.1f %%", c.Conditions, 100*float64(inStep)/float64(max(all, 1)))
		if all < int(c.seeds)*250 || float64(inStep) < c.share*float64(all) {
			t.Errorf("%+v: of %d pictures %d are shown while their sound is heard", c.Conditions, all, inStep)
		}
	}
}
