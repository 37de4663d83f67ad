package opus

/*
#cgo pkg-config: opus
#include <opus.h>

static int parley_bit_rate(OpusEncoder *e, opus_int32 rate) { return opus_encoder_ctl(e, OPUS_SET_BITRATE(rate)); }
static int parley_fec(OpusEncoder *e, opus_int32 on) { return opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(on)); }
static int parley_loss(OpusEncoder *e, opus_int32 percent) { return opus_encoder_ctl(e, OPUS_SET_PACKET_LOSS_PERC(percent)); }
static int parley_dtx(OpusEncoder *e, opus_int32 on) { return opus_encoder_ctl(e, OPUS_SET_DTX(on)); }
static int parley_reset(OpusEncoder *e) { return opus_encoder_ctl(e, OPUS_RESET_STATE); }

static int parley_dred(OpusEncoder *e, opus_int32 tens) {
#ifdef OPUS_SET_DRED_DURATION_REQUEST
	return opus_encoder_ctl(e, OPUS_SET_DRED_DURATION(tens));
#else
	return OPUS_UNIMPLEMENTED;
#endif
}
*/
import "C"

import (
	"time"
	"unsafe"
)

// SampleRate is that of all sound, in Hz.
const SampleRate = 48000

// Application is what an encoder is to be good at.
type Application int

const (
	Voice Application = C.OPUS_APPLICATION_VOIP  // speech that is understood
	Music Application = C.OPUS_APPLICATION_AUDIO // sound that is like the original
)

// Encoder makes packets of 16-bit sound.
type Encoder struct {
	state    []uint64 // an OpusEncoder; it has no pointers into itself
	channels int
}

// NewEncoder returns an encoder of one channel or two, or [ErrArgument].
func NewEncoder(channels int, application Application) (*Encoder, error) {
	e := &Encoder{state: room(C.opus_encoder_get_size(C.int(channels))), channels: channels}
	if err := failure(C.opus_encoder_init(e.c(), SampleRate, C.int(channels), C.int(application))); err != nil {
		return nil, err
	}
	return e, nil
}

// room returns memory for that many bytes and never none, so that it has an address.
func room(bytes C.int) []uint64 { return make([]uint64, bytes/8+1) }

func (e *Encoder) c() *C.OpusEncoder { return (*C.OpusEncoder)(unsafe.Pointer(&e.state[0])) }

// Encode makes a packet of a frame and returns how many bytes of packet it takes: one or two when the frame was silent and DTX is on. The
// frame is 2.5, 5, 10, 20, 40 or 60 ms long; the samples of two channels take turns. It returns [ErrArgument] or [ErrTooSmall].
func (e *Encoder) Encode(frame []int16, packet []byte) (int, error) {
	if len(frame) == 0 || len(frame)%e.channels != 0 {
		return 0, ErrArgument
	}
	if len(packet) == 0 {
		return 0, ErrTooSmall
	}
	n := C.int(C.opus_encode(e.c(), samples(frame), C.int(len(frame)/e.channels), bytes(packet), C.opus_int32(len(packet))))
	return max(0, int(n)), failure(n)
}

// SetBitRate sets how many bit/s packets take on the average, 500 to 512000; libopus brings others into that range.
func (e *Encoder) SetBitRate(rate int) error {
	return failure(C.parley_bit_rate(e.c(), C.opus_int32(rate)))
}

// SetFEC says whether a packet of a voice holds a coarser copy of the frame before, for as much loss as [Encoder.SetLoss] tells.
func (e *Encoder) SetFEC(on bool) error { return failure(C.parley_fec(e.c(), flag(on))) }

// SetLoss sets the share of packets to reckon with as lost, 0 to 100 %.
func (e *Encoder) SetLoss(percent int) error {
	return failure(C.parley_loss(e.c(), C.opus_int32(percent)))
}

// SetDTX says whether nothing but a packet of one byte comes of silence.
func (e *Encoder) SetDTX(on bool) error { return failure(C.parley_dtx(e.c(), flag(on))) }

// SetDRED sets how much of the sound before it a packet describes once more, 0 to 1.04 s in steps of 10 ms. It takes its bits from the
// bit rate, the more of them the more loss [Encoder.SetLoss] tells, and there is none of it where they don't suffice. It returns [ErrUnsupported] where there is no DRED.
func (e *Encoder) SetDRED(duration time.Duration) error {
	return failure(C.parley_dred(e.c(), C.opus_int32(duration/(10*time.Millisecond))))
}

// Reset forgets the sound so far. The settings stay.
func (e *Encoder) Reset() error { return failure(C.parley_reset(e.c())) }

func flag(on bool) C.opus_int32 {
	if on {
		return 1
	}
	return 0
}

// samples and bytes are the addresses of what is in a slice, nil if nothing is.
func samples(s []int16) *C.opus_int16 { return (*C.opus_int16)(unsafe.SliceData(s)) }
func bytes(b []byte) *C.uchar         { return (*C.uchar)(unsafe.SliceData(b)) }
