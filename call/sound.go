package call

import (
	"context"

	"parley/devices"
)

// soundRunner opens and closes the microphone or the speaker of the engine, which sees to it that they go over into each other. It
// implements runner.
type soundRunner struct {
	set   func(label string) error
	state func() (label, using string, err error)
}

// open implements runner. It takes a second at the most and cannot be hurried.
func (s soundRunner) open(_ context.Context, label string) error { return s.set(label) }

// running implements runner.
func (s soundRunner) running() (label string, err error) {
	_, using, err := s.state()
	if using == devices.None {
		return "", nil
	}
	return using, err
}

// close implements runner. What others say is still taken in, for a speaker that nobody hears: their levels are shown, and how they
// arrive is measured.
func (s soundRunner) close() { _ = s.set(devices.None) } // which is there always

// protectSound lets the sound to each person be as redundant as what they report about it calls for.
func (c *Call) protectSound() {
	for _, p := range c.everybody() {
		if report, ok := p.conn.RemoteInbound(p.sent.sound); ok {
			p.sent.sound.SetLoss(report.FractionLost)
		}
	}
}
