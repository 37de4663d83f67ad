package devices

import (
	"context"
	"errors"
	"image"
	"io"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"parley/devices/frame"
)

// puppet is a camera driver that does what a test says.
type puppet struct {
	pictures chan *frame.Frame
	fail     chan error
	closed   chan struct{}
	deaf     bool // grab does not return when closed, as of drivers that hang
	once     sync.Once
	free     chan struct{} // ends a deaf one
}

func newPuppet() *puppet {
	return &puppet{pictures: make(chan *frame.Frame), fail: make(chan error), closed: make(chan struct{}), free: make(chan struct{})}
}

func (p *puppet) grab() (*frame.Frame, error) {
	closed := p.closed
	if p.deaf {
		closed = p.free
	}
	select {
	case f := <-p.pictures:
		return f, nil
	case err := <-p.fail:
		return nil, err
	case <-closed:
		return nil, io.EOF
	}
}

func (p *puppet) close() { p.once.Do(func() { close(p.closed) }) }

// tableOf opens the puppets in turn, and after them nothing.
func tableOf(puppets ...*puppet) *cameraTable {
	return &cameraTable{feeds: map[string]*feed{}, open: func(string, Format) (grabber, error) {
		if len(puppets) == 0 {
			return nil, ErrNotFound
		}
		p := puppets[0]
		puppets = puppets[1:]
		return p, nil
	}}
}

func attach(t *testing.T, table *cameraTable) *Camera {
	t.Helper()
	c, err := table.attach("cam", Format{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryHandleIsToldThatTheCameraWasUnplugged(t *testing.T) {
	defer goleak.VerifyNone(t)
	p := newPuppet()
	table := tableOf(p)
	first, second := attach(t, table), attach(t, table)
	cause := errors.New("no such device")
	p.fail <- cause
	for _, c := range []*Camera{first, second} {
		if _, err := c.Next(context.Background()); !errors.Is(err, ErrGone) || !errors.Is(err, cause) {
			t.Errorf("a handle says %v, want gone and why", err)
		}
	}
	<-p.closed // it is given back though nobody closed a handle
	first.Close()
	second.Close()
	if _, err := table.attach("cam", Format{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("opening it again: %v", err)
	}
}

func TestTheCameraStopsWithItsLastHandle(t *testing.T) {
	defer goleak.VerifyNone(t)
	p, later := newPuppet(), newPuppet()
	table := tableOf(p, later)
	first, second := attach(t, table), attach(t, table)
	first.Close()
	select {
	case <-p.closed:
		t.Fatal("it stopped while somebody watched it")
	default:
	}
	p.pictures <- frame.New(2, 2)
	if _, err := second.Next(context.Background()); err != nil {
		t.Fatal(err)
	}
	second.Close()
	<-p.closed
	third := attach(t, table)
	later.pictures <- frame.New(2, 2)
	if _, err := third.Next(context.Background()); err != nil {
		t.Errorf("opened anew: %v", err)
	}
	third.Close()
}

func TestADriverThatHangsDoesNotBlockClose(t *testing.T) {
	defer goleak.VerifyNone(t)
	p := newPuppet()
	p.deaf = true
	table := tableOf(p)
	c := attach(t, table)
	c.Close() // returns, though grab does not
	if _, err := table.attach("cam", Format{}); !errors.Is(err, ErrNotReadable) {
		t.Errorf("opening it while it hangs: %v, want not readable", err)
	}
	close(p.free)
	<-c.feed.ended
}

func TestPicturesOfAnySamplingBecomeI420(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio440,
	} {
		for _, size := range [][2]int{{8, 6}, {7, 5}, {1, 1}} {
			src := image.NewYCbCr(image.Rect(0, 0, size[0], size[1]), ratio)
			paint(src, 100, 90, 200)
			dst := frame.New(size[0], size[1])
			toI420(dst.YCbCr, src, false)
			if !isPainted(dst.YCbCr, 100, 90, 200) {
				t.Errorf("%v %v: %v %v %v", ratio, size, dst.Y, dst.Cb, dst.Cr)
			}
		}
	}
}

func TestChromaOfTwoRowsIsAveraged(t *testing.T) {
	src := image.NewYCbCr(image.Rect(0, 0, 4, 2), image.YCbCrSubsampleRatio422)
	copy(src.Cb, []uint8{10, 20, 30, 40})
	copy(src.Cr, []uint8{110, 120, 130, 140})
	dst := frame.New(4, 2)
	toI420(dst.YCbCr, src, false)
	if dst.Cb[0] != 20 || dst.Cb[1] != 30 || dst.Cr[0] != 120 || dst.Cr[1] != 130 {
		t.Errorf("chroma %v %v", dst.Cb, dst.Cr)
	}
}

func TestTheFullRangeOfJPEGIsBroughtIntoThatOfVideo(t *testing.T) {
	for _, c := range []struct{ in, y, c uint8 }{{0, 16, 16}, {128, 126, 128}, {255, 235, 240}} {
		src := image.NewYCbCr(image.Rect(0, 0, 2, 2), image.YCbCrSubsampleRatio420)
		paint(src, c.in, c.in, c.in)
		dst := frame.New(2, 2)
		toI420(dst.YCbCr, src, true)
		if !isPainted(dst.YCbCr, c.y, c.c, c.c) {
			t.Errorf("%d becomes %v %v %v, want %d and %d", c.in, dst.Y, dst.Cb, dst.Cr, c.y, c.c)
		}
	}
}

func paint(img *image.YCbCr, y, cb, cr uint8) {
	for plane, v := range map[*[]uint8]uint8{&img.Y: y, &img.Cb: cb, &img.Cr: cr} {
		for i := range *plane {
			(*plane)[i] = v
		}
	}
}

func isPainted(img *image.YCbCr, y, cb, cr uint8) bool {
	for plane, v := range map[*[]uint8]uint8{&img.Y: y, &img.Cb: cb, &img.Cr: cr} {
		for _, got := range *plane {
			if got != v {
				return false
			}
		}
	}
	return true
}
