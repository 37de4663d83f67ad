package vpx

/*
#cgo pkg-config: vpx
#include <stdlib.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

// Speed 10 is as good as 8 for scenes with the texture and noise of a camera's, and takes a tenth less time at 720p, where that matters; the edges of what is
// drawn are 0.5 dB worse.
static vpx_codec_err_t parley_tune_vp8(vpx_codec_ctx_t *ctx, unsigned pixels, int screen) {
	vpx_codec_err_t err = vpx_codec_control(ctx, VP8E_SET_CPUUSED, screen || pixels < 960 * 540 ? -8 : -10);
	if (err) return err;
	return vpx_codec_control(ctx, VP8E_SET_SCREEN_CONTENT_MODE, screen ? 1 : 0);
}

// The speed is the largest that costs no quality to speak of: at 720p 9 is as good as 8 in two thirds of the time, at 360p it is
// 1 dB worse; a screen, most of which stands still, has time for 7, which is 1 to 2.5 dB better.
static vpx_codec_err_t parley_speed_vp9(vpx_codec_ctx_t *ctx, unsigned pixels, int screen) {
	return vpx_codec_control(ctx, VP8E_SET_CPUUSED, screen ? 7 : pixels < 960 * 540 ? 8 : 9);
}

static vpx_codec_err_t parley_tune_vp9(vpx_codec_ctx_t *ctx, unsigned pixels, int screen) {
	vpx_codec_err_t err = parley_speed_vp9(ctx, pixels, screen);
	if (err) return err;
	if ((err = vpx_codec_control(ctx, VP9E_SET_ROW_MT, 0))) return err; // of no use to one thread, as are tiles
	if ((err = vpx_codec_control(ctx, VP9E_SET_TILE_COLUMNS, 0))) return err;
	if ((err = vpx_codec_control(ctx, VP9E_SET_AQ_MODE, 3))) return err; // a part of the picture is made sharper with each frame
	return vpx_codec_control(ctx, VP9E_SET_TUNE_CONTENT, screen ? VP9E_CONTENT_SCREEN : VP9E_CONTENT_DEFAULT);
}

// The context points to the configuration, so both live in C memory.
typedef struct {
	vpx_codec_ctx_t ctx;
	vpx_codec_enc_cfg_t cfg;
	// The last frame; size 0 for none.
	const void *data;
	size_t size;
	int is_key;
} parley_encoder;

static vpx_codec_err_t parley_encoder_open(parley_encoder *e, int vp9, unsigned width, unsigned height, unsigned kilobits, int screen) {
	vpx_codec_iface_t *iface = vp9 ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx();
	vpx_codec_err_t err = vpx_codec_enc_config_default(iface, &e->cfg, 0);
	if (err) return err;
	e->cfg.g_w = width;
	e->cfg.g_h = height;
	e->cfg.g_threads = 1; // more spin while they wait for each other
	e->cfg.g_timebase.num = 1;
	e->cfg.g_timebase.den = 90000; // RTP's clock for video
	e->cfg.g_lag_in_frames = 0;
	// It is for decoding beyond a lost frame, which nobody does, and takes 0.1 to 0.5 dB.
	e->cfg.g_error_resilient = 0;
	e->cfg.g_pass = VPX_RC_ONE_PASS;
	e->cfg.rc_end_usage = VPX_CBR;
	e->cfg.rc_target_bitrate = kilobits;
	e->cfg.rc_min_quantizer = 2;
	e->cfg.rc_max_quantizer = 56;
	e->cfg.rc_undershoot_pct = 100;
	e->cfg.rc_overshoot_pct = 15;
	e->cfg.rc_buf_initial_sz = 500;
	e->cfg.rc_buf_optimal_sz = 600;
	e->cfg.rc_buf_sz = 1000;
	e->cfg.rc_dropframe_thresh = 30; // rather a frame less than one that comes late
	e->cfg.kf_mode = VPX_KF_DISABLED;

	err = vpx_codec_enc_init(&e->ctx, iface, &e->cfg, 0);
	if (err) return err;
	if ((err = vpx_codec_control(&e->ctx, VP8E_SET_STATIC_THRESHOLD, 1))) return err;
	// A key frame may take as much as nine ordinary frames, then it has to be coarser.
	if ((err = vpx_codec_control(&e->ctx, VP8E_SET_MAX_INTRA_BITRATE_PCT, 900))) return err;
	return vp9 ? parley_tune_vp9(&e->ctx, width * height, screen) : parley_tune_vp8(&e->ctx, width * height, screen);
}

static vpx_codec_err_t parley_encoder_rate(parley_encoder *e, unsigned kilobits) {
	e->cfg.rc_target_bitrate = kilobits;
	return vpx_codec_enc_config_set(&e->ctx, &e->cfg);
}

// For VP9, within the size that it was opened with.
static vpx_codec_err_t parley_encoder_resize(parley_encoder *e, unsigned width, unsigned height, unsigned kilobits, int screen) {
	e->cfg.g_w = width;
	e->cfg.g_h = height;
	vpx_codec_err_t err = parley_encoder_rate(e, kilobits);
	return err ? err : parley_speed_vp9(&e->ctx, width * height, screen);
}

static vpx_codec_err_t parley_encoder_encode(parley_encoder *e, uint8_t *y, uint8_t *u, uint8_t *v, int y_stride, int uv_stride,
	int64_t pts, unsigned long duration, int key_frame) {
	vpx_image_t img;
	if (!vpx_img_wrap(&img, VPX_IMG_FMT_I420, e->cfg.g_w, e->cfg.g_h, 1, y)) return VPX_CODEC_INVALID_PARAM;
	img.planes[VPX_PLANE_Y] = y;
	img.planes[VPX_PLANE_U] = u;
	img.planes[VPX_PLANE_V] = v;
	img.stride[VPX_PLANE_Y] = y_stride;
	img.stride[VPX_PLANE_U] = img.stride[VPX_PLANE_V] = uv_stride;
	e->size = 0;
	vpx_codec_err_t err = vpx_codec_encode(&e->ctx, &img, pts, duration, key_frame ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME);
	if (err) return err;
	vpx_codec_iter_t iter = NULL;
	const vpx_codec_cx_pkt_t *pkt;
	while ((pkt = vpx_codec_get_cx_data(&e->ctx, &iter))) {
		if (pkt->kind != VPX_CODEC_CX_FRAME_PKT) continue;
		e->data = pkt->data.frame.buf;
		e->size = pkt->data.frame.sz;
		e->is_key = (pkt->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
		break; // with no lag, one picture in is at the most one frame out
	}
	return VPX_CODEC_OK;
}

static void parley_encoder_close(parley_encoder *e) {
	vpx_codec_destroy(&e->ctx);
	free(e);
}
*/
import "C"

