//go:build linux

package x11_test

import (
	"errors"
	"image"
	"image/color"
	"testing"
	"time"

	"parley/devices/pattern"
	"parley/devices/x11"
	"parley/devices/x11/x11test"
)

const source = 1234 // of the patterns

// patience ends a test that would wait for ever.
const patience = 60 * time.Second

func TestAWindowIsCapturedAsItChanges(t *testing.T) {
	defer noLeaks(t)
	d := display(t)
	w := d.Open("Slides", image.Rect(100, 50, 420, 230))
	first := w.Pattern(source)
	c := window(t, w, 30)
	c.awaitCounter(first, whole(320, 180))
	c.awaitCounter(w.Pattern(source), whole(320, 180))
	c.end()
	d.Kill()
}

func TestAMonitorIsCapturedAsItChanges(t *testing.T) {
	defer noLeaks(t)
	d := display(t)
	at := image.Rect(100, 50, 420, 230)
	w := d.Open("Slides", at)
	first := w.Pattern(source)
	c := monitor(t, 30)
	c.awaitCounter(first, at)
	c.awaitCounter(w.Pattern(source), at)
	c.end()
	d.Kill()
}

func TestTheMomentOfCaptureIsAfterWhatThePictureShows(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", whole(320, 180))
	c := window(t, w, 30)
	for range 5 {
		w.Fill(red)
		c.await("is red", func(img *image.YCbCr) bool { return isAt(img, 5, 5, red) })
		before := time.Now()
		w.Fill(blue)
		for shown := false; !shown; {
			f := c.next()
			shown = isAt(f.YCbCr, 5, 5, blue)
			if shown && f.Captured.Before(before) {
				t.Errorf("the picture is %v older than what it shows", before.Sub(f.Captured))
			}
			f.Release()
		}
	}
}

func TestAWindowIsCapturedWholeWhenItIsCoveredOrPartlyOffTheScreen(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", image.Rect(100, 50, 420, 230))
	w.Pattern(source)
	cover := d.Open("Cover", image.Rect(0, 0, 800, 600))
	cover.Fill(red)
	c := window(t, w, 30)
	c.awaitCounter(w.Pattern(source), whole(320, 180))
	w.Move(image.Rect(-200, 500, 120, 680))
	c.awaitCounter(w.Pattern(source), whole(320, 180))
}

func TestWhatCoversAWindowIsNeverInItsPictures(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", image.Rect(100, 50, 420, 230))
	w.Fill(green)
	d.Open("Secret", image.Rect(0, 0, 300, 600)).Fill(red)
	c := window(t, w, 60)
	for range 5 {
		f := c.next()
		for x := 5; x < 320; x += 10 {
			if !isAt(f.YCbCr, x, 90, green) {
				t.Fatalf("at %d the picture has %v", x, f.YCbCrAt(x, 90))
			}
		}
		f.Release()
		w.Fill(green)
	}
}

func TestAWindowThatChangesSizeIsFollowed(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", whole(320, 180))
	c := window(t, w, 30)
	for _, size := range []image.Point{{480, 270}, {240, 135}, {641, 361}} {
		w.Move(image.Rectangle{Max: size})
		counter := w.Pattern(source)
		even := image.Pt(size.X&^1, size.Y&^1)
		c.await("has the new size", func(img *image.YCbCr) bool {
			read, ok := pattern.Read(img)
			return img.Rect.Size() == even && ok && read.Counter == counter
		})
	}
}

func TestAClosedWindowIsGone(t *testing.T) {
	defer noLeaks(t)
	d := display(t)
	w := d.Open("Slides", whole(320, 180))
	c := window(t, w, 30)
	c.next().Release()
	w.Close()
	if err := c.fails(); !errors.Is(err, x11.ErrGone) {
		t.Errorf("a closed window says %v", err)
	}
	d.Kill()
}

func TestACrashOfTheWindowsProgramIsGone(t *testing.T) {
	d := display(t)
	c := window(t, d.Open("Slides", whole(320, 180)), 30)
	c.next().Release()
	d.Disconnect()
	if err := c.fails(); !errors.Is(err, x11.ErrGone) {
		t.Errorf("a window whose program is gone says %v", err)
	}
}

func TestACrashOfTheXServerIsGone(t *testing.T) {
	defer noLeaks(t)
	d := display(t)
	captures := []*captured{window(t, d.Open("Slides", whole(320, 180)), 30), monitor(t, 30)}
	for _, c := range captures {
		c.next().Release()
	}
	d.Kill()
	for _, c := range captures {
		if err := c.fails(); !errors.Is(err, x11.ErrGone) {
			t.Errorf("without its X server a capture says %v", err)
		}
	}
}

