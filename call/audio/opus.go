package audio

// packetSamples returns how many samples an Opus packet decodes to at 48 kHz, read from its first two bytes
// (RFC 6716 section 3.1), and false if no decoder would take it for that length.
func packetSamples(payload []byte) (int, bool) {
	if len(payload) == 0 {
		return 0, false
	}
	frames := 1
	switch payload[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(payload) < 2 {
			return 0, false
		}
		frames = int(payload[1] & 0x3f)
	}
	n := frames * frameSamples(payload[0])
	return n, n > 0 && n <= maxFrame
}

// frameSamples is the length of each frame in a packet that starts with that byte (RFC 6716 table 2).
func frameSamples(toc byte) int {
	config := toc >> 3
	switch {
	case config >= 16: // CELT
		return minFrame << (config & 3)
	case config >= 12: // hybrid
		return BlockSize << (config & 1)
	case config&3 == 3: // SILK, 60 ms
		return 6 * BlockSize
	default: // SILK
		return BlockSize << (config & 3)
	}
}

// carriesFEC says whether a packet of one frame, as all of ours are, holds a low-bit-rate copy (LBRR) of the frame before it.
// The flag follows one voice-activity flag for each 20 ms at the very start of the SILK data (RFC 6716 section 4.2.3), where
// the range coder's even odds make flags plain bits.
func carriesFEC(payload []byte) bool {
	const codeMask, celt = 3, 0x80
	if len(payload) < 2 || payload[0]&celt != 0 || payload[0]&codeMask != 0 {
		return false
	}
	flags := max(1, frameSamples(payload[0])/frameSize)
	return payload[1]&(0x80>>flags) != 0
}

// endsSpurt says whether a packet holds no sound, which is how a sender says that it stops sending until there is sound
// again (discontinuous transmission, RFC 7587 section 3.1.3).
func endsSpurt(payload []byte) bool { return len(payload) <= 2 }
