// Package bgra turns the pictures that screens and cameras give into those that calls carry, with libyuv's vector code.
//
// A screen is read as four bytes a pixel, most often blue, green, red and one that means nothing; a camera gives packed or
// planar YCbCr. A call carries I420, BT.601 limited range (see package devices/frame). [ToI420] goes from the one to the other
// in one pass over the picture.
//
// The functions keep nothing and may be called from any goroutine. Sizes, strides and lengths are checked before any C code
// runs, so bytes from a source that lies about its picture give an error and never a wild read.
package bgra

// #cgo LDFLAGS: -lyuv
// #include <libyuv/convert.h>
import "C"

import (
	"errors"
	"fmt"
	"image"
)

// Order says what the bytes of a picture mean.
type Order int

// The orders, by the bytes as they lie in memory. A is alpha or nothing, and is not looked at.
const (
	BGRA Order = iota // B G R A, each pixel
	RGBA              // R G B A, each pixel
	YUY2              // Y Cb Y Cr, each two pixels: 4:2:2
	NV12              // all Y, then Cb Cr, each two by two pixels
	I420              // all Y, then all Cb, then all Cr, with half the stride
)

// String returns the order's name.
func (o Order) String() string {
	if o < BGRA || o > I420 {
		return fmt.Sprintf("order %d", int(o))
	}
	return [...]string{"BGRA", "RGBA", "YUY2", "NV12", "I420"}[o]
}

var (
	// ErrSize: the picture is empty, larger than [MaxSide] on a side, or of an unknown [Order].
	ErrSize = errors.New("unsuitable picture")
	// ErrShort: there are fewer bytes than the picture's size and stride say.
	ErrShort = errors.New("too few bytes for the picture")
)

// MaxSide bounds the width and the height of a picture, in pixels: what VP8 can say in its 14 bits.
const MaxSide = 1<<14 - 1

// maxStride keeps the arithmetic on sizes, here and in C, far from overflow.
const maxStride = 1 << 20

// ToI420 fills dst, an I420 picture, from the bytes of a picture of the same size. The stride is the bytes from one row to the
// next; for NV12 and I420 those of the luma. The last row may end before its stride does. The YCbCr orders must be in limited
// range already. It returns [ErrSize] or [ErrShort], and then leaves dst as it was.
func ToI420(dst *image.YCbCr, src []byte, stride int, order Order) error {
	if err := checkDst(dst); err != nil {
		return fmt.Errorf("converting %v to I420: destination: %w", order, err)
	}
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	if err := order.check(src, stride, w, h); err != nil {
		return fmt.Errorf("converting %v to I420: %w", order, err)
	}
	if order.convert(dst, src, stride, w, h) != 0 {
		return fmt.Errorf("converting %v to I420: libyuv refused %dx%d", order, w, h)
	}
	return nil
}

func (o Order) convert(dst *image.YCbCr, src []byte, stride, w, h int) C.int {
	y, cb, cr := first(dst.Y), first(dst.Cb), first(dst.Cr)
	yStride, cStride := C.int(dst.YStride), C.int(dst.CStride)
	in, inStride, width, height := first(src), C.int(stride), C.int(w), C.int(h)
	// libyuv names what has four bytes a pixel by the little-endian word, and so the other way round.
	switch o {
	case BGRA:
		return C.ARGBToI420(in, inStride, y, yStride, cb, cStride, cr, cStride, width, height)
	case RGBA:
		return C.ABGRToI420(in, inStride, y, yStride, cb, cStride, cr, cStride, width, height)
	case YUY2:
		return C.YUY2ToI420(in, inStride, y, yStride, cb, cStride, cr, cStride, width, height)
	case NV12:
		return C.NV12ToI420(in, inStride, first(src[stride*h:]), inStride, y, yStride, cb, cStride, cr, cStride, width, height)
	default: // I420, as check has seen to
		half := stride / 2
		u := src[stride*h:]
		v := u[half*((h+1)/2):]
		return C.I420Copy(in, inStride, first(u), C.int(half), first(v), C.int(half), y, yStride, cb, cStride, cr, cStride, width, height)
	}
}

// bytes returns how many bytes a picture of that size and stride takes at the least, and how wide its widest row is.
// Both are 0 for an unknown order.
func (o Order) bytes(stride, w, h int) (all, row int) {
	cw, ch := (w+1)/2, (h+1)/2
	switch o {
	case BGRA, RGBA:
		return stride*(h-1) + 4*w, 4 * w
	case YUY2:
		return stride*(h-1) + 4*cw, 4 * cw
	case NV12:
		return stride*(h+ch-1) + 2*cw, 2 * cw
	case I420:
		return stride*h + stride/2*(2*ch-1) + cw, 2 * cw
	}
	return 0, 0
}

func (o Order) check(src []byte, stride, w, h int) error {
	all, row := o.bytes(stride, w, h)
	if row == 0 {
		return ErrSize
	}
	if stride < row || stride > maxStride || len(src) < all {
		return fmt.Errorf("%w: %d bytes, stride %d, for %dx%d", ErrShort, len(src), stride, w, h)
	}
	return nil
}

// checkDst says whether dst is an I420 picture with every row that its size promises.
func checkDst(dst *image.YCbCr) error {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	if w <= 0 || h <= 0 || w > MaxSide || h > MaxSide || dst.SubsampleRatio != image.YCbCrSubsampleRatio420 ||
		dst.Rect.Min.X%2 != 0 || dst.Rect.Min.Y%2 != 0 {
		return fmt.Errorf("%w: %v, %v", ErrSize, dst.Rect, dst.SubsampleRatio)
	}
	cw, ch := (w+1)/2, (h+1)/2
	if !holds(dst.Y, dst.YStride, w, h) || !holds(dst.Cb, dst.CStride, cw, ch) || !holds(dst.Cr, dst.CStride, cw, ch) {
		return fmt.Errorf("%w: %v", ErrShort, dst.Rect)
	}
	return nil
}

// holds says whether plane has that many rows of that many bytes.
func holds(plane []uint8, stride, row, rows int) bool {
	return stride >= row && stride <= maxStride && len(plane) >= stride*(rows-1)+row
}

func first(plane []uint8) *C.uint8_t { return (*C.uint8_t)(&plane[0]) }
