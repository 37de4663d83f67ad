package opus

// #include <opus.h>
import "C"

import "errors"

var (
	// ErrArgument is returned for a length, a number of channels or a setting that libopus does not know.
	ErrArgument = errors.New("opus: not a length, a number of channels or a setting that there is")
	// ErrTooSmall is returned where the sound, or the packet, does not fit in the buffer for it.
	ErrTooSmall = errors.New("opus: the buffer is too small")
	// ErrCorrupt is returned for bytes that are no Opus packet.
	ErrCorrupt = errors.New("opus: not an Opus packet")
	// ErrUnsupported is returned for what this libopus was built without; see [HasDRED].
	ErrUnsupported = errors.New("opus: libopus was built without it")
	// ErrInternal is returned for a failure that libopus blames on itself.
	ErrInternal = errors.New("opus: libopus failed")
)

// failure turns what libopus returned into an error, nil if it is none.
func failure(code C.int) error {
	switch {
	case code >= 0:
		return nil
	case code == C.OPUS_BAD_ARG:
		return ErrArgument
	case code == C.OPUS_BUFFER_TOO_SMALL:
		return ErrTooSmall
	case code == C.OPUS_INVALID_PACKET:
		return ErrCorrupt
	case code == C.OPUS_UNIMPLEMENTED:
		return ErrUnsupported
	}
	return ErrInternal
}
