package devices

import "image"

// isBlank tells a picture that was taken before the camera saw anything: all black, or all green, as memory that nobody wrote looks.
// It looks at points of a grid, one of which a picture of anything would light up.
func isBlank(img *image.YCbCr) bool {
	const (
		grid  = 24
		noise = 8  // of a sensor in the dark
		dark  = 32 // of luma; black is 16
		none  = 32 // of chroma; grey is 128, and unwritten memory 0
	)
	least, most := uint8(255), uint8(0)
	var chroma uint8
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for i := range grid {
		for j := range grid {
			x, y := img.Rect.Min.X+(2*i+1)*w/(2*grid), img.Rect.Min.Y+(2*j+1)*h/(2*grid)
			luma := img.Y[img.YOffset(x, y)]
			least, most = min(least, luma), max(most, luma)
			at := img.COffset(x, y)
			chroma = max(chroma, img.Cb[at], img.Cr[at])
		}
	}
	return most-least <= noise && (most <= dark || chroma <= none)
}