import (
	"fmt"
	"image"
	"sync/atomic"
	"unsafe"

	"parley/call/coded"
)

// Encoder turns pictures of one size into VP8 or VP9 at a constant bit rate; see [coded.Encoder], which it fulfils. One goroutine
// at a time may use it; [Encoder.Close] frees it.
type Encoder struct {
	c        *C.parley_encoder
	codec    Codec
	settings coded.Settings
	opened   image.Point // the size that libvpx was opened with
	largest  image.Point // of the frames since the last key frame
	lastPTS  int64
	out      []byte // reused by every frame
}

var encoders atomic.Int64

// Encoders returns how many encoders this process has open.
func Encoders() int { return int(encoders.Load()) }

// NewEncoder opens an encoder. It returns [ErrPicture] for a size that is not within [MaxSide] and [MaxPixels]; a bit rate is
// set to the nearest possible. The first frame is a key frame.
func (c Codec) NewEncoder(settings coded.Settings) (*Encoder, error) {
	if !coded.Fits(settings.Width, settings.Height) {
		return nil, fmt.Errorf("opening %s encoder: %w: %dx%d", c, ErrPicture, settings.Width, settings.Height)
	}
	encoder := (*C.parley_encoder)(C.calloc(1, C.sizeof_parley_encoder)) // never nil: cgo panics when memory runs out
	var code C.vpx_codec_err_t
	open := func() {
		code = C.parley_encoder_open(encoder, flag(c == VP9), C.uint(settings.Width), C.uint(settings.Height),
			kilobits(settings.BitRate), flag(settings.Screen))
	}
	if c == VP8 {
		openSparingly(settings.Width, settings.Height, open)
	} else {
		open()
	}
	if code != 0 {
		C.parley_encoder_close(encoder)
		return nil, fmt.Errorf("opening %s encoder: %s", c, describe(code))
	}
	encoders.Add(1)
	size := image.Pt(settings.Width, settings.Height)
	return &Encoder{c: encoder, codec: c, settings: settings, opened: size, largest: size, lastPTS: -1}, nil
}

// Size returns the size of the pictures that the encoder takes, in pixels.
func (e *Encoder) Size() (width, height int) { return e.settings.Width, e.settings.Height }

// longDuration is how long libvpx is told that each picture lasts, in ticks of 1/90000 s. What it lets a picture cost goes by the time between the end of the one
// before and its own, which is the time between their beginnings if all last as long. That counts in full only where it differs from what the one before was
// said to last; where it does not, it is mixed with times before it, and pictures that are apart by now more and now less cost up to twice the bit rate. The
// first one, of less than a picture in ten seconds, is taken for a thirtieth of a second.
const longDuration = 11 * 90_000

