//go:build h264

package openh264

/*
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

typedef struct {
	ISVCDecoder *codec;
	uint8_t *planes[3]; // what there is to show, in the codec's memory
	SBufferInfo info;
	int width, height; // of that picture; 0 for none
} parley_h264_decoder;

static long parley_h264_decoder_open(parley_h264_decoder *d) {
	long err = WelsCreateDecoder(&d->codec);
	if (err) return err;
	int quiet = WELS_LOG_QUIET;
	(*d->codec)->SetOption(d->codec, DECODER_OPTION_TRACE_LEVEL, &quiet);
	SDecodingParam p;
	memset(&p, 0, sizeof p);
	p.uiTargetDqLayer = 255;
	p.eEcActiveIdc = ERROR_CON_DISABLE; // a damaged picture is not to be shown
	p.sVideoProperty.size = sizeof p.sVideoProperty;
	p.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
	return (*d->codec)->Initialize(d->codec, &p);
}

// Returns 0 or what is wrong.
static int parley_h264_decoder_decode(parley_h264_decoder *d, const uint8_t *data, int size) {
	memset(&d->info, 0, sizeof d->info);
	memset(d->planes, 0, sizeof d->planes);
	d->width = d->height = 0;
	int state = (*d->codec)->DecodeFrameNoDelay(d->codec, data, size, d->planes, &d->info);
	if (state != dsErrorFree) return state;
	if (d->info.iBufferStatus != 1 || !d->planes[0] || !d->planes[1] || !d->planes[2]) return 0;
	const SSysMEMBuffer *b = &d->info.UsrData.sSystemBuffer;
	if (b->iFormat != videoFormatI420) return dsBitstreamError;
	d->width = b->iWidth;
	d->height = b->iHeight;
	return 0;
}

static void parley_h264_copy_plane(uint8_t *dst, int dst_stride, const uint8_t *src, int src_stride, int width, int height) {
	for (int y = 0; y < height; y++) memcpy(dst + (size_t)y * dst_stride, src + (ptrdiff_t)y * src_stride, width);
}

static void parley_h264_decoder_copy(const parley_h264_decoder *d, uint8_t *y, uint8_t *u, uint8_t *v, int y_stride, int uv_stride) {
	const SSysMEMBuffer *b = &d->info.UsrData.sSystemBuffer;
	int w = d->width, h = d->height, cw = (w + 1) / 2, ch = (h + 1) / 2;
	parley_h264_copy_plane(y, y_stride, d->planes[0], b->iStride[0], w, h);
	parley_h264_copy_plane(u, uv_stride, d->planes[1], b->iStride[1], cw, ch);
	parley_h264_copy_plane(v, uv_stride, d->planes[2], b->iStride[1], cw, ch);
}

static void parley_h264_decoder_close(parley_h264_decoder *d) {
	if (d->codec) {
		(*d->codec)->Uninitialize(d->codec);
		WelsDestroyDecoder(d->codec);
	}
	free(d);
}
*/
import "C"

import (
	"fmt"

	"parley/call/coded"
	"parley/devices/frame"
)

// Decoder turns H.264 into pictures; see [coded.Decoder], which it fulfils. It may be given any bytes at all. One goroutine at a time may
// use it; [Decoder.Close] frees it.
type Decoder struct {
	c       *C.parley_h264_decoder
	pool    frame.Pool
	started bool // a key frame was decoded, and nothing failed since
	spoiled bool // something failed since the library was opened
}

var _ coded.Decoder = (*Decoder)(nil)

// NewDecoder opens a decoder.
func NewDecoder() (*Decoder, error) {
	c, err := openDecoder()
	if err != nil {
		return nil, err
	}
	return &Decoder{c: c}, nil
}

func openDecoder() (*C.parley_h264_decoder, error) {
	c := (*C.parley_h264_decoder)(C.calloc(1, C.sizeof_parley_h264_decoder)) // never nil: cgo panics when memory runs out
	if code := C.parley_h264_decoder_open(c); code != 0 {
		C.parley_h264_decoder_close(c)
		return nil, fmt.Errorf("opening H.264 decoder: openh264 says %d", code)
	}
	return c, nil
}

// Decode decodes one whole frame and returns its picture, which the caller releases and which outlives the decoder;
// nil without an error for a frame that is not meant to be shown. It returns [coded.ErrCorrupt], [coded.ErrTooLarge] or
// [coded.ErrClosed]. After an error it takes nothing but a key frame, so a damaged picture is never returned.
func (d *Decoder) Decode(data []byte) (*frame.Frame, error) {
	if d.c == nil {
		return nil, fmt.Errorf("decoding H.264: %w", coded.ErrClosed)
	}
	f, err := d.decode(data)
	d.started = err == nil
	if err != nil {
		return nil, fmt.Errorf("decoding H.264: %w", err)
	}
	return f, nil
}

func (d *Decoder) decode(data []byte) (*frame.Frame, error) {
	header, err := ParseHeader(data)
	if err != nil {
		return nil, err
	}
	if !header.KeyFrame && !d.started {
		return nil, fmt.Errorf("%w: no key frame before it", coded.ErrCorrupt)
	}
	if d.spoiled { // what a broken stream left behind goes
		c, err := openDecoder()
		if err != nil {
			return nil, err
		}
		C.parley_h264_decoder_close(d.c)
		d.c, d.spoiled = c, false
	}
	if code := C.parley_h264_decoder_decode(d.c, bytes(data), C.int(len(data))); code != 0 {
		d.spoiled = true
		return nil, fmt.Errorf("%w: openh264 says %#x", coded.ErrCorrupt, int(code))
	}
	return d.picture()
}

// picture copies what was decoded, if there is anything.
func (d *Decoder) picture() (*frame.Frame, error) {
	width, height := int(d.c.width), int(d.c.height)
	if width == 0 {
		return nil, nil
	}
	if !coded.Fits(width, height) {
		d.spoiled = true
		return nil, fmt.Errorf("%w: %dx%d", coded.ErrTooLarge, width, height)
	}
	f := d.pool.Get(width, height)
	C.parley_h264_decoder_copy(d.c, bytes(f.Y), bytes(f.Cb), bytes(f.Cr), C.int(f.YStride), C.int(f.CStride))
	return f, nil
}

// Close frees the decoder. Pictures that it returned stay. A second Close does nothing.
func (d *Decoder) Close() error {
	if d.c == nil {
		return nil
	}
	C.parley_h264_decoder_close(d.c)
	d.c = nil
	return nil
}
