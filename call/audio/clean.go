package audio

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"parley/call/apm"
)

// pathDelay is about what a sound takes from the mixer through the speaker, the room and the microphone, without the time it waits in
// our queue. Sound systems don't tell it; the echo canceller finds what is near.
const pathDelay = 80 * time.Millisecond

// cleaner takes echo and noise out of the microphone's sound. render is for the speaker's thread, capture for the encoder's
// goroutine, and neither waits for the other.
type cleaner struct {
	log       *slog.Logger
	processor *apm.Processor // nil when it could not start
	on        atomic.Bool    // anything is to be done
	echo      atomic.Bool
	failing   atomic.Bool // it was told once
}

func newCleaner(log *slog.Logger) *cleaner {
	c := &cleaner{log: log}
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
	c.tell(c.processor.Set(options))
	c.echo.Store(options.Echo)
	c.on.Store(options != apm.Options{})
}

// render takes note of a block that is about to be played.
func (c *cleaner) render(samples []int16) {
	if c.echo.Load() && len(samples) == BlockSize {
		c.tell(c.processor.Render(samples))
	}
}

// capture works on a block in place. It leaves it as it is where that fails.
func (c *cleaner) capture(samples []int16, captured time.Time) {
	if c.on.Load() {
		c.tell(c.processor.Capture(samples, pathDelay+time.Since(captured)))
	}
}

// tell logs the first failure only: they come by the block.
func (c *cleaner) tell(err error) {
	if err != nil && !errors.Is(err, apm.ErrClosed) && !c.failing.Swap(true) {
		c.log.Warn("the microphone's sound is not processed as it should be", "error", err)
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
