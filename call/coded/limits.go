package coded

import (
	"fmt"
	"image"
)

// The largest picture that is encoded or decoded: 4K lying or standing. VP8 could say 16383x16383 and VP9 65536x65536, for which
// a decoder takes gigabytes; a peer must not be able to ask for that with a few bytes.
const (
	MaxSide   = 4096        // pixels
	MaxPixels = 4096 * 2304 // width times height
)

// Fits says whether a picture of that size is within [MaxSide] and [MaxPixels].
func Fits(width, height int) bool {
	return width > 0 && height > 0 && width <= MaxSide && height <= MaxSide && width*height <= MaxPixels
}

// The bit rates that an encoder takes, in bit/s.
const (
	MinBitRate = 30_000
	MaxBitRate = 50_000_000
)

// ClampBitRate returns the nearest bit rate that an encoder takes.
func ClampBitRate(bitRate int) int { return max(MinBitRate, min(bitRate, MaxBitRate)) }

// CheckPicture says whether img has that size and every row that the size promises, so that C may read it. It returns
// [ErrPicture].
func CheckPicture(img *image.YCbCr, width, height int) error {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	odd := img.Rect.Min.X%2 != 0 || img.Rect.Min.Y%2 != 0
	if img.SubsampleRatio != image.YCbCrSubsampleRatio420 || w != width || h != height || odd {
		return fmt.Errorf("%w: %v %v, want 4:2:0 of %dx%d", ErrPicture, img.SubsampleRatio, img.Rect, width, height)
	}
	cw, ch := (w+1)/2, (h+1)/2
	if !holds(img.Y, img.YStride, w, h) || !holds(img.Cb, img.CStride, cw, ch) || !holds(img.Cr, img.CStride, cw, ch) {
		return fmt.Errorf("%w: a plane is too short", ErrPicture)
	}
	return nil
}

func holds(plane []byte, stride, width, height int) bool {
	return stride >= width && stride <= 1<<20 && len(plane) >= stride*(height-1)+width
}
