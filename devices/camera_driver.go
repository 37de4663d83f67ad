//go:build linux || darwin || windows

package devices

import (
	"errors"
	"fmt"
	"io"
	"math"
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
}

// startDriver opens a camera's driver and starts it.
func startDriver(d driver.Driver, want Format) (grabber, error) {
	reader, chosen, err := record(d, want)
	if err != nil {
		return nil, err
	}
	return &hardwareCamera{driver: d, reader: reader, full: chosen.FrameFormat == mediaframe.FormatMJPEG}, nil
}

// record opens the driver and starts it with what is nearest to want.
func record(d driver.Driver, want Format) (video.Reader, prop.Media, error) {
	var refused error
	// Not every camera lets its frame rate be set.
	for _, rate := range []float32{float32(want.FrameRate), 0} {
		if err := d.Open(); err != nil {
			return nil, prop.Media{}, asCameraError(err)
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
		refused = asCameraError(err)
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

func (c *hardwareCamera) grab() (*frame.Frame, error) {
	img, release, err := c.reader.Read()
	switch {
	case err != nil && (errors.Is(err, io.EOF) || endsCamera(err)):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	defer release()
	if !isWhole(img) {
		return nil, fmt.Errorf("%w: of %v", errBroken, img.Bounds().Size())
	}
	now := time.Now()
	size := img.Bounds().Size()
	f := c.pool.Get(size.X, size.Y)
	toI420(f.YCbCr, img, c.full)
	f.Captured = now
	return f, nil
}

func (c *hardwareCamera) close() { _ = c.driver.Close() } // the camera is given up either way
