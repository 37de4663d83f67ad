package vpx

import (
	"encoding/binary"
	"fmt"

	"parley/call/coded"
)

const (
	vp9FrameMarker = 2        // 2 bits, first in every frame
	vp9SyncCode    = 0x498342 // 24 bits, in every frame that has no need of others
	vp9SpaceRGB    = 7
)

// parseVP9 reads the uncompressed header of a VP9 frame as far as its size. That is in key frames, and may be in all others
// too, which then scale what they refer to. Section 6.2 of the specification.
func parseVP9(data []byte) (Header, error) {
	r := bitReader{data: data}
	if r.bits(2) != vp9FrameMarker {
		return Header{}, fmt.Errorf("%w: no VP9 frame", ErrCorrupt)
	}
	if r.bits(2) != 0 {
		return Header{}, fmt.Errorf("%w: not of VP9's profile 0, 8 bits and 4:2:0", ErrCorrupt)
	}
	var h Header
	if r.flag() { // an earlier frame is shown
		h.Shown = true
		r.bits(3)
		return h, r.error()
	}
	h.KeyFrame = !r.flag()
	h.Shown = r.flag()
	resilient := r.flag()
	if h.KeyFrame {
		if r.bits(24) != vp9SyncCode || r.bits(3) == vp9SpaceRGB {
			return Header{}, fmt.Errorf("%w: a key frame without its sync code, or of RGB", ErrCorrupt)
		}
		r.flag() // full range
		r.size(&h)
	} else {
		r.otherSize(&h, resilient)
	}
	if err := r.error(); err != nil {
		return Header{}, err
	}
	if h.Width > 0 && !coded.Fits(h.Width, h.Height) {
		return h, fmt.Errorf("%w: %dx%d", ErrTooLarge, h.Width, h.Height)
	}
	return h, nil
}

// otherSize reads the rest of a frame that is no key frame, as far as its size.
func (r *bitReader) otherSize(h *Header, resilient bool) {
	intraOnly := !h.Shown && r.flag()
	if !resilient {
		r.bits(2) // reset_frame_context
	}
	if intraOnly {
		r.short = r.short || r.bits(24) != vp9SyncCode
		r.bits(8) // refresh_frame_flags
		r.size(h)
		return
	}
	r.bits(8 + 3*4) // refresh_frame_flags; three references with their signs
	for range 3 {
		if r.flag() {
			return // the size is that of a reference
		}
	}
	r.size(h)
}

func (r *bitReader) size(h *Header) {
	h.Width, h.Height = int(r.bits(16))+1, int(r.bits(16))+1
}

// bitReader reads bits, the highest of each byte first, and remembers whether it ran out of them.
type bitReader struct {
	data  []byte
	at    int // bits
	short bool
}

func (r *bitReader) bits(n int) (v uint32) {
	for range n {
		if r.at>>3 >= len(r.data) {
			r.short = true
			return 0
		}
		v = v<<1 | uint32(r.data[r.at>>3]>>(7-r.at&7)&1)
		r.at++
	}
	return v
}

func (r *bitReader) flag() bool { return r.bits(1) == 1 }

func (r *bitReader) error() error {
	if r.short {
		return fmt.Errorf("%w: VP9's header is cut short", ErrCorrupt)
	}
	return nil
}

// maxSuperframe is how many frames a superframe may hold: one that is not shown and one that is. The format allows eight, for spatial
// layers; to decode them would take a peer's decoder eight times what it is thought to take.
const maxSuperframe = 2

// superframe holds the frames of one chunk of VP9: one, or several that belong to one moment, of which the last is shown.
type superframe struct {
	frames [maxSuperframe][]byte
	n      int
}

// split finds the frames in data by the index at its end, if there is one. Annex B of the specification.
func (s *superframe) split(data []byte) error {
	s.n = 0
	if len(data) == 0 {
		return fmt.Errorf("%w: it is empty", ErrCorrupt)
	}
	marker := data[len(data)-1]
	n, width := int(marker&7)+1, int(marker>>3&3)+1
	index := len(data) - 2 - n*width
	if marker>>5 != 6 || index < 0 || data[index] != marker {
		s.frames[0], s.n = data, 1
		return nil
	}
	if n > maxSuperframe {
		return fmt.Errorf("%w: %d frames at once", ErrCorrupt, n)
	}
	rest, sizes := data[:index], data[index+1:]
	for i := range n {
		var size [8]byte
		copy(size[:], sizes[i*width:(i+1)*width])
		long := binary.LittleEndian.Uint64(size[:])
		if long == 0 || long > uint64(len(rest)) {
			return fmt.Errorf("%w: a superframe's index says too much", ErrCorrupt)
		}
		s.frames[i], rest = rest[:long], rest[long:]
	}
	s.n = n
	return nil
}

// parseSuperframe reads the headers of all frames in data. The first one's is that of the whole.
func parseSuperframe(data []byte) (Header, error) {
	h, err := parseVP9(data)
	if err != nil {
		return h, err
	}
	var s superframe
	if err := s.split(data); err != nil {
		return h, err
	}
	for _, part := range s.frames[1:s.n] {
		other, err := parseVP9(part)
		if err != nil {
			return h, err
		}
		h.Hidden, h.HiddenPixels = true, other.Width*other.Height
	}
	return h, nil
}

// appendIndexed appends one frame to dst with an index that says so. Without it libvpx takes what a frame leaves over for another
// frame, whose size nobody would have checked.
func appendIndexed(dst, data []byte) []byte {
	const marker = 6<<5 | 3<<3 // one frame, its size in four bytes
	dst = append(append(dst, data...), marker)
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(data))), marker)
}
