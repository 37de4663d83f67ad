package devices_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/devices/frame"
	"parley/devices/pattern"
)

func openPattern(t *testing.T, want devices.Format) *devices.Camera {
	t.Helper()
	c, err := devices.OpenCamera(devices.Pattern, want)
	if err != nil {
		t.Fatal(err)
	}
	closes(t, c)
	return c
}

func next(t *testing.T, c *devices.Camera) *frame.Frame {
	t.Helper()
	f, err := c.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestThePatternCameraDrawsTheMomentOfEachCapture(t *testing.T) {
	defer goleak.VerifyNone(t)
	c := openPattern(t, devices.Format{Width: 640, Height: 360, FrameRate: 60})
	var before uint64
	for i := range 10 {
		f := next(t, c)
		if w, h := f.Size(); w != 640 || h != 360 {
			t.Fatalf("the picture is %dx%d", w, h)
		}
		reading, ok := pattern.Read(f.YCbCr)
		if !ok || reading.Source != uint16(os.Getpid()%4096) {
			t.Fatalf("picture %d reads %+v, %v", i, reading, ok)
		}
		if reading.Counter <= before {
			t.Errorf("picture %d has the counter %d after %d", i, reading.Counter, before)
		}
		if f.Captured.IsZero() {
			t.Error("the moment of capture is not known")
		}
		before = reading.Counter
		f.Release()
	}
	c.Close()
}

func TestHandlesOfOneCameraShareItsPictures(t *testing.T) {
	defer goleak.VerifyNone(t)
	first := openPattern(t, devices.Format{Width: 320, Height: 180})
	second := openPattern(t, devices.Format{Width: 1280, Height: 720})
	f := next(t, second)
	if w, h := f.Size(); w != 320 || h != 180 {
		t.Errorf("the second handle gets %dx%d, want what is running, 320x180", w, h)
	}
	f.Release()
	first.Close()
	next(t, second).Release()
	if _, err := first.Next(context.Background()); !errors.Is(err, frame.ErrClosed) {
		t.Errorf("a closed handle says %v", err)
	}
	second.Close()
	third := openPattern(t, devices.Format{Width: 640, Height: 360})
	f = next(t, third)
	if w, _ := f.Size(); w != 640 {
		t.Errorf("opened anew it is %d wide, want 640", w)
	}
	f.Release()
	third.Close()
}

func TestACameraThatIsNotThereIsNotFound(t *testing.T) {
	for _, label := range []string{"no such camera", devices.None} {
		if _, err := devices.OpenCamera(label, devices.Format{}); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("opening %q: %v, want not found", label, err)
		}
	}
}

func TestAFormatThePatternCannotDrawIsRefused(t *testing.T) {
	for _, want := range []devices.Format{{Width: 8, Height: 8}, {Width: 100000, Height: 100}, {FrameRate: 1000}} {
		if _, err := devices.OpenCamera(devices.Pattern, want); !errors.Is(err, devices.ErrOverconstrained) {
			t.Errorf("%+v: %v, want overconstrained", want, err)
		}
	}
	openPattern(t, devices.Format{}) // and that does not stand in the way of the next
}

func TestThePatternCameraIsListedAsATestSource(t *testing.T) {
	list := devices.List(devices.KindCamera)
	last := list[len(list)-1]
	if last.Label != devices.Pattern || !last.Test || last.Kind != devices.KindCamera {
		t.Errorf("the last camera is %+v", last)
	}
	for _, d := range list[:len(list)-1] {
		if d.Test || d.Label == "" {
			t.Errorf("hardware is listed as %+v", d)
		}
	}
}
