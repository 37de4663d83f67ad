package video

import (
	"time"

	"parley/devices/frame"
	"parley/devices/pattern"
)

// patternAge returns how long ago the picture was drawn by a pattern camera of this machine; 0 when it is no such picture.
func patternAge(f *frame.Frame) time.Duration {
	reading, ok := pattern.Read(f.YCbCr)
	if !ok {
		return 0
	}
	return reading.Age()
}
