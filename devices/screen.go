package devices

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"sync/atomic"

	"parley/devices/frame"
)

// ScreenFormat is what a screen or window is asked for. It is captured at its own size.
type ScreenFormat struct {
	// FrameRate is how many pictures a second there are at the most, up to 60; 0 is 15. Fewer come while little changes,
	// but one a second at the least.
	FrameRate float64
	// Restore is what [Screen.Restore] returned the last time, for [Ask]: with it the system need not ask again. Empty is the first time.
	Restore string
}

const (
	usualScreenRate = 15
	maxScreenRate   = 60
)

func (f ScreenFormat) orUsual() ScreenFormat {
	if !(f.FrameRate > 0) {
		f.FrameRate = usualScreenRate
	}
	f.FrameRate = min(f.FrameRate, maxScreenRate)
	return f
}

// screenSource is a running capture.
type screenSource interface {
	// grab waits for the next picture, of two by two pixels at the least. An error is the end: [frame.ErrClosed] after close.
	grab() (*frame.Frame, error)
	// close ends the capture, and a grab that waits. Called once, whether grab has failed or not.
	close()
}

// Screen is a screen or a window that is being captured, with the mouse pointer. Its methods may be called from any goroutine.
type Screen struct {
	label, restore string
	source         screenSource
	slot           frame.Slot
	lost           atomic.Pointer[error] // why it ended by itself
	ended          chan struct{}
	close          sync.Once
}

// OpenScreen begins to capture a screen ([KindScreen]) or window ([KindWindow]) by its label; the screen [Default] is the primary
// one. A window is found by the label of the latest [List] that had it, though its title has changed since; single windows are listed on
// X11 alone. Each call captures anew. [Ask] takes as long as the user does, up to five minutes; nothing else takes a second.
//
// The caller closes it. Errors wrap [ErrNotFound], [ErrNotAllowed] when the user declined, [ErrNotReadable], or [ErrOverconstrained] for
// pictures of a kind that is not known here.
func OpenScreen(kind Kind, label string, want ScreenFormat) (*Screen, error) {
	s, err := openScreen(kind, label, want.orUsual())
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", kind, label, err)
	}
	return s, nil
}

func openScreen(kind Kind, label string, want ScreenFormat) (*Screen, error) {
	if err := checkScreenKind(kind, label); err != nil {
		return nil, err
	}
	return openScreenSource(kind, label, want)
}

func checkScreenKind(kind Kind, label string) error {
	if kind != KindScreen && kind != KindWindow || label == None || kind == KindWindow && label == Default {
		return ErrNotFound
	}
	return nil
}

// Thumbnail returns a picture of a screen or window that fits into width by height pixels, without the mouse pointer. It takes some
// milliseconds, or a fifth of a second for a covered window, and disturbs no capture. Errors are those of [OpenScreen]; what the
// system must be asked for ([Ask]) has no thumbnail and gives [ErrNotFound].
func Thumbnail(kind Kind, label string, width, height int) (image.Image, error) {
	img, err := thumbnail(kind, label, width, height)
	if err != nil {
		return nil, fmt.Errorf("picture of the %s %q: %w", kind, label, err)
	}
	return img, nil
}

func thumbnail(kind Kind, label string, width, height int) (image.Image, error) {
	if err := checkScreenKind(kind, label); err != nil {
		return nil, err
	}
	if width < 1 || height < 1 {
		return nil, fmt.Errorf("%w: %dx%d", ErrOverconstrained, width, height)
	}
	return screenThumbnail(kind, label, width, height)
}

// startScreen hands out the pictures of a source, which it takes over.
func startScreen(label, restore string, source screenSource) *Screen {
	s := &Screen{label: label, restore: restore, source: source, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		var fitter fitter
		for {
			f, err := source.grab()
			if err != nil {
				s.lost.Store(&err)
				s.slot.Close()
				return
			}
			s.slot.Put(fitter.fit(f))
		}
	}()
	return s
}

// Label returns what is captured: of the one that was chosen, when the label asked for was [Default] or [Ask].
func (s *Screen) Label() string { return s.label }

// Restore returns what to keep for [ScreenFormat] the next time; empty when there is nothing to keep.
func (s *Screen) Restore() string { return s.restore }

// Next waits for the newest picture that was not fetched yet; older ones are dropped. The caller releases it. Its size is even, at most
// 4096 a side, and changes when the window's does. It returns ctx's error when that ends first, an error that wraps [ErrGone] when the
// screen, the window or the system's consent is gone, and [frame.ErrClosed] after Close. One goroutine at a time may wait.
func (s *Screen) Next(ctx context.Context) (*frame.Frame, error) {
	f, err := s.slot.Next(ctx)
	if lost := s.lost.Load(); errors.Is(err, frame.ErrClosed) && lost != nil && !errors.Is(*lost, frame.ErrClosed) {
		return nil, fmt.Errorf("%q: %w", s.label, *lost)
	}
	return f, err
}

// Close ends the capture. It does not wait long for a system that hangs. A second call does nothing. The error is
// always nil.
func (s *Screen) Close() error {
	s.close.Do(func() {
		s.slot.Close()
		s.source.close()
		endsInTime(s.ended)
	})
	return nil
}
