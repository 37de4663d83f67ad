//go:build h264

package openh264

import (
	"fmt"
	"math"

	"parley/call/coded"
)

// maxReferenceBlocks bounds the memory for reference pictures, in macroblocks of 16x16: that of H.264's level 5.1.
const maxReferenceBlocks = 184_320

// parseSPS reads a sequence parameter set as far as the picture's size and puts that into h. H.264, section 7.3.2.1.1.
func parseSPS(h *coded.Header, sps []byte) error {
	r := spsReader{data: sps}
	profile := r.bits(8)
	r.bits(8 + 8) // constraints, level
	r.golomb(31)  // seq_parameter_set_id
	if profile != 66 && profile != 77 && profile != 88 {
		return fmt.Errorf("%w: H.264 of profile %d", coded.ErrCorrupt, profile)
	}
	r.golomb(12) // log2_max_frame_num_minus4
	r.pictureOrder()
	references := r.golomb(16)
	r.bits(1) // gaps_in_frame_num_value_allowed_flag
	columns, rows := r.golomb(1<<16)+1, r.golomb(1<<16)+1
	progressive := r.bits(1) == 1
	r.bits(1) // direct_8x8_inference_flag
	left, right, top, bottom := r.cropping()
	if r.bad || !progressive {
		return fmt.Errorf("%w: the settings of H.264 are malformed, or interlaced", coded.ErrCorrupt)
	}
	h.Width, h.Height = 16*columns, 16*rows
	if !coded.Fits(h.Width, h.Height) || references*columns*rows > maxReferenceBlocks {
		return fmt.Errorf("%w: %dx%d with %d references", coded.ErrTooLarge, h.Width, h.Height, references)
	}
	h.Width, h.Height = h.Width-2*(left+right), h.Height-2*(top+bottom)
	if h.Width <= 0 || h.Height <= 0 {
		return fmt.Errorf("%w: nothing is left of a picture", coded.ErrCorrupt)
	}
	return nil
}

// pictureOrder skips what says in which order pictures are shown.
func (r *spsReader) pictureOrder() {
	switch r.golomb(2) {
	case 0:
		r.golomb(12) // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		r.bits(1)               // delta_pic_order_always_zero_flag
		r.golomb(math.MaxInt32) // offset_for_non_ref_pic
		r.golomb(math.MaxInt32) // offset_for_top_to_bottom_field
		for range r.golomb(255) {
			r.golomb(math.MaxInt32) // offset_for_ref_frame
		}
	}
}

// cropping reads what of the picture is not shown, in units of two pixels.
func (r *spsReader) cropping() (left, right, top, bottom int) {
	if r.bits(1) == 0 {
		return 0, 0, 0, 0
	}
	return r.golomb(coded.MaxSide), r.golomb(coded.MaxSide), r.golomb(coded.MaxSide), r.golomb(coded.MaxSide)
}

// spsReader reads bits, the highest of each byte first, and passes over the bytes that keep start codes from showing up. It remembers
// whether it ran out of bits, or found a number that is too large.
type spsReader struct {
	data  []byte
	at    int // bytes
	bit   int // bits of the byte at at that were read
	zeros int // bytes of zero before it
	bad   bool
}

func (r *spsReader) bits(n int) (v uint32) {
	for range n {
		if r.bit == 0 && r.zeros >= 2 && r.at < len(r.data) && r.data[r.at] == 3 {
			r.at, r.zeros = r.at+1, 0
		}
		if r.at >= len(r.data) {
			r.bad = true
			return 0
		}
		b := r.data[r.at]
		v = v<<1 | uint32(b>>(7-r.bit)&1)
		if r.bit++; r.bit < 8 {
			continue
		}
		r.at, r.bit = r.at+1, 0
		if r.zeros++; b != 0 {
			r.zeros = 0
		}
	}
	return v
}

// golomb reads a number by Exp-Golomb coding, up to most; section 9.1. A signed one is read as if it had no sign.
func (r *spsReader) golomb(most int) int {
	zeros := 0
	for r.bits(1) == 0 {
		if zeros++; zeros > 30 || r.bad {
			r.bad = true
			return 0
		}
	}
	v := int(1)<<zeros - 1 + int(r.bits(zeros))
	if v > most {
		r.bad = true
		return 0
	}
	return v
}
