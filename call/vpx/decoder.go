package vpx

/*
#include <stdlib.h>
#include <string.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

typedef struct {
	vpx_codec_ctx_t ctx;
	const vpx_image_t *img; // what there is to show, in the codec's memory; NULL for nothing
} parley_decoder;

static vpx_codec_err_t parley_decoder_open(parley_decoder *d, int vp9) {
	vpx_codec_dec_cfg_t cfg = {1, 0, 0}; // one thread; the size comes with the first key frame
	return vpx_codec_dec_init(&d->ctx, vp9 ? vpx_codec_vp9_dx() : vpx_codec_vp8_dx(), &cfg, 0);
}

static vpx_codec_err_t parley_decoder_decode(parley_decoder *d, const uint8_t *data, unsigned size) {
	d->img = NULL;
	vpx_codec_err_t err = vpx_codec_decode(&d->ctx, data, size, NULL, 0);
	if (err) return err;
	int corrupted = 0;
	if ((err = vpx_codec_control(&d->ctx, VP8D_GET_FRAME_CORRUPTED, &corrupted))) return err;
	if (corrupted) return VPX_CODEC_CORRUPT_FRAME;
	vpx_codec_iter_t iter = NULL;
	const vpx_image_t *img = vpx_codec_get_frame(&d->ctx, &iter);
	if (img && img->fmt != VPX_IMG_FMT_I420) return VPX_CODEC_UNSUP_BITSTREAM;
	d->img = img;
	return VPX_CODEC_OK;
}

static void parley_copy_plane(uint8_t *dst, int dst_stride, const uint8_t *src, int src_stride, int width, int height) {
	for (int y = 0; y < height; y++) memcpy(dst + (size_t)y * dst_stride, src + (ptrdiff_t)y * src_stride, width);
}

static void parley_decoder_copy(const parley_decoder *d, uint8_t *y, uint8_t *u, uint8_t *v, int y_stride, int uv_stride) {
	const vpx_image_t *img = d->img;
	int w = img->d_w, h = img->d_h, cw = (w + 1) / 2, ch = (h + 1) / 2;
	parley_copy_plane(y, y_stride, img->planes[VPX_PLANE_Y], img->stride[VPX_PLANE_Y], w, h);
	parley_copy_plane(u, uv_stride, img->planes[VPX_PLANE_U], img->stride[VPX_PLANE_U], cw, ch);
	parley_copy_plane(v, uv_stride, img->planes[VPX_PLANE_V], img->stride[VPX_PLANE_V], cw, ch);
}

static void parley_decoder_close(parley_decoder *d) {
	vpx_codec_destroy(&d->ctx);
	free(d);
}
*/
import "C"

import (
	"fmt"

	"parley/devices/frame"
)

// Decoder turns VP8 or VP9 into pictures; see [coded.Decoder], which it fulfils. It may be given any bytes at all. One goroutine
// at a time may use it; [Decoder.Close] frees it.
type Decoder struct {
	c       *C.parley_decoder
	codec   Codec
	pool    frame.Pool
	started bool       // a key frame was decoded, and nothing failed since
	chunk   superframe // VP9: what is being decoded
	indexed []byte     // VP9: one frame of it, with an index; reused
}

// NewDecoder opens a decoder.
func (c Codec) NewDecoder() (*Decoder, error) {
	decoder := (*C.parley_decoder)(C.calloc(1, C.sizeof_parley_decoder)) // never nil: cgo panics when memory runs out
	if code := C.parley_decoder_open(decoder, flag(c == VP9)); code != 0 {
		C.parley_decoder_close(decoder)
		return nil, fmt.Errorf("opening %s decoder: %s", c, describe(code))
	}
	return &Decoder{c: decoder, codec: c}, nil
}

// Decode decodes one whole frame and returns its picture, which the caller releases and which outlives the decoder;
// nil without an error for a frame that is not meant to be shown. It returns [ErrCorrupt], [ErrTooLarge] or
// [ErrClosed]. After an error it takes nothing but a key frame, so a damaged picture is never returned.
func (d *Decoder) Decode(data []byte) (*frame.Frame, error) {
	if d.c == nil {
		return nil, fmt.Errorf("decoding %s: %w", d.codec, ErrClosed)
	}
	f, err := d.decodeChunk(data)
	d.started = err == nil
	if err != nil {
		return nil, fmt.Errorf("decoding %s: %w", d.codec, err)
	}
	return f, nil
}

// decodeChunk decodes what one moment is made of: with VP9 it may be several frames, of which one is shown.
func (d *Decoder) decodeChunk(data []byte) (*frame.Frame, error) {
	if d.codec == VP8 {
		return d.decode(data, data)
	}
	if err := d.chunk.split(data); err != nil {
		return nil, err
	}
	var shown *frame.Frame
	for _, part := range d.chunk.frames[:d.chunk.n] {
		d.indexed = appendIndexed(d.indexed[:0], part)
		f, err := d.decode(part, d.indexed)
		if err != nil {
			shown.Release()
			return nil, err
		}
		d.started = true
		if f != nil {
			shown.Release()
			shown = f
		}
	}
	return shown, nil
}

// decode decodes one frame, which libvpx gets as input.
func (d *Decoder) decode(data, input []byte) (*frame.Frame, error) {
	header, err := d.codec.parseFrame(data)
	if err != nil {
		return nil, err
	}
	if !header.KeyFrame && !d.started {
		return nil, fmt.Errorf("%w: no key frame before it", ErrCorrupt)
	}
	if code := C.parley_decoder_decode(d.c, bytes(input), C.uint(len(input))); code != 0 {
		return nil, fmt.Errorf("%w: %s", ErrCorrupt, describe(code))
	}
	if d.c.img == nil || !header.Shown {
		return nil, nil
	}
	f := d.pool.Get(int(d.c.img.d_w), int(d.c.img.d_h))
	C.parley_decoder_copy(d.c, bytes(f.Y), bytes(f.Cb), bytes(f.Cr), C.int(f.YStride), C.int(f.CStride))
	return f, nil
}

// Close frees the decoder. Pictures that it returned stay. A second Close does nothing.
func (d *Decoder) Close() error {
	if d.c == nil {
		return nil
	}
	C.parley_decoder_close(d.c)
	d.c = nil
	return nil
}
