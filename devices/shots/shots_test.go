package shots_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"testing"
	"testing/synctest"
	"time"

	"parley/devices/frame"
	"parley/devices/shots"
)

// uniform is a picture of one colour.
func uniform(w, h int, c color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(img.Pix[4*i:], []byte{c.R, c.G, c.B, c.A})
	}
	return img
}

var (
	white = color.RGBA{255, 255, 255, 255}
	black = color.RGBA{0, 0, 0, 255}
)

func next(t *testing.T, s *shots.Source) *frame.Frame {
	t.Helper()
	f, err := s.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Release)
	return f
}

func TestAPictureThatChangesComesAtTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown := white
		s, err := shots.New(func() (*image.RGBA, error) { return uniform(65, 33, shown), nil }, 10)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for i := range 5 {
			want := []uint8{235, 16}[i%2]
			f := next(t, s)
			if f.Rect.Size() != image.Pt(64, 32) || f.Y[0] != want {
				t.Errorf("picture %d is %v with %d, want %d", i, f.Rect.Size(), f.Y[0], want)
			}
			if at := f.Captured.Sub(began); at != time.Duration(i)*100*time.Millisecond {
				t.Errorf("picture %d came after %v", i, at)
			}
			shown = []color.RGBA{black, white}[i%2]
		}
	})
}

func TestAPictureThatStaysComesOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := shots.New(func() (*image.RGBA, error) { return uniform(64, 32, white), nil }, 10)
		if err != nil {
			t.Fatal(err)
		}
		earlier := next(t, s).Captured
		for range 3 {
			f := next(t, s)
			if since := f.Captured.Sub(earlier); since != time.Second {
				t.Errorf("nothing has changed, but a picture came after %v", since)
			}
			earlier = f.Captured
		}
	})
}

func TestAFailureThatPassesIsNotTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		began, failsFor := time.Now(), time.Duration(0)
		s, err := shots.New(func() (*image.RGBA, error) {
			if time.Since(began) < failsFor {
				return nil, broken
			}
			return uniform(64, 32, white), nil
		}, 10)
		if err != nil {
			t.Fatal(err)
		}
		next(t, s)
		failsFor = 3 * time.Second
		next(t, s)
		failsFor = time.Hour
		if _, err := s.Next(context.Background()); !errors.Is(err, shots.ErrEnded) || !errors.Is(err, broken) {
			t.Errorf("after a failure that lasts: %v", err)
		}
	})
}

func TestNextEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := shots.New(func() (*image.RGBA, error) { return uniform(1, 1, white), nil }, 10)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestARateOfNothingIsRefused(t *testing.T) {
	for _, rate := range []float64{0, -1} {
		if _, err := shots.New(nil, rate); !errors.Is(err, shots.ErrRate) {
			t.Errorf("%v: %v", rate, err)
		}
	}
}
