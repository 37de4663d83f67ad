// Package frame carries one picture from stage to stage without copying it.
//
// A [Frame] is an I420 picture in the standard library's type, with the moment it was captured and a
// count of its holders. It comes from a [Pool] and goes back there when the last holder lets go, so a
// video path that has warmed up allocates nothing by the frame. A [Slot] sits between two stages that
// run at different speeds: it holds the newest frame and drops the older one, so nothing queues.
//
// Rules: whoever receives a Frame owns one reference and calls [Frame.Release] once; whoever hands it
// to somebody else as well calls [Frame.Retain] first; nobody writes to a frame that was handed on.
package frame

import (
	"image"
	"sync"
	"sync/atomic"
	"time"
)

// Frame is one picture, 4:2:0 with (w+1)/2 by (h+1)/2 chroma, BT.601 limited range. The picture may be
// read by any number of goroutines at once.
type Frame struct {
	*image.YCbCr

	// Captured is when the picture was taken, on this machine's clock. Zero where that is not known,
	// as for most pictures of other people.
	Captured time.Time

	refs atomic.Int32
	pool *Pool
}

// New returns a frame that belongs to no pool, for a picture that lives on its own. It starts with one
// reference.
func New(width, height int) *Frame {
	f := &Frame{YCbCr: image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)}
	f.refs.Store(1)
	return f
}

// Size returns the width and height in pixels.
func (f *Frame) Size() (width, height int) { return f.Rect.Dx(), f.Rect.Dy() }

// Retain adds a reference and returns f, for handing it to one more holder.
func (f *Frame) Retain() *Frame {
	f.refs.Add(1)
	return f
}

// Release gives one reference back; the picture must not be touched by that holder afterwards. A release
// too many is a bug in the caller and panics, since the picture would be overwritten under another
// holder. A nil frame may be released.
func (f *Frame) Release() {
	if f == nil {
		return
	}
	switch n := f.refs.Add(-1); {
	case n > 0:
		return
	case n < 0:
		panic("frame: released more often than retained")
	}
	if f.pool != nil {
		f.pool.put(f)
	}
}

// maxSpare bounds what a pool keeps: more than a video path holds at once, little enough to forget about.
const maxSpare = 8

// Pool recycles frames of one size; a request for another size empties it. The zero value is ready, and
// any goroutine may use it.
type Pool struct {
	mu    sync.Mutex
	spare []*Frame
}

// Get returns a frame of that size with one reference, Captured zero, and whatever an earlier holder drew in it.
func (p *Pool) Get(width, height int) *Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.spare); n > 0; n = len(p.spare) {
		f := p.spare[n-1]
		p.spare[n-1] = nil
		p.spare = p.spare[:n-1]
		if w, h := f.Size(); w == width && h == height {
			f.Captured = time.Time{}
			f.refs.Store(1)
			return f
		}
	}
	f := New(width, height)
	f.pool = p
	return f
}

// Clear lets go of the frames that wait to be used again, where none of that size will be needed soon.
func (p *Pool) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spare = nil
}

func (p *Pool) put(f *Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.spare) < maxSpare {
		p.spare = append(p.spare, f)
	}
}
