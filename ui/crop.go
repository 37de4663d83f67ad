package ui

import "image"

// cover returns the largest part of a picture that has the proportions of width to height, from its middle: what is
// left when a picture covers a tile. The part begins at even places, where I420 has its chroma.
func cover(picture image.Rectangle, width, height int) image.Rectangle {
	w, h := picture.Dx(), picture.Dy()
	if width <= 0 || height <= 0 || w <= 0 || h <= 0 {
		return image.Rectangle{}
	}
	partW, partH := w, h
	if w*height > h*width {
		partW = max(1, h*width/height)
	} else {
		partH = max(1, w*height/width)
	}
	x, y := (w-partW)/2&^1, (h-partH)/2&^1
	return image.Rect(x, y, x+partW, y+partH).Add(picture.Min)
}

// contain returns the largest size with the proportions of a picture that fits into width by height: the whole picture
// is seen, and some of the place is not covered. It never enlarges.
func contain(picture image.Rectangle, width, height int) (int, int) {
	w, h := picture.Dx(), picture.Dy()
	switch {
	case w <= width && h <= height:
	case w*height > h*width:
		w, h = width, max(1, h*width/max(1, w))
	default:
		w, h = max(1, w*height/max(1, h)), height
	}
	return w, h
}

// crop makes part of the 4:2:0 picture src look like a picture of its own in dst, without copying and without
// allocating. Part begins at even places and lies within src.
func crop(dst, src *image.YCbCr, part image.Rectangle) {
	y := src.YOffset(part.Min.X, part.Min.Y)
	c := src.COffset(part.Min.X, part.Min.Y)
	*dst = image.YCbCr{
		Y: src.Y[y:], Cb: src.Cb[c:], Cr: src.Cr[c:],
		YStride: src.YStride, CStride: src.CStride,
		SubsampleRatio: src.SubsampleRatio,
		Rect:           image.Rectangle{Max: part.Size()},
	}
}
