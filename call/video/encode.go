package video

import (
	"time"

	"parley/call/vpx"
	"parley/devices/frame"
)

// send encodes one frame and sends it. What cannot be encoded is left out: the next frame may be better.
func (s *Sender) send(f *frame.Frame) {
	began := time.Now()
	encoded, pts, err := s.encode(f, began)
	if err != nil {
		if s.out.trouble != err.Error() { // once, not thirty times a second
			s.out.trouble = err.Error()
			s.log.Warn("a picture cannot be sent", "error", err)
		}
		return
	}
	took := time.Since(began)
	if encoded.KeyFrame {
		s.keys.made(began)
	}
	packets, bytes := 0, 0
	if encoded.Data != nil {
		packets, bytes = s.track.send(encoded.Data, s.out.start+uint32(pts), encoded.KeyFrame)
	}
	s.count(f, encoded, took, packets, bytes)
}

// encode encodes one frame with an encoder that fits it, and returns its time in 1/90000 s.
func (s *Sender) encode(f *frame.Frame, now time.Time) (vpx.Frame, int64, error) {
	width, height := f.Size()
	if err := s.fitEncoder(width, height); err != nil {
		return vpx.Frame{}, 0, err
	}
	captured := f.Captured
	if captured.IsZero() {
		captured = now
	}
	// The time of the capture, not of the writing: else the receiver sees our scheduling as the network's jitter.
	s.out.pts = max(s.out.pts+1, int64(captured.Sub(s.out.epoch)*9/(100*time.Microsecond)))
	encoded, err := s.out.encoder.Encode(f.YCbCr, s.out.pts, s.keys.due(now))
	return encoded, s.out.pts, err
}

// fitEncoder sees to it that there is an encoder of that size with the right bit rate.
func (s *Sender) fitEncoder(width, height int) error {
	bitRate := int(s.bitRate.Load())
	if bitRate <= 0 {
		bitRate = defaultBitRate(width, height)
	}
	var err error
	switch e := s.out.encoder; {
	case e == nil:
		s.out.encoder, err = vpx.NewEncoder(width, height, bitRate)
	case !hasSize(e, width, height):
		err = e.Reconfigure(width, height, bitRate)
	case bitRate != s.out.bitRate:
		err = e.SetBitRate(bitRate)
	}
	if err == nil {
		s.out.bitRate = bitRate
	}
	return err
}

func hasSize(e *vpx.Encoder, width, height int) bool {
	w, h := e.Size()
	return w == width && h == height
}

func (s *Sender) closeEncoder() {
	if s.out.encoder != nil {
		s.out.encoder.Close()
		s.out.encoder = nil
	}
	s.mu.Lock()
	s.stats.Encoders, s.stats.TargetBitRate = 0, 0
	s.mu.Unlock()
}

// defaultBitRates are what VP8 needs for a face that talks, by the number of pixels.
var defaultBitRates = []struct{ pixels, bitRate int }{
	{0, 100_000},
	{320 * 180, 250_000},
	{640 * 360, 700_000},
	{960 * 540, 1_200_000},
	{1280 * 720, 2_000_000},
	{1920 * 1080, 4_000_000},
	{vpx.MaxPixels, 10_000_000},
}

// defaultBitRate interpolates between them.
func defaultBitRate(width, height int) int {
	pixels := width * height
	for i := 1; i < len(defaultBitRates); i++ {
		low, high := defaultBitRates[i-1], defaultBitRates[i]
		if pixels <= high.pixels {
			return low.bitRate + (high.bitRate-low.bitRate)*(pixels-low.pixels)/(high.pixels-low.pixels)
		}
	}
	return defaultBitRates[len(defaultBitRates)-1].bitRate
}
