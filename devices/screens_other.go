//go:build darwin || windows

package devices

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/kbinani/screenshot"
	"golang.org/x/image/draw"

	"parley/devices/frame"
	"parley/devices/shots"
)

// listScreens returns the displays. Single windows are not captured on this system.
func listScreens(kind Kind) []Device {
	if kind != KindScreen {
		return nil
	}
	var list []Device
	for i := range screenshot.NumActiveDisplays() {
		list = append(list, Device{Kind: kind, Label: displayLabel(i), Default: i == 0})
	}
	return list
}

func displayLabel(i int) string {
	size := screenshot.GetDisplayBounds(i).Size()
	return fmt.Sprintf("%s, %d × %d", displayName(i), size.X, size.Y)
}

// displayName is what is known of a display beside its size: these systems count them from the main one.
func displayName(i int) string { return fmt.Sprintf("Screen %d", i+1) }

// findDisplay knows a display by its number, though it has another size than when it was listed.
func findDisplay(kind Kind, label string) (int, error) {
	name, _, _ := strings.Cut(label, ", ")
	for i := range screenshot.NumActiveDisplays() {
		if kind == KindScreen && (name == displayName(i) || label == Default && i == 0) {
			return i, nil
		}
	}
	return 0, ErrNotFound
}

// takeDisplay photographs a display. The mouse pointer is not in the picture: these systems draw it above all else.
func takeDisplay(i int) (*image.RGBA, error) {
	if i >= screenshot.NumActiveDisplays() {
		return nil, ErrGone
	}
	return screenshot.CaptureDisplay(i)
}

func openScreenSource(kind Kind, label string, want ScreenFormat) (*Screen, error) {
	i, err := findDisplay(kind, label)
	if err != nil {
		return nil, err
	}
	// macOS says here that the user has not allowed it.
	if _, err := takeDisplay(i); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotAllowed, err)
	}
	source, err := shots.New(func() (*image.RGBA, error) { return takeDisplay(i) }, want.FrameRate)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrOverconstrained, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return startScreen(displayLabel(i), "", displaySource{source, ctx, cancel}), nil
}

func screenThumbnail(kind Kind, label string, width, height int) (image.Image, error) {
	i, err := findDisplay(kind, label)
	if err != nil {
		return nil, err
	}
	img, err := takeDisplay(i)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotReadable, err)
	}
	size := img.Rect.Size()
	if size.X < 1 || size.Y < 1 {
		return nil, fmt.Errorf("%w: a display of %v", ErrNotReadable, size)
	}
	scale := min(float64(width)/float64(size.X), float64(height)/float64(size.Y), 1)
	small := image.NewRGBA(image.Rect(0, 0, max(int(float64(size.X)*scale), 1), max(int(float64(size.Y)*scale), 1)))
	draw.ApproxBiLinear.Scale(small, small.Rect, img, img.Rect, draw.Src, nil)
	return small, nil
}

// displaySource is a display as a Screen wants it.
type displaySource struct {
	shots *shots.Source
	ctx   context.Context
	end   context.CancelFunc
}

func (d displaySource) grab() (*frame.Frame, error) {
	f, err := d.shots.Next(d.ctx)
	switch {
	case errors.Is(err, context.Canceled):
		return nil, frame.ErrClosed
	case err != nil:
		return nil, fmt.Errorf("%w (%w)", ErrGone, err)
	}
	return f, nil
}

func (d displaySource) close() { d.end() }