func TestCloseEndsAGrabThatWaits(t *testing.T) {
	defer noLeaks(t)
	d := display(t)
	c := monitor(t, 0.01) // the second picture is due in 100 s
	c.next().Release()
	ended := make(chan error)
	go func() { ended <- c.fails() }()
	c.Close()
	if err := <-ended; !errors.Is(err, x11.ErrClosed) {
		t.Errorf("a closed capture says %v", err)
	}
	c.Close()
	d.Kill()
}

func TestAMonitorIsFollowedByItsName(t *testing.T) {
	defer noLeaks(t)
	d := display(t)
	d.SetMonitor("HDMI-1", image.Rect(0, 0, 400, 600), false)
	w := d.Open("Slides", image.Rect(100, 100, 420, 280))
	counter := w.Pattern(source)
	m, err := x11.OpenMonitor("HDMI-1", 30)
	c := opened(t, m, err)
	c.await("has the monitor's size", func(img *image.YCbCr) bool { return img.Rect.Size() == image.Pt(400, 600) })
	d.DeleteMonitor("HDMI-1") // as it is while its resolution changes
	d.SetMonitor("HDMI-1", image.Rect(50, 60, 650, 460), false)
	c.awaitCounter(counter, image.Rect(50, 40, 370, 220))
	d.DeleteMonitor("HDMI-1")
	if err := c.fails(); !errors.Is(err, x11.ErrGone) {
		t.Errorf("a monitor that was unplugged says %v", err)
	}
	d.Kill()
}

func TestWhatChangesOnAnotherMonitorIsNoReasonForAPicture(t *testing.T) {
	d := display(t)
	d.SetMonitor("HDMI-1", image.Rect(0, 0, 400, 600), false)
	here, there := d.Open("Here", image.Rect(0, 0, 100, 100)), d.Open("There", image.Rect(500, 0, 600, 100))
	here.Fill(red)
	m, err := x11.OpenMonitor("HDMI-1", 60)
	c := opened(t, m, err)
	c.await("is red", func(img *image.YCbCr) bool { return isAt(img, 50, 50, red) })
	c.next().Release() // what was still under way
	for range 20 {
		there.Fill(green)
	}
	f := c.next()
	earlier := f.Captured
	f.Release()
	for range 20 {
		there.Fill(blue)
	}
	f = c.next()
	if since := f.Captured.Sub(earlier); since < 900*time.Millisecond {
		t.Errorf("nothing has changed here, but a picture came after %v", since)
	}
	f.Release()
	here.Fill(green)
	c.await("is green", func(img *image.YCbCr) bool { return isAt(img, 50, 50, green) })
}

func TestAMinimisedWindowKeepsItsLastPictureAndComesBack(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", whole(320, 180))
	counter := w.Pattern(source)
	c := window(t, w, 30)
	c.awaitCounter(counter, whole(320, 180))
	w.Unmap()
	for range 3 {
		c.awaitCounter(counter, whole(320, 180))
	}
	w.Map()
	c.awaitCounter(w.Pattern(source), whole(320, 180))
}

func TestAStillScreenCostsOnePictureASecond(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", whole(320, 180))
	counter := w.Pattern(source)
	c := monitor(t, 60)
	c.awaitCounter(counter, whole(320, 180))
	c.next().Release() // what was still under way
	earlier := time.Now()
	for range 2 {
		f := c.next()
		if since := f.Captured.Sub(earlier); since < 900*time.Millisecond {
			t.Errorf("nothing has changed, but a picture came after %v", since)
		}
		earlier = f.Captured
		f.Release()
	}
}

func TestTheRateIsAMost(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", whole(320, 180))
	c := window(t, w, 20)
	var earlier time.Time
	for i := range 10 {
		w.Fill([]color.Color{red, blue}[i%2])
		f := c.next()
		if since := f.Captured.Sub(earlier); since < 45*time.Millisecond {
			t.Errorf("at 20 a second a picture came after %v", since)
		}
		earlier = f.Captured
		f.Release()
	}
}

func TestThePointerIsInThePicture(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", image.Rect(100, 50, 420, 230))
	w.Fill(green)
	d.MovePointer(700, 500)
	for name, c := range map[string]*captured{"window": window(t, w, 30), "monitor": monitor(t, 30)} {
		offset := image.Pt(100, 50)
		if name == "window" {
			offset = image.Point{}
		}
		at := image.Pt(150, 90).Add(offset)
		clean := func(img *image.YCbCr) bool { return allAround(img, at, green) }
		c.await("is without the pointer", clean)
		d.MovePointer(250, 140)
		c.await("has the pointer", func(img *image.YCbCr) bool { return !clean(img) })
		d.MovePointer(700, 500)
		c.await("has what was beneath the pointer", clean)
	}
}

