//go:build linux || darwin || windows

package devices

import (
	"testing"

	mediaframe "github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"
)

func can(width, height int, rate float32, format mediaframe.Format) prop.Media {
	return prop.Media{Video: prop.Video{Width: width, Height: height, FrameRate: rate, FrameFormat: format}}
}

func TestTheNearestFormatIsChosen(t *testing.T) {
	webcam := []prop.Media{
		can(640, 480, 30, mediaframe.FormatYUYV),
		can(1280, 720, 10, mediaframe.FormatYUYV),
		can(1280, 720, 30, mediaframe.FormatMJPEG),
		can(1920, 1080, 30, mediaframe.FormatMJPEG),
		can(1280, 720, 30, mediaframe.FormatZ16),
	}
	for _, c := range []struct {
		want Format
		is   prop.Media
	}{
		{Format{1280, 720, 30}, webcam[2]}, // frames a second count for more than what conversion costs
		{Format{1280, 720, 10}, webcam[1]},
		{Format{640, 360, 30}, webcam[0]},
		{Format{3840, 2160, 60}, webcam[3]},
	} {
		if got, ok := nearest(webcam, c.want); !ok || got != c.is {
			t.Errorf("%+v: %v", c.want, &got)
		}
	}
	if got, ok := nearest(webcam[4:], Format{1280, 720, 30}); ok {
		t.Errorf("a depth camera would be opened with %v", &got)
	}
}