// Encode encodes img, which must be 4:2:0 and of the encoder's size. The time pts counts 1/90000 s and must be larger than that of
// the picture before, since the bit rate is held by it. With keyFrame the outcome is a key frame. It returns
// [ErrPicture] or [ErrClosed].
func (e *Encoder) Encode(img *image.YCbCr, pts int64, keyFrame bool) (Frame, error) {
	if e.c == nil {
		return Frame{}, fmt.Errorf("encoding %s: %w", e.codec, ErrClosed)
	}
	if err := coded.CheckPicture(img, e.settings.Width, e.settings.Height); err != nil {
		return Frame{}, fmt.Errorf("encoding %s: %w", e.codec, err)
	}
	if pts <= e.lastPTS {
		return Frame{}, fmt.Errorf("encoding %s: time %d does not follow %d", e.codec, pts, e.lastPTS)
	}
	code := C.parley_encoder_encode(e.c, bytes(img.Y), bytes(img.Cb), bytes(img.Cr), C.int(img.YStride), C.int(img.CStride),
		C.int64_t(pts), C.ulong(longDuration), flag(keyFrame))
	if code != 0 {
		return Frame{}, fmt.Errorf("encoding %s: %s", e.codec, describe(code))
	}
	e.lastPTS = pts
	if e.c.size == 0 {
		return Frame{}, nil
	}
	e.out = append(e.out[:0], unsafe.Slice((*byte)(e.c.data), int(e.c.size))...)
	if e.c.is_key != 0 {
		e.largest = image.Pt(e.settings.Width, e.settings.Height)
	}
	return Frame{Data: e.out, KeyFrame: e.c.is_key != 0}, nil
}

// SetBitRate changes the bit rate, in bit/s, from the next frame on and without a key frame.
func (e *Encoder) SetBitRate(bitRate int) error {
	if e.c == nil {
		return fmt.Errorf("setting the bit rate: %w", ErrClosed)
	}
	if code := C.parley_encoder_rate(e.c, kilobits(bitRate)); code != 0 {
		return fmt.Errorf("setting the bit rate to %d: %s", bitRate, describe(code))
	}
	return nil
}

// Reconfigure makes the encoder take pictures of another size at that bit rate. On an error, which is one of [Codec.NewEncoder] or
// [ErrClosed], it stays as it was.
//
// VP9 scales what a frame refers to, so its next frame is no key frame where the size is within that of the start, and in both directions at
// least half of what was coded since the last key frame. In every other case this opens the codec anew, for a few milliseconds, and the
// next frame is a key frame.
func (e *Encoder) Reconfigure(width, height, bitRate int) error {
	if e.c == nil {
		return fmt.Errorf("resizing %s encoder: %w", e.codec, ErrClosed)
	}
	settings := coded.Settings{Width: width, Height: height, BitRate: bitRate, Screen: e.settings.Screen}
	if e.scales(width, height) {
		return e.resize(settings)
	}
	fresh, err := e.codec.NewEncoder(settings)
	if err != nil {
		return err
	}
	old := e.c
	e.c, e.settings, e.opened, e.largest = fresh.c, settings, fresh.opened, fresh.largest
	C.parley_encoder_close(old)
	encoders.Add(-1)
	return nil
}

// scales says whether pictures of that size can refer to those before them. A decoder has no use for more than twice the size.
func (e *Encoder) scales(width, height int) bool {
	within := width > 0 && height > 0 && width <= e.opened.X && height <= e.opened.Y
	return e.codec == VP9 && within && 2*width >= e.largest.X && 2*height >= e.largest.Y
}

func (e *Encoder) resize(settings coded.Settings) error {
	code := C.parley_encoder_resize(e.c, C.uint(settings.Width), C.uint(settings.Height), kilobits(settings.BitRate), flag(settings.Screen))
	if code != 0 {
		return fmt.Errorf("resizing %s encoder to %dx%d: %s", e.codec, settings.Width, settings.Height, describe(code))
	}
	e.settings = settings
	e.largest = image.Pt(max(e.largest.X, settings.Width), max(e.largest.Y, settings.Height))
	return nil
}

// Close frees the encoder. A second Close does nothing.
func (e *Encoder) Close() error {
	if e.c == nil {
		return nil
	}
	C.parley_encoder_close(e.c)
	e.c = nil
	encoders.Add(-1)
	return nil
}

func kilobits(bitRate int) C.uint { return C.uint(coded.ClampBitRate(bitRate) / 1000) }

func flag(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

func bytes(plane []byte) *C.uint8_t { return (*C.uint8_t)(&plane[0]) }

func describe(code C.vpx_codec_err_t) string {
	return "libvpx: " + C.GoString(C.vpx_codec_err_to_string(code))
}