func TestThePointerOfAnotherWindowIsNotInThePicture(t *testing.T) {
	d := display(t)
	w := d.Open("Slides", image.Rect(100, 50, 420, 230))
	w.Fill(green)
	d.Open("Cover", image.Rect(200, 0, 800, 600))
	c := window(t, w, 30)
	d.MovePointer(250, 140)
	for range 2 {
		c.await("is without the pointer", func(img *image.YCbCr) bool { return allAround(img, image.Pt(150, 90), green) })
	}
}

// allAround says whether a point and its surroundings have one colour.
func allAround(img *image.YCbCr, at image.Point, want color.Color) bool {
	for y := at.Y - 12; y <= at.Y+12; y++ {
		for x := at.X - 12; x <= at.X+12; x++ {
			if !isAt(img, x, y, want) {
				return false
			}
		}
	}
	return true
}

func TestEachExtensionMayBeMissing(t *testing.T) {
	for _, extension := range []string{"MIT-SHM", "DAMAGE", "RANDR"} {
		t.Run(extension, func(t *testing.T) {
			d := display(t, "-extension", extension)
			w := d.Open("Slides", whole(320, 180))
			for _, c := range []*captured{window(t, w, 30), monitor(t, 30)} {
				c.awaitCounter(w.Pattern(source), whole(320, 180))
				c.awaitCounter(w.Pattern(source), whole(320, 180))
			}
		})
	}
	t.Run("Composite", func(t *testing.T) {
		d := display(t, "-extension", "COMPOSITE")
		w := d.Open("Slides", whole(320, 180))
		if _, err := x11.OpenWindow(uint32(w.ID), 15); !errors.Is(err, x11.ErrUnsupported) {
			t.Errorf("a window: %v", err)
		}
		monitor(t, 15).awaitCounter(w.Pattern(source), whole(320, 180))
	})
}

func TestWhatCannotBeCapturedIsRefused(t *testing.T) {
	defer noLeaks(t)
	d := display(t)
	hidden := d.Open("Hidden", whole(320, 180))
	hidden.Unmap()
	for name, c := range map[string]struct {
		open func() (*x11.Capture, error)
		want error
	}{
		"no such monitor":    {func() (*x11.Capture, error) { return x11.OpenMonitor("HDMI-9", 15) }, x11.ErrNotFound},
		"no such window":     {func() (*x11.Capture, error) { return x11.OpenWindow(0xdead, 15) }, x11.ErrNotFound},
		"a minimised window": {func() (*x11.Capture, error) { return x11.OpenWindow(uint32(hidden.ID), 15) }, x11.ErrNotFound},
		"no frame rate":      {func() (*x11.Capture, error) { return x11.OpenMonitor("screen", 0) }, x11.ErrUnsupported},
	} {
		if _, err := c.open(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	d.Kill()
}

func TestADisplayOfOtherPixelsIsRefused(t *testing.T) {
	d := x11test.Start(t, "320x240", "16")
	t.Setenv("DISPLAY", d.Name)
	list, err := x11.Monitors()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x11.OpenMonitor(list[0].Name, 15); !errors.Is(err, x11.ErrUnsupported) {
		t.Errorf("16 bits a pixel: %v", err)
	}
}

func TestSmallPicturesShowWhatIsThere(t *testing.T) {
	defer noLeaks(t)
	d := display(t)
	w := d.Open("Slides", image.Rect(0, 0, 400, 300))
	w.Fill(blue)
	d.Open("Cover", image.Rect(200, 150, 800, 600)).Fill(red)
	list, err := x11.Monitors()
	if err != nil {
		t.Fatal(err)
	}
	screen, err := x11.MonitorPicture(list[0].Name, 320, 180)
	if err != nil {
		t.Fatal(err)
	}
	if screen.Rect.Size() != image.Pt(240, 180) || screen.RGBAAt(30, 20) != blue || screen.RGBAAt(160, 100) != red {
		t.Errorf("the screen is %v with %v and %v", screen.Rect.Size(), screen.RGBAAt(30, 20), screen.RGBAAt(160, 100))
	}
	small, err := x11.WindowPicture(uint32(w.ID), 100, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if small.Rect.Size() != image.Pt(100, 75) || small.RGBAAt(5, 5) != blue || small.RGBAAt(95, 70) != blue {
		t.Errorf("the window is %v with %v and %v", small.Rect.Size(), small.RGBAAt(5, 5), small.RGBAAt(95, 70))
	}
	if _, err := x11.WindowPicture(0xdead, 100, 100); !errors.Is(err, x11.ErrNotFound) {
		t.Errorf("no such window: %v", err)
	}
	if _, err := x11.WindowPicture(uint32(w.ID), 0, 100); !errors.Is(err, x11.ErrUnsupported) {
		t.Errorf("an empty picture: %v", err)
	}
	d.Kill()
}
