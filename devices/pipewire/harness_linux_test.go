package pipewire_test

import (
	"context"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices/bgra"
	"parley/devices/frame"
	"parley/devices/pipewire"
	"parley/devices/pipewire/pipewiretest"
)

// patience ends a test that hangs.
func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// start starts a daemon, and checks at the end that nothing is left running, no loop of PipeWire's neither. Threads cannot be told by their
// names: Go starts some of its own on PipeWire's, and they are called like that from then on.
func start(t *testing.T) *pipewiretest.Daemon {
	t.Helper()
	t.Cleanup(func() {
		goleak.VerifyNone(t)
		if n := polls(t); n > 1 { // Go has one itself
			t.Errorf("%d loops of PipeWire are left", n-1)
		}
	})
	return pipewiretest.Start(t)
}

// polls returns how many epoll instances this process has: each loop that runs has one, and keeps it until its thread has ended.
func polls(t *testing.T) (n int) {
	t.Helper()
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		if to, err := os.Readlink(file); err == nil && strings.Contains(to, "eventpoll") { // one that is closed meanwhile is none
			n++
		}
	}
	return n
}

func open(t *testing.T, d *pipewiretest.Daemon) *pipewire.Remote {
	t.Helper()
	file, err := d.Connect()
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipewire.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func read(t *testing.T, r *pipewire.Remote, node uint32, want pipewire.Format) *pipewire.Stream {
	t.Helper()
	s, err := r.Stream(node, want)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func next(t *testing.T, s *pipewire.Stream) *frame.Frame {
	t.Helper()
	f, err := s.Next(patience(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Release)
	return f
}

// ended waits for the end of a stream, past the pictures that are still there.
func ended(t *testing.T, s *pipewire.Stream) error {
	t.Helper()
	for ctx := patience(t); ; {
		f, err := s.Next(ctx)
		if err != nil {
			return err
		}
		f.Release()
	}
}

// scene is a picture of four bytes a pixel, in which every place has a colour of its own: a slope to the right in what lies first, a
// slope downwards in what lies second, and seed in what lies third.
func scene(w, h, stride int, seed byte) []byte {
	pix := make([]byte, stride*h)
	for y := range h {
		for x := range w {
			copy(pix[y*stride+4*x:], []byte{byte(2 * x), byte(2 * y), seed, 99})
		}
	}
	return pix
}

// expect compares a picture with the part of a source that crop says.
func expect(t *testing.T, got *frame.Frame, pix []byte, stride int, order bgra.Order, crop image.Rectangle) {
	t.Helper()
	want := frame.New(crop.Dx(), crop.Dy())
	if err := bgra.ToI420(want.YCbCr, pix[crop.Min.Y*stride+4*crop.Min.X:], stride, order); err != nil {
		t.Fatal(err)
	}
	expectSame(t, got, want)
}

func expectSame(t *testing.T, got, want *frame.Frame) {
	t.Helper()
	if got.Rect != want.Rect {
		t.Fatalf("the picture is %v, want %v", got.Rect, want.Rect)
	}
	w, h := want.Size()
	for y := range h {
		for x := range w {
			if g, w := got.YCbCrAt(x, y), want.YCbCrAt(x, y); g != w {
				t.Fatalf("at (%d,%d) the picture is %v, want %v", x, y, g, w)
			}
		}
	}
}
