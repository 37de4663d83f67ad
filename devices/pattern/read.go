package pattern

import (
	"image"
	"math"
)

// gray is the brightness of a picture.
type gray struct {
	pix           []uint8
	stride        int
	width, height int
}

// Read reads the block of a whole picture as a camera drew it, at whatever size it has now. False when there is none,
// when it is too blurred to be sure of, or when it comes from another machine. It does not allocate.
func Read(img *image.YCbCr) (Reading, bool) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	b := centred(w, h)
	if b.w < minSide || !framedInMagenta(img, b) {
		return Reading{}, false
	}
	return readCells(gray{pix: img.Y, stride: img.YStride, width: w, height: h}, b, false)
}

// framedInMagenta looks at points in the middle of the frame; most must be magenta.
func framedInMagenta(img *image.YCbCr, b block) bool {
	const perSide, middle = 5, frameUnits / 2.0
	seen := 0
	look := func(ux, uy float64) {
		x, y := b.at(ux, uy)
		at := img.COffset(img.Rect.Min.X+int(x), img.Rect.Min.Y+int(y))
		if img.Cb[at] > 150 && img.Cr[at] > 160 {
			seen++
		}
	}
	for i := range perSide {
		along := unitsPerSide * (float64(i) + 0.5) / perSide
		look(along, middle)
		look(along, unitsPerSide-middle)
		look(middle, along)
		look(unitsPerSide-middle, along)
	}
	return seen >= perSide*4*3/4
}

const (
	minSide     = 32  // pixels of a block's side below which cells run into each other
	minContrast = 70  // between the darkest and the brightest cell
	minClear    = 0.1 // of that contrast: how far from the middle every cell must be
)

// readCells reads the cells of the block at b; mirrored reads them from right to left.
func readCells(g gray, b block, mirrored bool) (Reading, bool) {
	var levels [cellsPerSide * cellsPerSide]float64
	low, high := math.Inf(1), math.Inf(-1)
	for i := range levels {
		column := i % cellsPerSide
		if mirrored {
			column = cellsPerSide - 1 - column
		}
		levels[i] = cellLevel(g, b, column, i/cellsPerSide)
		low, high = min(low, levels[i]), max(high, levels[i])
	}
	if high-low < minContrast {
		return Reading{}, false
	}
	var cells uint64
	for _, level := range levels {
		above := (level-low)/(high-low) - 0.5
		if math.Abs(above) < minClear {
			return Reading{}, false
		}
		cells <<= 1
		if above > 0 {
			cells |= 1
		}
	}
	return decode(cells)
}

// cellLevel is the mean brightness of the inner part of a cell.
func cellLevel(g gray, b block, column, row int) float64 {
	const inset = 0.5 // units: the outer quarter of a cell on each side blurs into its neighbours
	ux, uy := float64(cellsAt+cellUnits*column), float64(cellsAt+cellUnits*row)
	fx0, fy0 := b.at(ux+inset, uy+inset)
	fx1, fy1 := b.at(ux+cellUnits-inset, uy+cellUnits-inset)
	x0, y0 := max(int(math.Round(fx0)), 0), max(int(math.Round(fy0)), 0)
	x1, y1 := min(max(int(math.Round(fx1)), x0+1), g.width), min(max(int(math.Round(fy1)), y0+1), g.height)
	sum, n := 0, 0
	for y := y0; y < y1; y++ {
		for _, v := range g.pix[y*g.stride:][x0:x1] {
			sum += int(v)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return float64(sum) / float64(n)
}
