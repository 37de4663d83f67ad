package opus

/*
#include <opus.h>

// parley_neural says whether a neural network, where libopus has one, goes on with a sound: from this complexity on. Before 1.5 that is unknown.
static void parley_neural(OpusDecoder *d, int on) { opus_decoder_ctl(d, OPUS_SET_COMPLEXITY(on ? 5 : 0)); }
*/
import "C"

import "unsafe"

// MaxFrame is the most that a packet holds, in samples of each channel: 120 ms.
const MaxFrame = SampleRate * 3 / 25

// Decoder makes 16-bit sound of packets. It may be given any bytes at all.
type Decoder struct {
	state    []uint64 // an OpusDecoder; it has no pointers into itself
	channels int
	stereo   bool // the last packet was
	neural   bool // a network would go on with the sound
}

// NewDecoder returns a decoder that makes one channel or two of whatever packets hold, or [ErrArgument].
func NewDecoder(channels int) (*Decoder, error) {
	d := &Decoder{state: room(C.opus_decoder_get_size(C.int(channels))), channels: channels}
	if err := failure(C.opus_decoder_init(d.c(), SampleRate, C.int(channels))); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Decoder) c() *C.OpusDecoder { return (*C.OpusDecoder)(unsafe.Pointer(&d.state[0])) }

// Decode decodes a packet into pcm and returns how many samples of each channel that made; those of two channels take turns. It returns
// [ErrCorrupt], or [ErrTooSmall] where pcm does not hold [Samples] of each channel. After an error it goes on with the next packet.
func (d *Decoder) Decode(packet []byte, pcm []int16) (int, error) {
	if len(packet) == 0 {
		return 0, ErrCorrupt
	}
	if len(pcm) < d.channels {
		return 0, ErrTooSmall
	}
	d.stereo = packet[0]&stereo != 0
	d.setNeural(false) // to whom a seam between two ways of coding is a loss, too
	n := C.opus_decode(d.c(), bytes(packet), C.opus_int32(len(packet)), samples(pcm), C.int(len(pcm)/d.channels), 0)
	return max(0, int(n)), failure(n)
}

// DecodeFEC fills pcm with the frame before a packet that has FEC for it ([HasFEC]), to be called before the packet itself is decoded. pcm is as
// long as that frame. It returns [ErrCorrupt] or [ErrArgument].
func (d *Decoder) DecodeFEC(packet []byte, pcm []int16) error {
	if len(packet) == 0 {
		return ErrCorrupt
	}
	return d.fill(packet, pcm, 1)
}

// Conceal fills pcm with how the sound may have gone on, for up to [MaxFrame] samples of each channel, and a multiple of 2.5 ms; else it returns
// [ErrArgument].
func (d *Decoder) Conceal(pcm []int16) error {
	d.setNeural(!d.stereo) // it knows one channel
	return d.fill(nil, pcm, 0)
}

func (d *Decoder) setNeural(on bool) {
	if on != d.neural {
		d.neural = on
		C.parley_neural(d.c(), C.int(flag(on)))
	}
}

func (d *Decoder) fill(packet []byte, pcm []int16, fec C.int) error {
	n, err := d.length(pcm)
	if err != nil {
		return err
	}
	return failure(C.opus_decode(d.c(), bytes(packet), C.opus_int32(len(packet)), samples(pcm), n, fec))
}

// length is that of what is to be filled, in samples of each channel.
func (d *Decoder) length(pcm []int16) (C.int, error) {
	n := len(pcm) / d.channels
	if n == 0 || n > MaxFrame || len(pcm)%d.channels != 0 {
		return 0, ErrArgument
	}
	return C.int(n), nil
}
