package call

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices"
	"parley/devices/frame"
)

// firstPicture is how long a camera or a screen that was opened may take until its first picture.
const firstPicture = 10 * time.Second

// cameraRunner opens and closes the camera, and shows its pictures to this side. It implements runner.
type cameraRunner struct {
	m       *Media
	current *cameraRun // nil when there is none
}

// cameraRun is one camera from its opening to its closing. It has two handles of the camera, which runs once: the self view must not take
// the sender's pictures away.
type cameraRun struct {
	sent, shown Camera
	cancel      context.CancelFunc // ends the self view
	work        sync.WaitGroup
	lost        atomic.Pointer[error] // why it ended by itself
}

// open implements runner. The camera takes over when its first picture has come, so that nobody sees a gap.
func (c *cameraRunner) open(ctx context.Context, label string) error {
	sent, err := c.m.cfg.OpenCamera(label, c.m.cfg.Format)
	if err != nil {
		return err
	}
	shown, err := c.m.cfg.OpenCamera(sent.Label(), c.m.cfg.Format)
	if err != nil {
		return errors.Join(err, sent.Close())
	}
	next := &cameraRun{sent: sent, shown: shown}
	first, err := awaitFirst(ctx, shown)
	if err != nil {
		next.close()
		return err
	}
	before := c.current
	if before != nil {
		before.hide()
	}
	c.m.self.Put(first)
	c.m.sender.SetSource(sent)
	c.current = next
	next.show(c.m)
	if before != nil {
		before.close()
	}
	return nil
}

// awaitFirst returns the first picture of a camera or a screen that was opened just now.
func awaitFirst(ctx context.Context, source Camera) (*frame.Frame, error) {
	limited, cancel := context.WithTimeout(ctx, firstPicture)
	defer cancel()
	f, err := source.Next(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return nil, fmt.Errorf("%q: %w: it gives no picture", source.Label(), devices.ErrNotReadable)
	}
	return f, err
}

// running implements runner.
func (c *cameraRunner) running() (label string, err error) {
	if c.current == nil {
		return "", nil
	}
	if lost := c.current.lost.Load(); lost != nil {
		return "", *lost
	}
	return c.current.sent.Label(), nil
}

// close implements runner.
func (c *cameraRunner) close() {
	if c.current == nil {
		return
	}
	c.m.sender.SetSource(nil)
	c.current.hide()
	c.m.self.Put(nil)
	c.current.close()
	c.current = nil
}

// show puts the pictures into the self view until hide is called or the camera ends.
func (r *cameraRun) show(m *Media) {
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(m.ctx)
	r.work.Go(func() {
		for {
			f, err := r.shown.Next(ctx)
			switch {
			case ctx.Err() != nil:
				f.Release()
				return
			case err != nil:
				r.lost.Store(&err)
				m.sides[devices.KindCamera].poke()
				return
			}
			m.self.Put(f)
		}
	})
}

// hide ends the self view; the picture that it shows stays.
func (r *cameraRun) hide() {
	r.cancel()
	r.work.Wait()
}

func (r *cameraRun) close() {
	_, _ = r.sent.Close(), r.shown.Close() // it is given up either way
}
