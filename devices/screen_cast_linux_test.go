package devices_test

import (
	"context"
	"errors"
	"image/color"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/devices/pipewire/pipewiretest"
	"parley/devices/portaltest"
)

// paint is a picture of one colour.
func paint(w, h int, c color.RGBA) pipewiretest.Picture {
	pix := make([]byte, 0, 4*w*h)
	for range w * h {
		pix = append(pix, c.B, c.G, c.R, 0)
	}
	return pipewiretest.Picture{Pix: pix, Stride: 4 * w}
}

func TestWhatTheDesktopSharesComesThroughPipeWire(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("", func(t *testing.T) {
		const w, h = 321, 181
		daemon := pipewiretest.Start(t)
		source := daemon.AddSource(pipewiretest.Offer{Name: "screen", Format: "BGRx", Width: w, Height: h})
		source.Show(paint(w, h, color.RGBA{R: 255, G: 255, B: 255}))
		t.Setenv("WAYLAND_DISPLAY", "wayland-9")
		desk := portaltest.Start(t, source.Node(), daemon.Connect)
		s := openScreen(t, devices.KindScreen, devices.Ask)
		awaitBrightness(t, s, 235)
		source.Show(paint(w, h, color.RGBA{}))
		awaitBrightness(t, s, 16)
		source.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		for {
			f, err := s.Next(ctx)
			if err == nil {
				f.Release()
				continue
			}
			if !errors.Is(err, devices.ErrGone) {
				t.Errorf("once the source has ended: %v", err)
			}
			break
		}
		s.Close()
		for ; desk.Sessions() > 0; time.Sleep(10 * time.Millisecond) { // the portal hears of it over the bus
			if ctx.Err() != nil {
				t.Fatal("the session did not end")
			}
		}
	})
}

// awaitBrightness waits for a picture with that luma, of the source's size made even.
func awaitBrightness(t *testing.T, s *devices.Screen, luma uint8) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		f, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("waiting for a picture of brightness %d: %v", luma, err)
		}
		shown := f.Y[100]
		if w, h := f.Size(); w != 320 || h != 180 {
			t.Fatalf("the picture is %dx%d", w, h)
		}
		f.Release()
		if shown == luma {
			return
		}
	}
}
