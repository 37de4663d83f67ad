package pattern

import (
	"image"
	"image/draw"
)

// Found is one block of a screenshot.
type Found struct {
	Reading
	Bounds   image.Rectangle // of the magenta frame
	Mirrored bool            // left and right are swapped, as in a self view
}

// Find returns all blocks that can be read in a screenshot, from the top down. Blocks may have any size from about 40
// pixels up, and may be mirrored.
func Find(img image.Image) []Found {
	rgba := toRGBA(img)
	g := brightness(rgba)
	var found []Found
	for _, r := range magentaPatches(rgba) {
		reading, mirrored, ok := readNear(g, r)
		if !ok {
			continue
		}
		found = append(found, Found{Reading: reading, Bounds: r.Add(img.Bounds().Min), Mirrored: mirrored})
	}
	return found
}

// readNear reads a block whose frame is r give or take a pixel: blur moves edges.
func readNear(g gray, r image.Rectangle) (reading Reading, mirrored, ok bool) {
	for _, grow := range []float64{0, 0.5, -0.5, 1, -1} {
		b := block{
			x: float64(r.Min.X) - grow, y: float64(r.Min.Y) - grow,
			w: float64(r.Dx()) + 2*grow, h: float64(r.Dy()) + 2*grow,
		}
		for _, mirrored := range []bool{false, true} {
			if reading, ok := readCells(g, b, mirrored); ok {
				return reading, mirrored, true
			}
		}
	}
	return Reading{}, false, false
}

func toRGBA(img image.Image) *image.RGBA {
	if rgba, ok := img.(*image.RGBA); ok && rgba.Rect.Min == (image.Point{}) {
		return rgba
	}
	rgba := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
	return rgba
}

func brightness(img *image.RGBA) gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	g := gray{pix: make([]uint8, w*h), stride: w, width: w, height: h}
	for y := range h {
		row := img.Pix[y*img.Stride:]
		for x := range w {
			g.pix[y*w+x] = uint8((int(row[4*x]) + 2*int(row[4*x+1]) + int(row[4*x+2])) / 4)
		}
	}
	return g
}

// magentaPatches returns the bounds of the connected patches of magenta that have the shape of a frame.
func magentaPatches(img *image.RGBA) []image.Rectangle {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	mask := make([]bool, w*h)
	for y := range h {
		row := img.Pix[y*img.Stride:]
		for x := range w {
			mask[y*w+x] = isMagenta(int(row[4*x]), int(row[4*x+1]), int(row[4*x+2]))
		}
	}
	var patches []image.Rectangle
	var stack []int
	for at := range mask {
		if !mask[at] {
			continue
		}
		var bounds image.Rectangle
		var count int
		bounds, count, stack = takePatch(mask, w, at, stack[:0])
		if looksLikeAFrame(bounds, count) {
			patches = append(patches, bounds)
		}
	}
	return patches
}

// isMagenta is generous: codecs and scaling wash the colour out, most of all at the edges.
func isMagenta(r, g, b int) bool {
	return min(r, b)-g > 75 && min(r, b) > 110 && max(r, b)-min(r, b) < 90
}

// takePatch clears the patch that holds the pixel at, and returns its bounds and number of pixels.
func takePatch(mask []bool, width, at int, stack []int) (image.Rectangle, int, []int) {
	bounds, count := image.Rectangle{}, 0
	mask[at] = false
	for stack = append(stack, at); len(stack) > 0; {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		x, y := p%width, p/width
		bounds = bounds.Union(image.Rect(x, y, x+1, y+1))
		count++
		for ny := max(y-1, 0); ny <= min(y+1, len(mask)/width-1); ny++ {
			for nx := max(x-1, 0); nx <= min(x+1, width-1); nx++ {
				if n := ny*width + nx; mask[n] {
					mask[n] = false
					stack = append(stack, n)
				}
			}
		}
	}
	return bounds, count, stack
}

// looksLikeAFrame: nearly square, and hollow (an ideal frame fills 44 % of its bounds).
func looksLikeAFrame(bounds image.Rectangle, count int) bool {
	w, h := bounds.Dx(), bounds.Dy()
	if min(w, h) < minSide || 5*w < 4*h || 5*h < 4*w {
		return false
	}
	part := float64(count) / float64(w*h)
	return part > 0.2 && part < 0.65
}
