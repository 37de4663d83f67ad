//go:build linux

package devices

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parley/devices/frame"
	"parley/devices/portal"
)

const (
	choicePatience = 5 * time.Minute // for the user, whom the desktop asks what to share
	stillCast      = time.Second     // how often a picture comes though nothing has changed
)

// listPortal returns the one entry that lets the desktop ask.
func listPortal(kind Kind) []Device {
	if kind != KindScreen || !portal.ScreenCastOffered() {
		return nil
	}
	return []Device{{Kind: kind, Label: Ask, Default: true}}
}

// openPortal has the desktop ask the user, who may choose a window too.
func openPortal(kind Kind, label string, want ScreenFormat) (*Screen, error) {
	if kind != KindScreen || label != Ask && label != Default {
		return nil, ErrNotFound
	}
	ctx, cancel := context.WithTimeout(context.Background(), choicePatience)
	defer cancel()
	session, err := portal.ScreenCast(ctx, portal.ScreenCastOptions{Restore: want.Restore, Cursor: true})
	if err != nil {
		return nil, classifyPortal(err)
	}
	pictures, err := openCast(session.FD, session.Node, want.FrameRate)
	if err != nil {
		_ = session.Close() // err says more
		return nil, fmt.Errorf("%w (%w)", ErrNotReadable, err)
	}
	return startScreen(session.Label, session.Restore, newCast(session.Closed(), pictures, session.Close)), nil
}

func classifyPortal(err error) error {
	kind := ErrNotReadable
	switch {
	case errors.Is(err, portal.ErrDenied), errors.Is(err, context.DeadlineExceeded):
		kind = ErrNotAllowed
	case errors.Is(err, portal.ErrAbsent):
		kind = ErrNotFound
	}
	return fmt.Errorf("%w (%w)", kind, err)
}

// castPictures are what the desktop sends: when something has changed, and only then.
type castPictures interface {
	Next(ctx context.Context) (*frame.Frame, error)
	Close() error
}

// openCast opens the pictures of a node; it takes over the connection. A variable for tests.
var openCast func(connection *os.File, node uint32, rate float64) (castPictures, error) = openPipeWire

// cast is what the desktop shares, as a Screen wants it.
type cast struct {
	pictures castPictures
	revoke   func() error // tells the desktop that sharing has ended
	ctx      context.Context
	end      context.CancelCauseFunc
	watched  chan struct{} // closed when nobody watches for the end of the session any more
	pool     frame.Pool
	latest   *frame.Frame
}

func newCast(closed <-chan struct{}, pictures castPictures, revoke func() error) *cast {
	c := &cast{pictures: pictures, revoke: revoke, watched: make(chan struct{})}
	c.ctx, c.end = context.WithCancelCause(context.Background())
	go func() {
		defer close(c.watched)
		select {
		case <-closed:
			c.end(fmt.Errorf("%w: the desktop ended it", ErrGone))
		case <-c.ctx.Done():
		}
	}()
	return c
}

func (c *cast) grab() (*frame.Frame, error) {
	f, err := c.next()
	if err != nil {
		c.latest.Release()
		c.latest = nil
		if c.ctx.Err() != nil {
			return nil, context.Cause(c.ctx)
		}
		return nil, fmt.Errorf("%w (%v)", ErrGone, err)
	}
	return f, nil
}

// next returns a new picture, or the latest one once more.
func (c *cast) next() (*frame.Frame, error) {
	ctx, cancel := c.ctx, context.CancelFunc(func() {})
	if c.latest != nil {
		ctx, cancel = context.WithTimeout(c.ctx, stillCast)
	}
	defer cancel()
	for {
		f, err := c.pictures.Next(ctx)
		if err != nil && c.ctx.Err() == nil && ctx.Err() != nil {
			return c.again(), nil
		}
		if err != nil {
			return nil, err
		}
		if min(f.Size()) < 2 {
			f.Release() // the desktop shows nothing
			continue
		}
		c.latest.Release()
		c.latest = f.Retain()
		return f, nil
	}
}

// again copies the latest picture: it is in the hands of others, who have it as one of another time.
func (c *cast) again() *frame.Frame {
	f := c.pool.Get(c.latest.Size())
	copyPlanes(f.YCbCr, c.latest.YCbCr)
	f.Captured = time.Now()
	return f
}

func (c *cast) close() {
	c.end(frame.ErrClosed)
	<-c.watched
	_ = c.pictures.Close() // sharing has ended either way
	_ = c.revoke()
}
