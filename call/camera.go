package call

import (
	"context"
	"errors"
	"sync"

	"parley/devices"
)

// cameraSide opens and closes the camera and shows its pictures to this side. Only the goroutine that follows the wishes for a camera
// calls apply.
type cameraSide struct {
	m       *Media
	running Camera // for the sender
	stop    func() // ends the self view and closes its handle
}

func (m *Media) newCameraSide() *cameraSide { return &cameraSide{m: m, stop: func() {}} }

// apply closes what is open and opens the camera that is wished for.
func (c *cameraSide) apply(wish Choice) {
	side := c.m.sides[devices.KindCamera]
	c.close()
	if !wish.On || wish.Label == devices.None {
		side.settle(wish, false, nil)
		return
	}
	if err := c.open(wish); err != nil {
		side.settle(wish, false, err)
	}
}

func (c *cameraSide) open(wish Choice) error {
	// Two handles of one camera, which runs once: the self view must not take the sender's pictures away.
	running, err := c.m.cfg.OpenCamera(wish.Label, c.m.cfg.Format)
	if err != nil {
		return err
	}
	own, err := c.m.cfg.OpenCamera(wish.Label, c.m.cfg.Format)
	if err != nil {
		return errors.Join(err, running.Close())
	}
	c.m.sides[devices.KindCamera].settle(wish, true, nil) // before anybody can find that it has ended
	ctx, cancel := context.WithCancel(c.m.ctx)
	var shown sync.WaitGroup
	shown.Go(func() { c.show(ctx, own, wish) })
	c.stop = func() {
		cancel()
		shown.Wait()
		_ = own.Close()
	}
	c.running = running
	c.m.sender.SetSource(running)
	return nil
}

// show puts the camera's pictures into the self view until ctx ends or the camera does.
func (c *cameraSide) show(ctx context.Context, camera Camera, wish Choice) {
	defer c.m.self.Put(nil)
	for {
		f, err := camera.Next(ctx)
		switch {
		case ctx.Err() != nil:
			f.Release()
			return
		case err != nil:
			c.m.cfg.Logger.Warn("the camera ended", "camera", camera.Label(), "err", err)
			c.m.sides[devices.KindCamera].settle(wish, false, err)
			c.m.changed()
			return
		}
		c.m.self.Put(f)
	}
}

func (c *cameraSide) close() {
	c.m.sender.SetSource(nil)
	c.stop()
	c.stop = func() {}
	if c.running != nil {
		_ = c.running.Close()
		c.running = nil
	}
}
