package yuv

// #cgo LDFLAGS: -lyuv
// #include <libyuv/convert_argb.h>
// #include <libyuv/scale.h>
import "C"

import (
	"fmt"
	"image"
)

// MaxSide bounds the width and the height of a picture, in pixels: what VP8 can say in its 14 bits.
const MaxSide = 1<<14 - 1

// ToRGBA writes the I420 picture src into dst, which must have the same size. Alpha becomes 255. It returns
// [ErrFormat], [ErrSize] or [ErrPlane], and then leaves dst as it was.
func ToRGBA(dst *image.RGBA, src *image.YCbCr) error {
	if err := checkI420(src); err != nil {
		return fmt.Errorf("converting to RGBA: source: %w", err)
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	if dst.Rect.Dx() != w || dst.Rect.Dy() != h {
		return fmt.Errorf("converting to RGBA: %w: %v into %v", ErrSize, src.Rect, dst.Rect)
	}
	if err := checkPlane(dst.Pix, dst.Stride, 4*w, h); err != nil {
		return fmt.Errorf("converting to RGBA: destination: %w", err)
	}
	// libyuv names formats by the little-endian word: ABGR has red in the lowest byte, as image.RGBA does.
	result := C.I420ToABGR(
		first(src.Y), C.int(src.YStride), first(src.Cb), C.int(src.CStride), first(src.Cr), C.int(src.CStride),
		first(dst.Pix), C.int(dst.Stride), C.int(w), C.int(h))
	if result != 0 {
		return fmt.Errorf("converting to RGBA: libyuv refused %v", src.Rect)
	}
	return nil
}

// Scale fills dst with the I420 picture src at dst's size. It averages when shrinking to less than half and
// interpolates otherwise. Neither keeps proportions: that is up to whoever chooses dst's size. It returns [ErrFormat],
// [ErrSize] or [ErrPlane], and then leaves dst as it was.
func Scale(dst, src *image.YCbCr) error {
	if err := checkI420(src); err != nil {
		return fmt.Errorf("scaling: source: %w", err)
	}
	if err := checkI420(dst); err != nil {
		return fmt.Errorf("scaling: destination: %w", err)
	}
	result := C.I420Scale(
		first(src.Y), C.int(src.YStride), first(src.Cb), C.int(src.CStride), first(src.Cr), C.int(src.CStride),
		C.int(src.Rect.Dx()), C.int(src.Rect.Dy()),
		first(dst.Y), C.int(dst.YStride), first(dst.Cb), C.int(dst.CStride), first(dst.Cr), C.int(dst.CStride),
		C.int(dst.Rect.Dx()), C.int(dst.Rect.Dy()), C.kFilterBox)
	if result != 0 {
		return fmt.Errorf("scaling: libyuv refused %v to %v", src.Rect, dst.Rect)
	}
	return nil
}

// checkI420 says whether every row that the picture's size promises is really there.
func checkI420(img *image.YCbCr) error {
	if img.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		return fmt.Errorf("%w: %v", ErrFormat, img.SubsampleRatio)
	}
	if img.Rect.Min.X%2 != 0 || img.Rect.Min.Y%2 != 0 {
		return fmt.Errorf("%w: it begins at %v", ErrFormat, img.Rect.Min)
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w <= 0 || h <= 0 || w > MaxSide || h > MaxSide {
		return fmt.Errorf("%w: %dx%d", ErrSize, w, h)
	}
	if err := checkPlane(img.Y, img.YStride, w, h); err != nil {
		return fmt.Errorf("luma: %w", err)
	}
	for _, chroma := range [][]uint8{img.Cb, img.Cr} {
		if err := checkPlane(chroma, img.CStride, (w+1)/2, (h+1)/2); err != nil {
			return fmt.Errorf("chroma: %w", err)
		}
	}
	return nil
}

// maxStride keeps the arithmetic on sizes, here and in C, far from overflow.
const maxStride = 1 << 20

// checkPlane says whether plane holds that many rows of that many bytes. The last row may end before its stride does.
func checkPlane(plane []uint8, stride, rowBytes, rows int) error {
	if stride < rowBytes || stride > maxStride || len(plane) < stride*(rows-1)+rowBytes {
		return fmt.Errorf("%w: %d bytes, stride %d, for %d rows of %d", ErrPlane, len(plane), stride, rows, rowBytes)
	}
	return nil
}

func first(plane []uint8) *C.uint8_t { return (*C.uint8_t)(&plane[0]) }
