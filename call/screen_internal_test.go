package call

import (
	"testing"

	"parley/call/coded"
	"parley/call/vpx"
	"parley/devices/frame"
)

func TestAScreenThatIsTooLargeToSendIsMadeSmaller(t *testing.T) {
	for _, size := range [][2]int{{64, 48}, {3840, 2160}, {3840, 2560}, {5120, 1440}, {2160, 5121}} {
		s := &sharedScreen{}
		s.put(frame.New(size[0], size[1]))
		sent := s.out.Take()
		width, height := sent.Size()
		if !coded.Fits(width, height) {
			t.Errorf("of %v, %dx%d would be sent, which is too large", size, width, height)
		}
		if coded.Fits(size[0], size[1]) && (width != size[0] || height != size[1]) {
			t.Errorf("%v fits, and %dx%d would be sent", size, width, height)
		}
		encoder, err := vpx.VP8.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: 1_000_000})
		if err == nil {
			_, err = encoder.Encode(sent.YCbCr, 0, true)
			_ = encoder.Close()
		}
		if err != nil {
			t.Errorf("%dx%d: %v", width, height, err)
		}
		sent.Release()
		s.last.Release()
	}
}
