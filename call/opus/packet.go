package opus

// The packets are read in Go, since a call asks of each: https://www.rfc-editor.org/rfc/rfc6716#section-3

const (
	countMask = 3    // of the first byte: how many frames there are
	counted   = 3    // the second byte says it
	stereo    = 4    // of the first byte: there are two channels
	celt      = 0x80 // of the first byte: nothing of SILK

	frames = 0x3f // of the second byte
	padded = 0x40
)

// Samples returns how many samples of each channel a packet decodes to, 120 to [MaxFrame], and false if no decoder would take it for that length.
func Samples(packet []byte) (int, bool) {
	if len(packet) == 0 {
		return 0, false
	}
	count := 1
	switch packet[0] & countMask {
	case 1, 2:
		count = 2
	case counted:
		if len(packet) < 2 {
			return 0, false
		}
		count = int(packet[1] & frames)
	}
	n := count * frameSamples(packet[0])
	return n, n > 0 && n <= MaxFrame
}

// frameSamples is the length of each frame in a packet that starts with that byte (RFC 6716 table 2).
func frameSamples(toc byte) int {
	const ms = SampleRate / 1000
	config := toc >> 3
	switch {
	case config >= 16: // CELT
		return 5 * ms / 2 << (config & 3)
	case config >= 12: // hybrid
		return 10 * ms << (config & 1)
	case config&3 == 3: // SILK
		return 60 * ms
	default: // SILK
		return 10 * ms << (config & 3)
	}
}

// only returns the frame of a packet that has one, and nil of others.
func only(packet []byte) []byte {
	switch {
	case len(packet) < 2:
	case packet[0]&countMask == 0:
		return packet[1:]
	case packet[0]&countMask == counted && packet[1]&frames == 1:
		return unpadded(packet[2:], packet[1]&padded != 0)
	}
	return nil
}

// unpadded is the frame in what follows the count of frames, nil if there is less than what it says (RFC 6716 section 3.2.5).
func unpadded(rest []byte, padded bool) []byte {
	const more = 255 // there are 254 bytes of padding, and another length
	padding := 0
	for padded {
		if len(rest) == 0 {
			return nil
		}
		n := int(rest[0])
		rest = rest[1:]
		padded = n == more
		padding += min(n, more-1)
	}
	if padding > len(rest) {
		return nil
	}
	return rest[:len(rest)-padding]
}

// HasFEC says whether a packet of one frame holds a coarser copy (LBRR) of the frame before it. The flag follows one voice-activity flag for
// each 20 ms at the very start of the SILK data (RFC 6716 section 4.2.3), where the range coder's even odds make flags plain bits.
func HasFEC(packet []byte) bool {
	frame := only(packet)
	if len(frame) == 0 || packet[0]&celt != 0 {
		return false
	}
	flags := max(1, frameSamples(packet[0])*50/SampleRate)
	return frame[0]&(0x80>>flags) != 0
}

// Unpad takes from a packet of one frame what else is in it, such as deep redundancy, and returns it, now perhaps shorter and still in its place.
// Others it returns as they are.
func Unpad(packet []byte) []byte {
	frame := only(packet)
	if frame == nil || packet[0]&countMask == 0 {
		return packet
	}
	packet[0] &^= countMask
	return packet[:1+copy(packet[1:], frame)]
}
