package pipewire

// #include "remote_linux.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"parley/devices/bgra"
	"parley/devices/frame"
)

// Format is what a source is asked for. A camera gives that, or a smaller size at that rate, or else what it has; a screen
// has its own size, and sends at that rate at the most. A zero field means the usual: 1280x720, 30 pictures a second.
type Format struct {
	Width, Height int     // pixels
	FrameRate     float64 // a second
}

func (f Format) orUsual() Format {
	if f.Width <= 0 || f.Height <= 0 {
		f.Width, f.Height = 1280, 720
	}
	if f.FrameRate <= 0 {
		f.FrameRate = 30
	}
	f.Width, f.Height, f.FrameRate = min(f.Width, bgra.MaxSide), min(f.Height, bgra.MaxSide), min(max(f.FrameRate, 0.1), 1000)
	return f
}

// Stream is the pictures of one source. Its methods may be called from any goroutine.
type Stream struct {
	remote *Remote
	node   uint32
	handle uintptr
	c      *C.struct_parley_stream // nil when it could not be made

	slot   frame.Slot
	pool   frame.Pool
	whole  frame.Pool // of pictures of which a part is wanted
	lost   atomic.Pointer[error]
	agreed *time.Timer // ends the stream when there is no format in time
	gone   sync.Once
}

// agreeing is how long a source and its reader may take to agree on a format. Where they cannot, nobody says so.
var agreeing = 10 * time.Second

// Stream begins to read a source: the node that a screen cast's portal told, or one of [Remote.Sources]. Whether the source has
// pictures that can be read shows at [Stream.Next]: where there is no format that both know, it ends after ten seconds.
//
// The caller closes the stream. Errors wrap [ErrClosed], [ErrEnded] or those of the system.
func (r *Remote) Stream(node uint32, want Format) (*Stream, error) {
	want = want.orUsual()
	r.using.RLock()
	defer r.using.RUnlock()
	if r.closed {
		return nil, fmt.Errorf("PipeWire's node %d: %w", node, ErrClosed)
	}
	s := &Stream{remote: r, node: node}
	s.agreed = time.AfterFunc(agreeing, func() { s.end(fmt.Errorf("%w: it has no format that can be read", ErrEnded)) })
	r.mu.Lock()
	lost := r.lost
	r.streams[s] = true
	r.mu.Unlock()
	s.handle = streams.add(s)
	err := lost
	if lost == nil {
		s.c, err = C.parley_stream_new(r.c, C.uintptr_t(s.handle), C.uint32_t(node), C.int(want.Width), C.int(want.Height), C.double(want.FrameRate))
	}
	if s.c == nil {
		s.destroy()
		return nil, fmt.Errorf("PipeWire's node %d: %w", node, err)
	}
	return s, nil
}

// Next waits for the newest picture that was not fetched yet; older ones are dropped. The caller releases it. It returns ctx's
// error when that ends first, an error that wraps [ErrEnded] when the source ended, and [frame.ErrClosed] after Close. One
// goroutine at a time may wait.
func (s *Stream) Next(ctx context.Context) (*frame.Frame, error) {
	f, err := s.slot.Next(ctx)
	if errors.Is(err, frame.ErrClosed) {
		if lost := s.lost.Load(); lost != nil {
			return nil, fmt.Errorf("PipeWire's node %d: %w", s.node, *lost)
		}
	}
	return f, err
}

// Close stops reading. A second call does nothing. The error is always nil.
func (s *Stream) Close() error {
	s.remote.using.RLock()
	defer s.remote.using.RUnlock()
	s.destroy()
	return nil
}

// destroy ends the stream; the caller holds the remote's using.
func (s *Stream) destroy() {
	s.gone.Do(func() {
		s.agreed.Stop()
		s.slot.Close()
		if s.c != nil {
			C.parley_stream_destroy(s.c)
		}
		streams.remove(s.handle)
		s.remote.mu.Lock()
		defer s.remote.mu.Unlock()
		delete(s.remote.streams, s)
	})
}

// end tells whoever waits for pictures that there will be none. The first reason counts.
func (s *Stream) end(err error) {
	s.lost.CompareAndSwap(nil, &err)
	s.slot.Close()
}

// picture takes one picture out of shared memory. It is called on PipeWire's thread, which waits meanwhile: some
// milliseconds at the most.
func (s *Stream) picture(p *C.struct_parley_picture) {
	if s.lost.Load() != nil {
		return
	}
	src := unsafe.Slice((*byte)(p.data), int(p.size))
	order, stride := bgra.Order(p.order), int(p.stride)
	size := image.Pt(int(p.width), int(p.height))
	if stride == 0 {
		stride = naturalStride(order, size.X)
	}
	crop := image.Rect(0, 0, int(p.crop_width), int(p.crop_height)).Add(image.Pt(int(p.crop_x), int(p.crop_y)))
	f, err := s.convert(src, stride, order, size, crop)
	if err != nil {
		return // it lied about itself; the next one may be better
	}
	f.Captured = time.Now().Add(-time.Duration(p.age))
	s.slot.Put(f)
}

// convert returns the part of a picture that crop says. The caller releases it.
func (s *Stream) convert(src []byte, stride int, order bgra.Order, size image.Point, crop image.Rectangle) (*frame.Frame, error) {
	f := s.pool.Get(crop.Dx(), crop.Dy())
	if order == bgra.BGRA || order == bgra.RGBA {
		at := crop.Min.Y*stride + 4*crop.Min.X
		src = src[min(at, len(src)):]
		size = crop.Size()
	}
	if size == crop.Size() {
		if err := bgra.ToI420(f.YCbCr, src, stride, order); err != nil {
			f.Release()
			return nil, err
		}
		return f, nil
	}
	whole := s.whole.Get(size.X, size.Y)
	defer whole.Release()
	if err := bgra.ToI420(whole.YCbCr, src, stride, order); err != nil {
		f.Release()
		return nil, err
	}
	cut(f.YCbCr, whole.YCbCr, crop.Min.X&^1, crop.Min.Y&^1)
	return f, nil
}

// cut copies the part of src that begins at x and y, both even, into dst.
func cut(dst, src *image.YCbCr, x, y int) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	for row := range h {
		copy(dst.Y[row*dst.YStride:][:w], src.Y[(y+row)*src.YStride+x:])
	}
	for row := range (h + 1) / 2 {
		from := (y/2+row)*src.CStride + x/2
		copy(dst.Cb[row*dst.CStride:][:(w+1)/2], src.Cb[from:])
		copy(dst.Cr[row*dst.CStride:][:(w+1)/2], src.Cr[from:])
	}
}

// naturalStride is that of a source that tells none: rows without a gap.
func naturalStride(order bgra.Order, width int) int {
	even := (width + 1) &^ 1
	switch order {
	case bgra.YUY2:
		return 2 * even
	case bgra.NV12, bgra.I420:
		return even
	}
	return 4 * width
}
