package devices

import (
	"image"

	"parley/devices/frame"
)

// maxScreenSide bounds the pictures of a screen, in pixels. Beyond it no codec here is fast enough.
const maxScreenSide = 4096

// fitter makes pictures fit for a call: of an even size, and none of their sides longer than maxScreenSide.
type fitter struct {
	pool frame.Pool
	half *image.YCbCr // what is halved once more; nil until one is
}

// fit returns f, or in its place a copy that fits.
func (t *fitter) fit(f *frame.Frame) *frame.Frame {
	w, h := f.Size()
	if max(w, h) <= maxScreenSide && w%2 == 0 && h%2 == 0 {
		return f
	}
	defer f.Release()
	src := cropToEven(f.YCbCr)
	for max(src.Rect.Dx(), src.Rect.Dy()) > 2*maxScreenSide {
		size := halfOf(src)
		if t.half == nil || t.half.Rect != size {
			t.half = image.NewYCbCr(size, image.YCbCrSubsampleRatio420)
		}
		halve(t.half, src)
		src = t.half
	}
	var fitting *frame.Frame
	if size := src.Rect.Size(); max(size.X, size.Y) > maxScreenSide {
		size = halfOf(src).Size()
		fitting = t.pool.Get(size.X, size.Y)
		halve(fitting.YCbCr, src)
	} else {
		fitting = t.pool.Get(size.X, size.Y)
		copyPlanes(fitting.YCbCr, src)
	}
	fitting.Captured = f.Captured
	return fitting
}

// cropToEven leaves out the last row and column where there is one too many.
func cropToEven(src *image.YCbCr) *image.YCbCr {
	size := src.Rect.Size()
	return src.SubImage(image.Rect(0, 0, size.X&^1, size.Y&^1)).(*image.YCbCr)
}

// halfOf is the size of a picture that was halved, which is even.
func halfOf(src *image.YCbCr) image.Rectangle {
	return image.Rect(0, 0, max(src.Rect.Dx()/2&^1, 2), max(src.Rect.Dy()/2&^1, 2))
}

// copyPlanes fills dst with src, which has the same size.
func copyPlanes(dst, src *image.YCbCr) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	for y := range h {
		copy(dst.Y[y*dst.YStride:][:w], src.Y[y*src.YStride:])
	}
	w, h = (w+1)/2, (h+1)/2
	for y := range h {
		copy(dst.Cb[y*dst.CStride:][:w], src.Cb[y*src.CStride:])
		copy(dst.Cr[y*dst.CStride:][:w], src.Cr[y*src.CStride:])
	}
}

// halve fills dst with src, whose sides are even, at half the size.
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
