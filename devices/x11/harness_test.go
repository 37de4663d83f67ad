//go:build linux

package x11_test

import (
	"image"
	"image/color"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices/frame"
	"parley/devices/pattern"
	"parley/devices/x11"
	"parley/devices/x11/x11test"
)

// captured is a capture and what it gave.
type captured struct {
	*x11.Capture
	t      *testing.T
	failed bool
}

func window(t *testing.T, w *x11test.Window, rate float64) *captured {
	t.Helper()
	c, err := x11.OpenWindow(uint32(w.ID), rate)
	return opened(t, c, err)
}

func monitor(t *testing.T, rate float64) *captured {
	t.Helper()
	list, err := x11.Monitors()
	if err != nil {
		t.Fatal(err)
	}
	c, err := x11.OpenMonitor(list[0].Name, rate)
	return opened(t, c, err)
}

// noLeaks checks, unless the test has failed already, that all goroutines have ended.
func noLeaks(t *testing.T) {
	t.Helper()
	if !t.Failed() {
		goleak.VerifyNone(t)
	}
}

func opened(t *testing.T, c *x11.Capture, err error) *captured {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	result := &captured{Capture: c, t: t}
	t.Cleanup(result.end)
	return result
}

// end closes the capture and lets it give everything back.
func (c *captured) end() {
	c.Close()
	for !c.failed {
		f, err := c.Grab()
		f.Release()
		c.failed = err != nil
	}
}

func (c *captured) next() *frame.Frame {
	c.t.Helper()
	f, err := c.Grab()
	if err != nil {
		c.failed = true
		c.t.Fatal(err)
	}
	return f
}

// fails waits until Grab does, and returns why.
func (c *captured) fails() error {
	c.t.Helper()
	for began := time.Now(); time.Since(began) < patience; {
		f, err := c.Grab()
		if err != nil {
			c.failed = true
			return err
		}
		f.Release()
	}
	c.t.Fatal("pictures keep coming")
	return nil
}

// await grabs until a picture is as it should be.
func (c *captured) await(what string, ok func(img *image.YCbCr) bool) {
	c.t.Helper()
	for began := time.Now(); time.Since(began) < patience; {
		f := c.next()
		good := ok(f.YCbCr)
		f.Release()
		if good {
			return
		}
	}
	c.t.Fatalf("no picture %s", what)
}

// awaitCounter waits for the pattern with that counter in a part of the picture.
func (c *captured) awaitCounter(counter uint64, part image.Rectangle) {
	c.t.Helper()
	c.await("shows the pattern", func(img *image.YCbCr) bool {
		if !part.In(img.Rect) {
			return false
		}
		read, ok := pattern.Read(img.SubImage(part).(*image.YCbCr))
		return ok && read == pattern.Reading{Counter: counter, Source: source}
	})
}

// isAt says whether a picture has about that colour at a point.
func isAt(img *image.YCbCr, x, y int, want color.Color) bool {
	cw := color.YCbCrModel.Convert(want).(color.YCbCr)
	got := img.YCbCrAt(x, y)
	near := func(a, b int) bool { return max(a-b, b-a) <= 6 }
	return near((int(got.Y)-16)*255/219, int(cw.Y)) && near((int(got.Cb)-128)*255/224, int(cw.Cb)-128) &&
		near((int(got.Cr)-128)*255/224, int(cw.Cr)-128)
}

var (
	red   = color.RGBA{R: 220, G: 30, B: 40, A: 255}
	green = color.RGBA{R: 20, G: 200, B: 60, A: 255}
	blue  = color.RGBA{R: 30, G: 60, B: 230, A: 255}
)

func whole(w, h int) image.Rectangle { return image.Rect(0, 0, w, h) }
