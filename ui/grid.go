package ui

import (
	"math"

	"fyne.io/fyne/v2"
)

// grid divides a place among tiles of the same size, in as many columns as make the pictures largest. The tiles of the
// last row are in the middle of it.
type grid struct{}

// MinSize implements fyne.Layout. A grid takes the room that there is.
func (grid) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(160, 90) }

// Layout implements fyne.Layout.
func (grid) Layout(tiles []fyne.CanvasObject, size fyne.Size) {
	n := len(tiles)
	if n == 0 {
		return
	}
	columns := gridColumns(n, size)
	rows := (n + columns - 1) / columns
	width := (size.Width - gap*float32(columns-1)) / float32(columns)
	height := (size.Height - gap*float32(rows-1)) / float32(rows)
	for i, tile := range tiles {
		row, col := i/columns, i%columns
		x := float32(col) * (width + gap)
		if inRow := min(columns, n-row*columns); inRow < columns {
			x += float32(columns-inRow) * (width + gap) / 2
		}
		put(tile, x, float32(row)*(height+gap), max(0, width), max(0, height))
	}
}

// gridColumns is how many columns give n pictures of 16:9 the most room.
func gridColumns(n int, size fyne.Size) int {
	best, bestWidth := 1, float32(-1)
	for columns := 1; columns <= n; columns++ {
		rows := math.Ceil(float64(n) / float64(columns))
		width := (size.Width - gap*float32(columns-1)) / float32(columns)
		height := (size.Height - gap*float32(rows-1)) / float32(rows)
		if fit := min(width, height*16/9); fit > bestWidth {
			best, bestWidth = columns, fit
		}
	}
	return best
}
