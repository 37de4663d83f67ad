//go:build h264

package openh264

/*
#cgo pkg-config: openh264
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

typedef struct {
	ISVCEncoder *codec;
	SFrameBSInfo out; // the last frame, in the codec's memory
} parley_h264_encoder;

static int parley_h264_encoder_open(parley_h264_encoder *e, int width, int height, int bit_rate, int screen) {
	int err = WelsCreateSVCEncoder(&e->codec);
	if (err) return err;
	int quiet = WELS_LOG_QUIET;
	(*e->codec)->SetOption(e->codec, ENCODER_OPTION_TRACE_LEVEL, &quiet);
	SEncParamExt p;
	if ((err = (*e->codec)->GetDefaultParams(e->codec, &p))) return err;
	p.iUsageType = screen ? SCREEN_CONTENT_REAL_TIME : CAMERA_VIDEO_REAL_TIME;
	p.iPicWidth = width;
	p.iPicHeight = height;
	p.iTargetBitrate = bit_rate;
	p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
	p.iRCMode = RC_BITRATE_MODE;
	p.fMaxFrameRate = 30;
	p.bEnableFrameSkip = true; // rather a frame less than one that comes late
	p.uiIntraPeriod = 0;       // key frames on request only
	p.bEnableSceneChangeDetect = false;
	p.eSpsPpsIdStrategy = CONSTANT_ID;
	p.iNumRefFrame = 1;
	p.iMultipleThreadIdc = 1; // more spin while they wait for each other
	p.iEntropyCodingModeFlag = 0;
	p.bEnableFrameCroppingFlag = true;
	p.iSpatialLayerNum = p.iTemporalLayerNum = 1;
	SSpatialLayerConfig *l = &p.sSpatialLayers[0];
	l->iVideoWidth = width;
	l->iVideoHeight = height;
	l->fFrameRate = p.fMaxFrameRate;
	l->iSpatialBitrate = bit_rate;
	l->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
	l->uiProfileIdc = PRO_BASELINE;
	l->sSliceArgument.uiSliceMode = SM_SINGLE_SLICE; // RTP fragments it
	return (*e->codec)->InitializeExt(e->codec, &p);
}

static int parley_h264_encoder_rate(parley_h264_encoder *e, int bit_rate) {
	SBitrateInfo info = {SPATIAL_LAYER_ALL, bit_rate};
	return (*e->codec)->SetOption(e->codec, ENCODER_OPTION_BITRATE, &info);
}

// Returns the frame's size in bytes, 0 where it was skipped, or an error below 0.
static int parley_h264_encoder_encode(parley_h264_encoder *e, uint8_t *y, uint8_t *u, uint8_t *v, int y_stride, int uv_stride,
	int width, int height, long long milliseconds, int key_frame) {
	SSourcePicture pic;
	memset(&pic, 0, sizeof pic);
	pic.iColorFormat = videoFormatI420;
	pic.iPicWidth = width;
	pic.iPicHeight = height;
	pic.pData[0] = y;
	pic.pData[1] = u;
	pic.pData[2] = v;
	pic.iStride[0] = y_stride;
	pic.iStride[1] = pic.iStride[2] = uv_stride;
	pic.uiTimeStamp = milliseconds;
	int err = 0;
	if (key_frame && (err = (*e->codec)->ForceIntraFrame(e->codec, true))) return -abs(err);
	memset(&e->out, 0, sizeof e->out);
	if ((err = (*e->codec)->EncodeFrame(e->codec, &pic, &e->out))) return -abs(err);
	if (e->out.eFrameType == videoFrameTypeSkip) return 0;
	int size = 0;
	for (int i = 0; i < e->out.iLayerNum; i++)
		for (int k = 0; k < e->out.sLayerInfo[i].iNalCount; k++) size += e->out.sLayerInfo[i].pNalLengthInByte[k];
	return size;
}

static int parley_h264_encoder_is_key(const parley_h264_encoder *e) { return e->out.eFrameType == videoFrameTypeIDR; }

static void parley_h264_encoder_copy(const parley_h264_encoder *e, uint8_t *dst) {
	for (int i = 0; i < e->out.iLayerNum; i++) {
		size_t size = 0;
		for (int k = 0; k < e->out.sLayerInfo[i].iNalCount; k++) size += e->out.sLayerInfo[i].pNalLengthInByte[k];
		memcpy(dst, e->out.sLayerInfo[i].pBsBuf, size);
		dst += size;
	}
}

static void parley_h264_encoder_close(parley_h264_encoder *e) {
	if (e->codec) {
		(*e->codec)->Uninitialize(e->codec);
		WelsDestroySVCEncoder(e->codec);
	}
	free(e);
}
*/
import "C"

import (
	"fmt"
	"image"
	"slices"
	"sync/atomic"

	"parley/call/coded"
)

// MinSide is the shortest side of a picture that is encoded, in pixels.
const MinSide = 16

// Encoder turns pictures of one size into H.264 at a constant bit rate; see [coded.Encoder], which it fulfils. One goroutine at a time may
// use it; [Encoder.Close] frees it. H.264 has even sizes only: an odd picture's last column or row is left out.
type Encoder struct {
	c        *C.parley_h264_encoder
	settings coded.Settings
	lastPTS  int64
	wantKey  bool   // a key frame was asked for and has not come
	out      []byte // reused by every frame
}

