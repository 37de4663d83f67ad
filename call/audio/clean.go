package audio

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parley/call/apm"
	"parley/devices/resample"
)

// pathDelay is about what a sound takes from the mixer through the speaker, the room and the microphone, without the time it waits in
// our queue, which is 10 ms at least. Sound systems don't tell it; the echo canceller finds what is near: with 50 ms, all of the 20 ms
// of a sound server with small buffers to 130 ms.
const pathDelay = 40 * time.Millisecond

// A microphone whose background is nearer than noisyBelow dB to the voice is noisy until it is further away than clearAbove. More than that is gained
// by leaving the voice alone: with a fan 20 dB below it, ESTOI is 0.94 where the noise is taken out gently and 0.93 where firmly, at 10 dB 0.78
// and 0.79.
const noisyBelow, clearAbove = 20.0, 25.0

// cleaner takes echo and noise out of the microphone's sound. render is for the speaker's thread, capture for the encoder's
// goroutine, and neither waits for the other.
//
// Speaker and microphone may have clocks of their own. An echo that comes ever sooner or later is one that the canceller has to
// learn again and again, so what was played is told to it in the microphone's time.
type cleaner struct {
	log        *slog.Logger
	processor  *apm.Processor // nil when it could not start
	on         atomic.Bool    // anything is to be done
	echo       atomic.Bool
	failed     atomic.Pointer[error] // the first time; it is told once, and not on the speaker's thread
	told       bool                  // by capture
	microphone share                 // by how much its clock is fast

	mu      sync.Mutex  // held while options are set
	options apm.Options // that are set

	// Of the speaker's thread.
	resampler *resample.Resampler
	rendered  [BlockSize]int16
	filled    int // samples in rendered
}

func newCleaner(log *slog.Logger) *cleaner {
	c := &cleaner{log: log, resampler: resample.New(SampleRate, SampleRate)}
	var err error
	all := apm.Options{Echo: true, Noise: true, Gain: true}
	if c.processor, err = apm.New(all); err != nil {
		log.Warn("the microphone's sound is sent as it is", "error", err)
		c.processor = nil
		return c
	}
	c.set(all)
	return c
}

func (c *cleaner) set(options apm.Options) {
	if c.processor == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	options.Noisy = c.options.Noisy
	c.apply(options)
	c.echo.Store(options.Echo)
	c.on.Store(options.Echo || options.Noise || options.Gain)
}

// apply sets options; c.mu is held.
func (c *cleaner) apply(options apm.Options) {
	c.options = options
	c.note(c.processor.Set(options))
}

// suit fits the processing to a voice that is so many dB louder than the background. It is for the encoder's goroutine.
func (c *cleaner) suit(clarity float64) {
	if c.processor == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	options := c.options
	options.Noisy = clarity < noisyBelow || options.Noisy && clarity <= clearAbove
	if options != c.options {
		c.apply(options)
	}
}

// render takes note, on one channel, of what is about to be played by a speaker whose clock is fast by that share.
func (c *cleaner) render(samples []int16, fast float64) {
	if !c.echo.Load() {
		return
	}
	c.resampler.SetRates(1+fast, 1+c.microphone.load())
	c.resampler.Push(samples)
	for {
		c.filled += c.resampler.Pull(c.rendered[c.filled:])
		if c.filled < BlockSize {
			return
		}
		c.note(c.processor.Render(c.rendered[:]))
		c.filled = 0
	}
}

// capture works on a block of one channel in place, of a microphone whose clock is fast by that share. It leaves it as it is where that fails.
func (c *cleaner) capture(samples []int16, captured time.Time, fast float64) {
	c.microphone.store(fast)
	if c.on.Load() {
		c.note(c.processor.Capture(samples, pathDelay+time.Since(captured)))
	}
	if err := c.failed.Load(); err != nil && !c.told {
		c.told = true
		c.log.Warn("the microphone's sound is not processed as it should be", "error", *err)
	}
}

// note keeps the first failure, to be told: they come by the block.
func (c *cleaner) note(err error) {
	if err != nil && !errors.Is(err, apm.ErrClosed) && c.failed.Load() == nil {
		kept := err // which is what is allocated, and not each err
		c.failed.CompareAndSwap(nil, &kept)
	}
}

// close is for when neither device nor encoder run any more.
func (c *cleaner) close() {
	c.on.Store(false)
	c.echo.Store(false)
	if c.processor != nil {
		_ = c.processor.Close() // never fails
	}
}
