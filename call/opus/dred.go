package opus

/*
#include <opus.h>

#ifdef OPUS_SET_DRED_DURATION_REQUEST

static int parley_dred_set_up(OpusEncoder *e) { return opus_encoder_ctl(e, OPUS_SET_DRED_DURATION(0)); }
static int parley_dred_parse(void *decoder, void *dred, const uint8_t *data, opus_int32 size, opus_int32 most, int later) {
	int end;
	return opus_dred_parse(decoder, dred, data, size, most, 48000, &end, later);
}
static int parley_dred_decode(OpusDecoder *d, void *dred, opus_int32 before, opus_int16 *pcm, int n) {
	return opus_decoder_dred_decode(d, dred, before, pcm, n);
}
static int parley_dred_init(void *decoder) { return opus_dred_decoder_init(decoder); }
static int parley_dred_size(void) { return opus_dred_get_size(); }
static int parley_dred_decoder_size(void) { return opus_dred_decoder_get_size(); }

#else

static int parley_dred_set_up(OpusEncoder *e) { return OPUS_UNIMPLEMENTED; }
static int parley_dred_parse(void *decoder, void *dred, const uint8_t *data, opus_int32 size, opus_int32 most, int later) { return OPUS_UNIMPLEMENTED; }
static int parley_dred_decode(OpusDecoder *d, void *dred, opus_int32 before, opus_int16 *pcm, int n) { return OPUS_UNIMPLEMENTED; }
static int parley_dred_init(void *decoder) { return OPUS_UNIMPLEMENTED; }
static int parley_dred_size(void) { return 0; }
static int parley_dred_decoder_size(void) { return 0; }

#endif
*/
import "C"

import (
	"sync"
	"unsafe"
)

// MaxDRED is the most that DRED of a packet describes, in samples before the packet.
const MaxDRED = SampleRate

// HasDRED says whether this libopus makes and reads deep redundancy. One that has it in name, and wants its networks' weights in a file, has not.
var HasDRED = sync.OnceValue(func() bool {
	e, err := NewEncoder(1, Voice)
	if err != nil || C.parley_dred_set_up(e.c()) != C.OPUS_OK {
		return false
	}
	silent := [...]byte{15 << 3, 0}
	return newDRED().parse(silent[:], MaxDRED, 0) >= 0
})

// DRED reads the deep redundancy in packets: one packet's at a time. The nil DRED finds none.
type DRED struct {
	decoder []uint64 // an OpusDREDDecoder
	state   []uint64 // an OpusDRED: what a packet holds
}

// NewDRED returns a reader, nil where [HasDRED] is false.
func NewDRED() *DRED {
	if !HasDRED() {
		return nil
	}
	return newDRED()
}

func newDRED() *DRED {
	d := &DRED{decoder: room(C.parley_dred_decoder_size()), state: room(C.parley_dred_size())}
	C.parley_dred_init(unsafe.Pointer(&d.decoder[0])) // fails with the weights, as does parse then
	return d
}

// Reach returns how many samples before a packet its deep redundancy begins, up to [MaxDRED]; 0 if it has none. What was loaded is no more.
func (d *DRED) Reach(packet []byte) int { return d.find(packet, MaxDRED, 1) }

// Load reads the last so many samples before a packet, for [Decoder.DecodeDRED], and returns how many there are, perhaps more. That is the dear part.
func (d *DRED) Load(packet []byte, before int) int { return d.find(packet, min(before, MaxDRED), 0) }

func (d *DRED) find(packet []byte, most int, later C.int) int {
	if d == nil || len(packet) == 0 {
		return 0
	}
	return min(MaxDRED, max(0, int(d.parse(packet, most, later)))) // libopus believes a packet that says that it begins minutes ago
}

func (d *DRED) parse(packet []byte, most int, later C.int) C.int {
	return C.parley_dred_parse(unsafe.Pointer(&d.decoder[0]), unsafe.Pointer(&d.state[0]), bytes(packet), C.opus_int32(len(packet)), C.opus_int32(most), later)
}

// DecodeDRED fills pcm with the sound that began so many samples before the packet that was loaded; a multiple of 10 ms is best. It goes on from the
// sound before, as [Decoder.Conceal] does. It returns [ErrArgument] where pcm has another length than that could fill, and [ErrUnsupported] for a nil DRED.
func (d *Decoder) DecodeDRED(dred *DRED, before int, pcm []int16) error {
	if dred == nil {
		return ErrUnsupported
	}
	n, err := d.length(pcm)
	if err != nil {
		return err
	}
	return failure(C.parley_dred_decode(d.c(), unsafe.Pointer(&dred.state[0]), C.opus_int32(before), samples(pcm), n))
}
