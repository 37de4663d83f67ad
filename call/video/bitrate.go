package video

import "parley/call/coded"

// defaultBitRates are what VP8 needs for a face that talks, by the number of pixels. A codec that saves bit rate makes a better picture of it.
var defaultBitRates = []struct{ pixels, bitRate int }{
	{0, 100_000},
	{320 * 180, 250_000},
	{640 * 360, 700_000},
	{960 * 540, 1_200_000},
	{1280 * 720, 2_000_000},
	{1920 * 1080, 4_000_000},
	{coded.MaxPixels, 10_000_000},
}

// defaultBitRate interpolates between them.
func defaultBitRate(width, height int) int {
	pixels := width * height
	for i := 1; i < len(defaultBitRates); i++ {
		low, high := defaultBitRates[i-1], defaultBitRates[i]
		if pixels <= high.pixels {
			return low.bitRate + (high.bitRate-low.bitRate)*(pixels-low.pixels)/(high.pixels-low.pixels)
		}
	}
	return defaultBitRates[len(defaultBitRates)-1].bitRate
}
