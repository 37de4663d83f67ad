package vpx

import "errors"

var (
	// ErrClosed: the encoder or decoder was used after its Close.
	ErrClosed = errors.New("codec is closed")
	// ErrPicture: what was to be encoded is not a picture that VP8 takes: not 4:2:0, empty, too large, or its planes are
	// shorter than its size says.
	ErrPicture = errors.New("not a picture that VP8 can encode")
	// ErrCorrupt: the data is not a VP8 frame, is damaged, or needs an earlier frame that the decoder did not get. Only a
	// key frame helps.
	ErrCorrupt = errors.New("corrupt VP8 frame")
	// ErrTooLarge: a key frame announces a picture beyond [MaxSide] or [MaxPixels].
	ErrTooLarge = errors.New("VP8 picture too large")
)
