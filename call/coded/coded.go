// Package coded has what all bindings of video codecs share: the coded frame, the contract of an encoder and of a decoder, their
// errors, and the limits of a picture. It knows no codec itself; package parley/call/codec has the list of them.
//
// A codec codes a picture as its difference from earlier ones. A key frame needs no earlier picture, is perhaps ten times the
// size of others, and is where a decoder can begin; every other frame is useless without all those before it back to the
// last key frame. So an [Encoder] for a call makes a key frame only when somebody asks for one: a newcomer, or a receiver
// that lost something. A [Decoder] trusts nothing: the bytes come from other people.
//
// To add a codec, bind its library in a package of its own that fulfils both interfaces with the help of [Fits],
// [CheckPicture] and [ClampBitRate], and prove with a fuzz test that its decoder bears any bytes.
package coded

import (
	"errors"
	"image"

	"parley/devices/frame"
)

// Frame is one coded picture.
type Frame struct {
	Data     []byte // belongs to the encoder and changes with its next use; nil when the picture was dropped to hold the bit rate
	KeyFrame bool
}

// Header is what a coded frame says of itself before anything is decoded.
type Header struct {
	KeyFrame      bool
	Shown         bool // false for a frame that only later frames refer to
	Width, Height int  // pixels; zero where the frame has the size of an earlier one
	// Hidden says that another frame goes along, as VP9 may have one, and HiddenPixels what that says of its size: 0 where it has that of an earlier one.
	Hidden       bool
	HiddenPixels int
}

// Settings say what an encoder is for.
type Settings struct {
	Width, Height int  // of the pictures, in pixels; see [Fits]
	BitRate       int  // bit/s; see [ClampBitRate]
	Screen        bool // the pictures show a screen: text and still areas, not a camera's noise
}

// Encoder turns pictures of one size into frames at a constant bit rate: no look-ahead, one thread, and a key frame only when one
// is asked for. One goroutine at a time may use it.
type Encoder interface {
	// Encode encodes img, which must be 4:2:0 and of the encoder's size. The time pts counts 1/90000 s and must be larger
	// than that of the picture before, since the bit rate is held by it. With keyFrame the outcome is a key frame, as it is the first
	// time. It returns [ErrPicture] or [ErrClosed].
	Encode(img *image.YCbCr, pts int64, keyFrame bool) (Frame, error)
	// SetBitRate changes the bit rate, in bit/s, from the next frame on and without a key frame.
	SetBitRate(bitRate int) error
	// Reconfigure makes the encoder take pictures of another size at that bit rate. Its next frame is a key frame, unless the codec
	// can do without, as VP9 mostly can. On an error, [ErrPicture] or [ErrClosed], it stays as it was.
	Reconfigure(width, height, bitRate int) error
	// Size returns the size of the pictures that the encoder takes, in pixels.
	Size() (width, height int)
	// Close frees the encoder, which must be done once. A second Close does nothing.
	Close() error
}

// Decoder turns frames into pictures. It may be given any bytes at all. One goroutine at a time may use it.
type Decoder interface {
	// Decode decodes one whole frame and returns its picture, which the caller releases and which outlives the decoder; nil without an
	// error for a frame that is not meant to be shown. It returns [ErrCorrupt], [ErrTooLarge] or [ErrClosed]. After an error it
	// takes nothing but a key frame, so a damaged picture is never returned.
	Decode(data []byte) (*frame.Frame, error)
	// Close frees the decoder, which must be done once. Pictures that it returned stay. A second Close does nothing.
	Close() error
}

var (
	// ErrClosed: the encoder or decoder was used after its Close.
	ErrClosed = errors.New("codec is closed")
	// ErrPicture: what was to be encoded is not a picture that a codec takes: not 4:2:0, empty, too large, or its planes are
	// shorter than its size says.
	ErrPicture = errors.New("not a picture that can be encoded")
	// ErrCorrupt: the data is not a frame, is damaged, or needs an earlier frame that the decoder did not get. Only a key
	// frame helps.
	ErrCorrupt = errors.New("corrupt video frame")
	// ErrTooLarge: a frame announces a picture beyond [MaxSide] or [MaxPixels].
	ErrTooLarge = errors.New("video picture too large")
)
