package devices

import (
	"fmt"
	"io"
	"os"
	"time"

	"parley/devices/frame"
	"parley/devices/pattern"
)

// patternCamera is the test camera.
type patternCamera struct {
	format Format
	source uint16
	pool   frame.Pool
	every  time.Duration
	began  time.Time
	due    time.Time
	timer  *time.Timer
	quit   chan struct{}
}

func newPatternCamera(want Format) (grabber, error) {
	const least, most, fastest = 32, 4096, 120
	if min(want.Width, want.Height) < least || max(want.Width, want.Height) > most || want.FrameRate > fastest {
		return nil, fmt.Errorf("%w: it draws %dx%d to %dx%d, up to %d a second", ErrOverconstrained, least, least, most, most, fastest)
	}
	now := time.Now()
	return &patternCamera{
		format: want,
		source: uint16(os.Getpid() % 4096),
		every:  time.Duration(float64(time.Second) / want.FrameRate),
		began:  now,
		due:    now,
		timer:  time.NewTimer(0),
		quit:   make(chan struct{}),
	}, nil
}

func (p *patternCamera) grab() (*frame.Frame, error) {
	select {
	case <-p.quit:
		return nil, io.EOF
	case <-p.timer.C:
	}
	now := time.Now()
	for !p.due.After(now) { // a picture that was missed is not made up for
		p.due = p.due.Add(max(p.every, now.Sub(p.due)/p.every*p.every))
	}
	p.timer.Reset(time.Until(p.due))
	f := p.pool.Get(p.format.Width, p.format.Height)
	f.Captured = now
	pattern.DrawScene(f.YCbCr, now.Sub(p.began), pattern.Now(), p.source)
	return f, nil
}

func (p *patternCamera) close() { close(p.quit) }
