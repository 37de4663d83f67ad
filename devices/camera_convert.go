package devices

import (
	"image"
	"image/color"
)

// maxSide is the most that a camera's picture is wide or high, in pixels; a driver that claims more is broken.
const maxSide = 8192

// isWhole says whether a picture has a size that a camera can have, and all the samples that this size takes.
func isWhole(img image.Image) bool {
	size := img.Bounds().Size()
	if size.X < 1 || size.Y < 1 || size.X > maxSide || size.Y > maxSide {
		return false
	}
	yuv, ok := img.(*image.YCbCr)
	if !ok {
		return true
	}
	x, y := yuv.Rect.Max.X-1, yuv.Rect.Max.Y-1
	chroma := yuv.COffset(x, y)
	if size.X%2 == 1 && yuv.CStride == size.X/2 {
		chroma-- // some drivers round an odd width down, which toI420 knows
	}
	return yuv.YStride >= size.X && yuv.CStride > 0 && yuv.YOffset(x, y) < len(yuv.Y) && chroma < min(len(yuv.Cb), len(yuv.Cr))
}

// toI420 copies a picture into dst, which has its size; it is whole. full says that src uses the full range of 0 to 255 and is to be
// brought into the limited one of video.
func toI420(dst *image.YCbCr, src image.Image, full bool) {
	img, ok := src.(*image.YCbCr)
	if !ok {
		fromRGB(dst, src)
		return
	}
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	for y := range h {
		copy(dst.Y[y*dst.YStride:][:w], img.Y[img.YOffset(img.Rect.Min.X, img.Rect.Min.Y+y):])
	}
	chromaTo420(dst, img)
	if full {
		limit(dst.Y, &limitedY)
		limit(dst.Cb, &limitedC)
		limit(dst.Cr, &limitedC)
	}
}

// chromaTo420 takes the chroma of src at half the size both ways.
func chromaTo420(dst, src *image.YCbCr) {
	cw, ch := (dst.Rect.Dx()+1)/2, (dst.Rect.Dy()+1)/2
	left, top := src.Rect.Min.X, src.Rect.Min.Y
	halved := src.SubsampleRatio == image.YCbCrSubsampleRatio420 || src.SubsampleRatio == image.YCbCrSubsampleRatio422
	for cy := range ch {
		upper := top + 2*cy
		lower := min(upper+1, src.Rect.Max.Y-1)
		cb, cr := dst.Cb[cy*dst.CStride:][:cw], dst.Cr[cy*dst.CStride:][:cw]
		if halved {
			a, b := src.COffset(left, upper), src.COffset(left, lower)
			n := min(cw, src.CStride) // some drivers round an odd width down
			average(cb, src.Cb[a:a+n], src.Cb[b:b+n])
			average(cr, src.Cr[a:a+n], src.Cr[b:b+n])
			continue
		}
		for cx := range cw {
			right := min(left+2*cx+1, src.Rect.Max.X-1)
			a, b := src.COffset(left+2*cx, upper), src.COffset(right, lower)
			cb[cx] = uint8((int(src.Cb[a]) + int(src.Cb[b]) + 1) / 2)
			cr[cx] = uint8((int(src.Cr[a]) + int(src.Cr[b]) + 1) / 2)
		}
	}
}

// average writes the mean of two rows; what dst has more repeats the last.
func average(dst, a, b []uint8) {
	for i := range a {
		dst[i] = uint8((int(a[i]) + int(b[i]) + 1) / 2)
	}
	for i := len(a); i > 0 && i < len(dst); i++ {
		dst[i] = dst[i-1]
	}
}

// fromRGB converts any other picture; no common camera gives one.
func fromRGB(dst *image.YCbCr, src image.Image) {
	least := src.Bounds().Min
	for y := range dst.Rect.Dy() {
		for x := range dst.Rect.Dx() {
			r, g, b, _ := src.At(least.X+x, least.Y+y).RGBA()
			l, cb, cr := color.RGBToYCbCr(uint8(r>>8), uint8(g>>8), uint8(b>>8))
			dst.Y[y*dst.YStride+x] = limitedY[l]
			if x%2 == 0 && y%2 == 0 {
				dst.Cb[y/2*dst.CStride+x/2], dst.Cr[y/2*dst.CStride+x/2] = limitedC[cb], limitedC[cr]
			}
		}
	}
}

// limitedY and limitedC map the full range (ITU-T T.871) onto the limited one (BT.601).
var (
	limitedY = rangeTable(16, 0, 219)
	limitedC = rangeTable(128, 128, 224)
)

func rangeTable(to, from, width int) (table [256]uint8) {
	for v := range table {
		table[v] = uint8(max(to*510+2*(v-from)*width+255, 0) / 510)
	}
	return table
}

func limit(plane []uint8, table *[256]uint8) {
	for i, v := range plane {
		plane[i] = table[v]
	}
}
