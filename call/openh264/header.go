//go:build h264

package openh264

import (
	"fmt"

	"parley/call/coded"
	"parley/call/payload"
)

// Types of NAL units, H.264 table 7-1.
const (
	nalSlice     = 1
	nalIDR       = 5
	nalSEI       = 6
	nalSPS       = 7
	nalPPS       = 8
	nalDelimiter = 9
	nalFiller    = 12
)

// ParseHeader looks through the NAL units of a whole frame, as annex B of H.264 has them: whether it is a key frame, and of what size. It
// returns [coded.ErrCorrupt] where it is no H.264 of a kind that a call has, and [coded.ErrTooLarge], with the header, for a picture that a
// [Decoder] would refuse. It does not allocate.
func ParseHeader(data []byte) (coded.Header, error) {
	h := coded.Header{Shown: true}
	ordinary, settings := false, false
	for unit, rest := payload.NextUnit(data); unit != nil; unit, rest = payload.NextUnit(rest) {
		if unit[0]&0x80 != 0 {
			return coded.Header{}, fmt.Errorf("%w: a NAL unit with the forbidden bit", coded.ErrCorrupt)
		}
		switch kind := unit[0] & 0x1f; kind {
		case nalSlice:
			ordinary = true
		case nalIDR:
			h.KeyFrame = true
		case nalSPS:
			settings = true
			if err := parseSPS(&h, unit[1:]); err != nil {
				return h, err
			}
		case nalSEI, nalPPS, nalDelimiter, nalFiller:
		default:
			return coded.Header{}, fmt.Errorf("%w: a NAL unit of type %d", coded.ErrCorrupt, kind)
		}
	}
	if ordinary == h.KeyFrame || settings && ordinary {
		return coded.Header{}, fmt.Errorf("%w: no picture, two, or one whose settings change under it", coded.ErrCorrupt)
	}
	return h, nil
}