var _ coded.Encoder = (*Encoder)(nil)

var encoders atomic.Int64

// Encoders returns how many encoders this process has open.
func Encoders() int { return int(encoders.Load()) }

// NewEncoder opens an encoder. It returns [coded.ErrPicture] for a size that is not within [MinSide] and what [coded.Fits]; a bit rate is
// set to the nearest possible. The first frame is a key frame.
func NewEncoder(settings coded.Settings) (*Encoder, error) {
	if !coded.Fits(settings.Width, settings.Height) || min(settings.Width, settings.Height) < MinSide {
		return nil, fmt.Errorf("opening H.264 encoder: %w: %dx%d", coded.ErrPicture, settings.Width, settings.Height)
	}
	c := (*C.parley_h264_encoder)(C.calloc(1, C.sizeof_parley_h264_encoder)) // never nil: cgo panics when memory runs out
	code := C.parley_h264_encoder_open(c, C.int(settings.Width&^1), C.int(settings.Height&^1),
		C.int(coded.ClampBitRate(settings.BitRate)), flag(settings.Screen))
	if code != 0 {
		C.parley_h264_encoder_close(c)
		return nil, fmt.Errorf("opening H.264 encoder: openh264 says %d", code)
	}
	encoders.Add(1)
	return &Encoder{c: c, settings: settings, lastPTS: -1, wantKey: true}, nil
}

// Size returns the size of the pictures that the encoder takes, in pixels.
func (e *Encoder) Size() (width, height int) { return e.settings.Width, e.settings.Height }

// Encode encodes img, which must be 4:2:0 and of the encoder's size. The time pts counts 1/90000 s and must be larger than that of
// the picture before. With keyFrame the outcome is a key frame; where the picture is dropped to hold the bit rate, the next one is. It
// returns [coded.ErrPicture] or [coded.ErrClosed].
func (e *Encoder) Encode(img *image.YCbCr, pts int64, keyFrame bool) (coded.Frame, error) {
	if e.c == nil {
		return coded.Frame{}, fmt.Errorf("encoding H.264: %w", coded.ErrClosed)
	}
	if err := coded.CheckPicture(img, e.settings.Width, e.settings.Height); err != nil {
		return coded.Frame{}, fmt.Errorf("encoding H.264: %w", err)
	}
	if pts <= e.lastPTS {
		return coded.Frame{}, fmt.Errorf("encoding H.264: time %d does not follow %d", pts, e.lastPTS)
	}
	e.wantKey = e.wantKey || keyFrame
	size := int(C.parley_h264_encoder_encode(e.c, bytes(img.Y), bytes(img.Cb), bytes(img.Cr), C.int(img.YStride), C.int(img.CStride),
		C.int(e.settings.Width&^1), C.int(e.settings.Height&^1), C.longlong(pts/90), flag(e.wantKey)))
	if size < 0 {
		return coded.Frame{}, fmt.Errorf("encoding H.264: openh264 says %d", -size)
	}
	e.lastPTS = pts
	if size == 0 {
		return coded.Frame{}, nil
	}
	e.out = slices.Grow(e.out[:0], size)[:size]
	C.parley_h264_encoder_copy(e.c, bytes(e.out))
	isKey := C.parley_h264_encoder_is_key(e.c) != 0
	e.wantKey = e.wantKey && !isKey
	return coded.Frame{Data: e.out, KeyFrame: isKey}, nil
}

// SetBitRate changes the bit rate, in bit/s, from the next frame on and without a key frame.
func (e *Encoder) SetBitRate(bitRate int) error {
	if e.c == nil {
		return fmt.Errorf("setting the bit rate: %w", coded.ErrClosed)
	}
	if code := C.parley_h264_encoder_rate(e.c, C.int(coded.ClampBitRate(bitRate))); code != 0 {
		return fmt.Errorf("setting the bit rate to %d: openh264 says %d", bitRate, code)
	}
	return nil
}

// Reconfigure makes the encoder take pictures of another size at that bit rate; its next frame is a key frame. On an error, which
// is one of [NewEncoder] or [coded.ErrClosed], it stays as it was.
func (e *Encoder) Reconfigure(width, height, bitRate int) error {
	if e.c == nil {
		return fmt.Errorf("resizing H.264 encoder: %w", coded.ErrClosed)
	}
	settings := coded.Settings{Width: width, Height: height, BitRate: bitRate, Screen: e.settings.Screen}
	fresh, err := NewEncoder(settings)
	if err != nil {
		return err
	}
	old := e.c
	e.c, e.settings, e.wantKey = fresh.c, settings, true
	C.parley_h264_encoder_close(old)
	encoders.Add(-1)
	return nil
}

// Close frees the encoder. A second Close does nothing.
func (e *Encoder) Close() error {
	if e.c == nil {
		return nil
	}
	C.parley_h264_encoder_close(e.c)
	e.c = nil
	encoders.Add(-1)
	return nil
}

func flag(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

func bytes(plane []byte) *C.uint8_t { return (*C.uint8_t)(&plane[0]) }
