package yuv

import "errors"

var (
	// ErrFormat: the picture is not 4:2:0, or it is a part of another picture that begins at an odd row or column,
	// where no chroma sample begins.
	ErrFormat = errors.New("not an I420 picture")
	// ErrSize: a picture is empty, is larger than [MaxSide] on a side, or the two pictures' sizes do not fit together.
	ErrSize = errors.New("unsuitable picture size")
	// ErrPlane: a plane is shorter than the picture's size and stride say.
	ErrPlane = errors.New("plane too short for the picture")
)
