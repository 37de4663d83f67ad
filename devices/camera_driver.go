//go:build linux || darwin || windows

package devices

import (
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"strings"
	"syscall"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	mediaframe "github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"parley/devices/frame"
)

// hardwareCamera is a camera through mediadevices' driver.
type hardwareCamera struct {
	driver driver.Driver
	reader video.Reader
	pool   frame.Pool
	full   bool // its pictures use the full range of 0 to 255, as JPEG does
	last   time.Time
}

func openCameraHardware(label string, want Format) (grabber, error) {
	d, err := findDriver(label)
	if err != nil {
		return nil, err
	}
	reader, chosen, err := record(d, want)
	if err != nil {
		return nil, err
	}
	return &hardwareCamera{driver: d, reader: reader, full: chosen.FrameFormat == mediaframe.FormatMJPEG, last: time.Now()}, nil
}

// record opens the driver and starts it with what is nearest to want.
func record(d driver.Driver, want Format) (video.Reader, prop.Media, error) {
	var refused error
	// Not every camera lets its frame rate be set.
	for _, rate := range []float32{float32(want.FrameRate), 0} {
		if err := d.Open(); err != nil {
			return nil, prop.Media{}, classifyCamera(err)
		}
		chosen, ok := nearest(d.Properties(), want)
		if !ok {
			_ = d.Close() // nothing runs yet
			return nil, prop.Media{}, fmt.Errorf("%w: it has no picture format that is known here", ErrOverconstrained)
		}
		if chosen.FrameRate == 0 || rate == 0 {
			chosen.FrameRate = rate
		}
		recorder, ok := d.(driver.VideoRecorder)
		if !ok {
			_ = d.Close() // nothing runs yet
			return nil, prop.Media{}, fmt.Errorf("%w: it gives no pictures", ErrNotFound)
		}
		reader, err := recorder.VideoRecord(chosen) // closes the driver when it fails
		if err == nil {
			return reader, chosen, nil
		}
		refused = classifyCamera(err)
	}
	return nil, prop.Media{}, refused
}

// nearest chooses among what a camera can do: the size above all, then enough frames a second, then what costs least to convert.
func nearest(can []prop.Media, want Format) (prop.Media, bool) {
	best, least := prop.Media{}, math.Inf(1)
	for _, p := range can {
		if p.Width <= 0 || p.Height <= 0 || p.FrameFormat == mediaframe.FormatZ16 {
			continue
		}
		cost := 2*math.Abs(math.Log(float64(p.Width)/float64(want.Width))) + 2*math.Abs(math.Log(float64(p.Height)/float64(want.Height)))
		if p.FrameRate > 0 {
			off := math.Log(float64(p.FrameRate) / want.FrameRate)
			cost += max(-2*off, 0.2*off)
		}
		switch p.FrameFormat {
		case mediaframe.FormatI420:
		case mediaframe.FormatMJPEG:
			cost += 0.1
		default:
			cost += 0.02
		}
		if cost < least {
			best, least = p, cost
		}
	}
	return best, !math.IsInf(least, 1)
}

// classifyCamera turns a driver's error into a sentinel of this package. The drivers flatten some to text.
func classifyCamera(err error) error {
	kind := ErrNotReadable
	switch text := err.Error(); {
	case errors.Is(err, fs.ErrPermission), strings.Contains(text, syscall.EACCES.Error()), strings.Contains(text, "0x80070005"):
		kind = ErrNotAllowed
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		kind = ErrNotFound
	case errors.Is(err, syscall.EINVAL):
		kind = ErrOverconstrained
	}
	return fmt.Errorf("%w (%v)", kind, err)
}

const (
	// tolerance is the time in which a picture must come, though single ones are broken.
	tolerance = 4 * time.Second
	retry     = 10 * time.Millisecond
	maxSide   = 8192 // pixels; a driver that claims more is broken
)

func (c *hardwareCamera) grab() (*frame.Frame, error) {
	for {
		img, release, err := c.reader.Read()
		if err == nil {
			now := time.Now()
			f := c.convert(img)
			release()
			if f != nil {
				f.Captured, c.last = now, now
				return f, nil
			}
			err = fmt.Errorf("a picture of %v", img.Bounds().Size())
		}
		var errno syscall.Errno
		if errors.Is(err, io.EOF) || errors.As(err, &errno) || time.Since(c.last) > tolerance {
			return nil, err
		}
		time.Sleep(retry) // a broken picture; the driver may fail at once
	}
}

// convert copies a picture into a frame; nil when its size is absurd.
func (c *hardwareCamera) convert(img image.Image) *frame.Frame {
	size := img.Bounds().Size()
	if size.X < 1 || size.Y < 1 || size.X > maxSide || size.Y > maxSide {
		return nil
	}
	f := c.pool.Get(size.X, size.Y)
	toI420(f.YCbCr, img, c.full)
	return f
}

func (c *hardwareCamera) close() { _ = c.driver.Close() } // the camera is given up either way
