//go:build linux

package x11

import (
	"fmt"
	"image"
)

// MonitorPicture returns a picture of the monitor of that name, without the pointer, that fits into width by height. It takes some
// milliseconds. Errors wrap [ErrNoDisplay], [ErrNotFound] or [ErrUnsupported].
func MonitorPicture(name string, width, height int) (*image.RGBA, error) {
	return takeSmall(width, height, func(c *conn) (target, error) { return newMonitorTarget(c, name) })
}

// WindowPicture does the same for the window with that ID. For a window that is covered it takes a fifth of a second
// where the desktop has no compositor.
func WindowPicture(id uint32, width, height int) (*image.RGBA, error) {
	return takeSmall(width, height, func(c *conn) (target, error) { return newWindowTarget(c, id) })
}

func takeSmall(width, height int, find func(*conn) (target, error)) (*image.RGBA, error) {
	if width < 1 || height < 1 {
		return nil, fmt.Errorf("%w: a picture of %dx%d", ErrUnsupported, width, height)
	}
	c, err := connect(extXFixes, extComposite, extRandR, extShm)
	if err != nil {
		return nil, err
	}
	defer c.close()
	t, err := find(c)
	if err != nil {
		return nil, err
	}
	var v canvas
	defer v.free(c)
	from, area := t.area()
	if _, err := v.resize(c, area.Dx(), area.Dy()); err != nil {
		return nil, err
	}
	if err := v.read(c, from, area, rows{0, v.height}); err != nil {
		return nil, wrap("reading the picture", err)
	}
	return v.small(width, height), nil
}

// small returns the canvas shrunk to fit into width by height; it is never enlarged. Each pixel is the mean of those it stands for, so that
// writing stays legible for long.
func (v *canvas) small(width, height int) *image.RGBA {
	w, h := min(v.width, width), min(v.height, height)
	if v.width*h > v.height*w {
		h = max(v.height*w/v.width, 1)
	} else {
		w = max(v.width*h/v.height, 1)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	sums := make([][3]uint32, w)
	for y := range h {
		clear(sums)
		top, bottom := y*v.height/h, (y+1)*v.height/h
		for sy := top; sy < bottom; sy++ {
			addUp(sums, v.pix[sy*v.width*pixelBytes:][:v.width*pixelBytes])
		}
		for x, sum := range sums {
			n := uint32((x+1)*v.width/w-x*v.width/w) * uint32(bottom-top)
			p := dst.Pix[y*dst.Stride+pixelBytes*x:][:pixelBytes]
			p[0], p[1], p[2], p[3] = uint8(sum[2]/n), uint8(sum[1]/n), uint8(sum[0]/n), 255
		}
	}
	return dst
}

// addUp adds a row of pixels to the sums of the columns they belong to.
func addUp(sums [][3]uint32, row []byte) {
	width := len(row) / pixelBytes
	at := 0
	for x := range sums {
		end := (x + 1) * width / len(sums)
		s := sums[x]
		for ; at < end; at++ {
			p := row[pixelBytes*at:][:pixelBytes]
			s[0], s[1], s[2] = s[0]+uint32(p[0]), s[1]+uint32(p[1]), s[2]+uint32(p[2])
		}
		sums[x] = s
	}
}
