// Package pattern draws a test picture that says when it was drawn, and reads that back from what a screen shows.
//
// A test of a video call has to tell a live picture from a frozen, stale or foreign one: "not black" proves
// nothing. So the test camera draws a lively scene with a block of 8 by 8 black and white cells in its middle:
//
//	40 bits  microseconds of the machine's monotonic clock, wrapping after twelve days
//	12 bits  the source, to tell cameras apart
//	12 bits  a checksum, seeded with what is unique to this run of this machine
//
// The most significant bit comes first, row by row. Around the cells lies a thin black line and around that a solid
// magenta frame: the finder, by which [Find] knows the block anywhere in a screenshot. The block is
// 40 % of the picture's height, so that it survives scaling, the codec, and tiles that crop the sides.
//
// The clock ([Now]) is one that all programs of a machine share. Where sender and receiver run on the same machine,
// [Reading.Age] is therefore the time from capture to that picture, which is what people call latency. The checksum
// refuses blocks drawn on another machine, whose clock says nothing here.
package pattern

import "time"

const (
	counterBits  = 40
	sourceBits   = 12
	checkBits    = 12
	cellsPerSide = 8

	counterMask = 1<<counterBits - 1
	sourceMask  = 1<<sourceBits - 1
)

// The block measures 24 units a side: magenta frame 3, black line 1, cells 16 (2 each), black line 1, frame 3. One more
// black unit around it keeps the frame apart from the scene.
const (
	unitsPerSide = 24
	frameUnits   = 3
	cellsAt      = 4
	cellUnits    = 2

	// blockOfHeight and blockOfWidth are the block's side as a part of the picture's; the smaller counts.
	blockOfHeight = 0.4
	blockOfWidth  = 0.8
)

// Reading is what a block says.
type Reading struct {
	Counter uint64 // microseconds of [Now] when it was drawn, modulo 2^40
	Source  uint16 // which camera drew it: 0 to 4095
}

// Age returns how long ago the block was drawn. It is meaningful for a picture drawn on this machine in the last twelve
// days; other pictures are not read at all.
func (r Reading) Age() time.Duration {
	now := uint64(Now().Microseconds())
	return time.Duration((now-r.Counter)&counterMask) * time.Microsecond
}

// encode returns the 64 cells, the first in the most significant bit; one is white.
func encode(r Reading) uint64 {
	payload := (r.Counter&counterMask)<<sourceBits | uint64(r.Source&sourceMask)
	return payload<<checkBits | uint64(checksum(payload))
}

// decode is the reverse of encode; false when the checksum does not fit.
func decode(cells uint64) (Reading, bool) {
	payload := cells >> checkBits
	if uint16(cells&(1<<checkBits-1)) != checksum(payload) {
		return Reading{}, false
	}
	return Reading{Counter: payload >> sourceBits, Source: uint16(payload & sourceMask)}, true
}

// checksum is the CRC-12 of telephony (polynomial 80F) over the 52 bits of payload.
func checksum(payload uint64) uint16 {
	const polynomial = 0x80F
	crc := machineSeed()
	for bit := counterBits + sourceBits - 1; bit >= 0; bit-- {
		in := uint16(payload>>bit) & 1
		out := crc >> (checkBits - 1) & 1
		crc = crc << 1 & (1<<checkBits - 1)
		if in != out {
			crc ^= polynomial
		}
	}
	return crc
}

// block is where a block lies in a picture, in pixels.
type block struct {
	x, y float64 // the upper left corner of the magenta frame
	w, h float64 // its size; they differ where a picture was stretched
}

// centred returns the block of a picture of that size.
func centred(width, height int) block {
	side := min(blockOfHeight*float64(height), blockOfWidth*float64(width))
	return block{x: (float64(width) - side) / 2, y: (float64(height) - side) / 2, w: side, h: side}
}

// at returns the pixel position of a point given in units from the block's corner.
func (b block) at(ux, uy float64) (x, y float64) {
	return b.x + ux*b.w/unitsPerSide, b.y + uy*b.h/unitsPerSide
}
