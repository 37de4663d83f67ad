//go:build linux

package x11

import (
	"image"

	"parley/devices/frame"
)

// even is the largest even number up to n, and at least 2.
func even(n int) int { return max(n&^1, 2) }

// fit halves a picture until no side is longer than MaxSide.
func (c *Capture) fit(src *image.YCbCr) *frame.Frame {
	for {
		w, h := even(src.Rect.Dx()/2), even(src.Rect.Dy()/2)
		if max(w, h) <= MaxSide {
			f := c.pool.Get(w, h)
			halve(f.YCbCr, src)
			return f
		}
		half := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		halve(half, src)
		src = half
	}
}

// halve fills dst with src at half the size.
func halve(dst, src *image.YCbCr) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	halvePlane(dst.Y, dst.YStride, dst.Rect.Dx(), src.Y, src.YStride, w, h)
	halvePlane(dst.Cb, dst.CStride, dst.Rect.Dx()/2, src.Cb, src.CStride, w/2, h/2)
	halvePlane(dst.Cr, dst.CStride, dst.Rect.Dx()/2, src.Cr, src.CStride, w/2, h/2)
}

// halvePlane makes each sample of dst, which is width wide, the mean of four of src, which is w by h; what is not there
// repeats the last.
func halvePlane(dst []uint8, stride, width int, src []uint8, srcStride, w, h int) {
	for y := range len(dst) / stride {
		upper, lower := src[min(2*y, h-1)*srcStride:][:w], src[min(2*y+1, h-1)*srcStride:][:w]
		row := dst[y*stride:][:width]
		inside := min(width, w/2)
		for x := range inside {
			row[x] = uint8((int(upper[2*x]) + int(upper[2*x+1]) + int(lower[2*x]) + int(lower[2*x+1]) + 2) / 4)
		}
		for x := inside; x < width; x++ {
			row[x] = uint8((int(upper[w-1]) + int(lower[w-1]) + 1) / 2)
		}
	}
}
