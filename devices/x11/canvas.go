//go:build linux

package x11

import (
	"fmt"
	"image"

	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/sys/unix"

	"parley/devices/bgra"
)

const (
	pixelBytes = 4
	maxArea    = 1 << 26 // pixels that are read at once: more than two 8K displays
	allPlanes  = 1<<32 - 1
)

// canvas holds the newest pixels of what is captured, four bytes each: blue, green, red, and one that means nothing. Where
// the X server is on this machine, it writes them here itself. The zero value is an empty canvas without shared memory.
type canvas struct {
	pix           []byte
	width, height int // a row is width pixels

	shared bool // pix is shared with the X server
	seg    shm.Seg
}

// checkPixels says whether the X server's pixels are of the kind that a canvas holds, as they are on every usual desktop.
func (c *conn) checkPixels(depth byte) error {
	usual := c.setup.ImageByteOrder == xproto.ImageOrderLSBFirst && (depth == 24 || depth == 32)
	for _, f := range c.setup.PixmapFormats {
		if f.Depth == depth && f.BitsPerPixel != 8*pixelBytes {
			usual = false
		}
	}
	if !usual {
		return fmt.Errorf("%w: pictures of %d bits a pixel", ErrUnsupported, depth)
	}
	return nil
}

// resize makes room for a picture of that size; false when it has it already, and then keeps what is there.
func (v *canvas) resize(c *conn, width, height int) (bool, error) {
	if v.width == width && v.height == height {
		return false, nil
	}
	if width < 1 || height < 1 || max(width, height) > bgra.MaxSide || width*height > maxArea {
		return false, fmt.Errorf("%w: a picture of %dx%d", ErrUnsupported, width, height)
	}
	v.width, v.height = width, height
	if size := width * height * pixelBytes; size <= cap(v.pix) {
		v.pix = v.pix[:size]
	} else {
		v.free(c)
		if !v.share(c, size) {
			v.pix = make([]byte, size)
		}
	}
	return true, nil
}

// share allocates memory that the X server writes into; false where it cannot, as over a network.
func (v *canvas) share(c *conn, size int) bool {
	if !c.has(extShm) {
		return false
	}
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, size, unix.IPC_CREAT|0o600)
	if err != nil {
		return false
	}
	// Once both sides have it, it needs no name: so it cannot outlive them.
	defer func() { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) }()
	pix, err := unix.SysvShmAttach(id, 0, 0)
	if err != nil {
		return false
	}
	seg, err := shm.NewSegId(c.x)
	if err == nil {
		err = shm.AttachChecked(c.x, seg, uint32(id), false).Check()
	}
	if err != nil {
		_ = unix.SysvShmDetach(pix) // it was attached just now
		return false
	}
	v.pix, v.seg, v.shared = pix[:size], seg, true
	return true
}

// free gives the memory back.
func (v *canvas) free(c *conn) {
	if v.shared {
		shm.Detach(c.x, v.seg)
		_ = unix.SysvShmDetach(v.pix[:cap(v.pix)]) // it is attached
	}
	v.pix, v.shared = nil, false
}

// read fetches rows of what is to be seen in area of the drawable, all over its width; rows is within the canvas.
func (v *canvas) read(c *conn, from xproto.Drawable, area image.Rectangle, rows rows) error {
	x, y := int16(area.Min.X), int16(area.Min.Y+rows.from)
	w, h := uint16(v.width), uint16(rows.to-rows.from)
	at := rows.from * v.width * pixelBytes
	if v.shared {
		_, err := shm.GetImage(c.x, from, x, y, w, h, allPlanes, xproto.ImageFormatZPixmap, v.seg, uint32(at)).Reply()
		return err
	}
	reply, err := xproto.GetImage(c.x, xproto.ImageFormatZPixmap, from, x, y, w, h, allPlanes).Reply()
	if err != nil {
		return err
	}
	if want := int(w) * int(h) * pixelBytes; len(reply.Data) < want {
		return fmt.Errorf("%w: %d bytes for %dx%d pixels", ErrUnsupported, len(reply.Data), w, h)
	}
	copy(v.pix[at:], reply.Data[:int(w)*int(h)*pixelBytes])
	return nil
}

// rows is a band of a picture: from the row from to before the row to.
type rows struct{ from, to int }

func (r rows) empty() bool { return r.from >= r.to }

// union is the least band that holds both.
func (r rows) union(s rows) rows {
	switch {
	case r.empty():
		return s
	case s.empty():
		return r
	}
	return rows{min(r.from, s.from), max(r.to, s.to)}
}
