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

// clapper is a camera and a microphone that show and play what time it is, by the clock of the bubble: the picture in its pattern, and the sound by a
// blip at each full second.
type clapper struct{ began time.Time }

const (
	blipEvery = time.Second
	blipLasts = 100 * time.Millisecond
)

func (c *clapper) devise(cfg *MediaConfig) {
	cfg.OpenCamera = func(string, devices.Format) (Camera, error) { return &clapperCamera{clapper: c, next: time.Now()}, nil }
	cfg.OpenMicrophone = func(_ string, channels int, block func([]int16, time.Time)) (audio.Device, error) {
		return paced(func(due time.Time) {
			samples := make([]int16, channels*devices.BlockSamples)
			for i := range samples {
				at := due.Add(-devices.BlockDuration).Sub(c.began) + time.Duration(i/channels)*time.Second/audio.SampleRate
				if at%blipEvery < blipLasts {
					samples[i] = int16(8000 * math.Sin(2*math.Pi*1000*at.Seconds()))
				}
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
	f := c.pool.Get(320, 180)
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

// listener is a speaker that notes when each blip begins.
type listener struct {
	clapper *clapper
	lateness
	quiet int // samples
}

// viewer looks at what comes of the camera.
type viewer struct {
	clapper *clapper
	lateness
	slot *frame.Slot
}

func (v *viewer) look() {
	f := v.slot.Take()
	if f == nil {
		return
	}
	defer f.Release()
	if r, ok := pattern.Read(f.YCbCr); ok {
		v.note(time.Since(v.clapper.began) - time.Duration(r.Counter)*time.Microsecond)
	}
}

// lateness is how long after their beginning things came.
type lateness struct {
	mu  sync.Mutex
	all []time.Duration
}

func (l *lateness) note(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, d)
}

// take returns the median since it was called before; an hour where nothing came.
func (l *lateness) take() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) == 0 {
		return time.Hour
	}
	slices.Sort(l.all)
	median := l.all[len(l.all)/2]
	l.all = l.all[:0]
	return median
}

func (l *listener) devise(cfg *MediaConfig) {
	cfg.OpenSpeaker = func(_ string, channels int, fill func([]int16)) (audio.Device, error) {
		return paced(func(due time.Time) {
			samples := make([]int16, channels*devices.BlockSamples)
			fill(samples)
			for i := 0; i < len(samples); i += channels {
				if samples[i] > -500 && samples[i] < 500 {
					l.quiet++
					continue
				}
				if l.quiet > audio.SampleRate/2 {
					at := due.Sub(l.clapper.began) + time.Duration(i/channels)*time.Second/audio.SampleRate
					l.note(at % blipEvery)
				}
				l.quiet = 0
			}
		}), nil
	}
}

// The sound of a moment is heard while its picture is shown, give or take 40 ms: on an even path, and on one where pictures have to wait for repairs that
// sound can do without. A sender's report tells when a packet was sent, which with sound is 20 ms after its first sample was taken.
func TestLipsMoveAsTheirSoundIsHeard(t *testing.T) {
	for _, c := range []impair.Conditions{
		{Delay: 30 * time.Millisecond},
		{Delay: 50 * time.Millisecond, Jitter: 60 * time.Millisecond},
		{Delay: 50 * time.Millisecond, Loss: 0.1},
	} {
		clap := &clapper{}
		ear := &listener{clapper: clap}
		overPathsWith(t, 1, c, func(side int, cfg *MediaConfig) {
			if side == 0 {
				clap.began = time.Now()
				clap.devise(cfg)
			} else {
				ear.devise(cfg)
			}
		}, func(p *pathed) {
			time.Sleep(3 * time.Second)
			eye := &viewer{clapper: clap, slot: p.sides[1].Picture("Ann")}
			eye.slot.Watch(eye.look)
			time.Sleep(7 * time.Second)
			for range 4 {
				eye.take()
				ear.take()
				time.Sleep(5 * time.Second)
				shown, heard := eye.take(), ear.take()
				if skew := shown - heard; skew < -60*time.Millisecond || skew > 40*time.Millisecond {
					t.Errorf("%+v: pictures are shown %v after they were taken, and their sound is heard after %v", c, shown, heard)
				}
			}
		})
	}
}
