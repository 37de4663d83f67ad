// Package shots makes a video of pictures that must be asked for: where a system only lets a program photograph a screen, and
// does not tell when it has changed.
package shots

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"parley/devices/bgra"
	"parley/devices/frame"
)

const (
	still     = time.Second     // how often a picture comes though nothing has changed
	tolerance = 4 * time.Second // the time in which a picture must be had, though some fail
)

var (
	// ErrEnded: no picture could be had for some seconds.
	ErrEnded = errors.New("no more pictures")
	// ErrRate: the rate is not above 0.
	ErrRate = errors.New("unsuitable frame rate")
)

// Source is a video of photographs.
type Source struct {
	take     func() (*image.RGBA, error)
	interval time.Duration
	pool     frame.Pool
	latest   *image.RGBA // what the newest picture was made of
	at       time.Time   // when that was taken
	due      time.Time   // of the next one
	good     time.Time   // when one was taken last, whether it had changed or not
}

// New returns a video of what take returns, at most rate pictures a second. The picture is not written to afterwards. It returns [ErrRate]
// for a rate that is not above 0.
func New(take func() (*image.RGBA, error), rate float64) (*Source, error) {
	if !(rate > 0) {
		return nil, fmt.Errorf("%w: %v", ErrRate, rate)
	}
	return &Source{take: take, interval: time.Duration(float64(time.Second) / rate), good: time.Now()}, nil
}

// Next waits until the picture has changed, or a second has gone by, and returns it, cropped to an even size. The caller releases it. It
// returns ctx's error when that ends first, and an error that wraps [ErrEnded] when take has failed for four seconds. One goroutine calls it.
func (s *Source) Next(ctx context.Context) (*frame.Frame, error) {
	timer := time.NewTimer(time.Until(s.due))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
		}
		now := time.Now()
		s.due = now.Add(s.interval)
		f, err := s.shoot(now)
		if err != nil && now.Sub(s.good) > tolerance {
			return nil, fmt.Errorf("%w (%w)", ErrEnded, err)
		}
		if f != nil {
			return f, nil
		}
		timer.Reset(time.Until(s.due))
	}
}

// shoot takes a picture; it returns nil when that is none to show.
func (s *Source) shoot(now time.Time) (*frame.Frame, error) {
	img, err := s.take()
	if err != nil {
		return nil, err
	}
	size := img.Rect.Size()
	if min(size.X, size.Y) < 2 {
		return nil, fmt.Errorf("a picture of %v", size)
	}
	s.good = now
	same := s.latest != nil && s.latest.Rect == img.Rect && slices.Equal(s.latest.Pix, img.Pix)
	if same && now.Sub(s.at) < still {
		return nil, nil
	}
	s.latest, s.at = img, now
	f := s.pool.Get(size.X&^1, size.Y&^1)
	if err := bgra.ToI420(f.YCbCr, img.Pix, img.Stride, bgra.RGBA); err != nil {
		f.Release()
		return nil, err
	}
	f.Captured = now
	return f, nil
}
