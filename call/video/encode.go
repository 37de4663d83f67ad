package video

import (
	"time"

	"parley/call/vpx"
	"parley/call/yuv"
	"parley/devices/frame"
)

// send encodes one frame in all sizes that somebody wants, and sends it. What cannot be encoded is left out: the next frame may be better. It
// takes the time, to see whether the machine keeps up.
func (s *Sender) send(f *frame.Frame) {
	began := time.Now()
	width, height := f.Size()
	wanted := s.plan(began, width, height)
	captured := f.Captured
	if captured.IsZero() {
		captured = began
	}
	// The time of the capture, not of the writing: else the receiver sees our scheduling as the network's jitter.
	s.pts = max(s.pts+1, int64(captured.Sub(s.epoch)*9/(100*time.Microsecond)))
	for i := range s.layers {
		l := &s.layers[i]
		if len(l.members) == 0 {
			l.close()
			continue
		}
		if l.due(captured) {
			s.sendLayer(l, f)
		}
	}
	if wanted {
		s.mu.Lock()
		s.load.add(time.Now(), time.Since(began), len(s.steps)/2)
		s.mu.Unlock()
	}
}

// due says whether a layer takes the picture that was taken then, or leaves it out for want of rate.
func (l *layer) due(captured time.Time) bool {
	if l.step.fps == 0 {
		l.next = time.Time{}
		return true
	}
	apart := time.Second / time.Duration(l.step.fps)
	if captured.Before(l.next.Add(-apart / 8)) {
		return false
	}
	l.next = l.next.Add(apart)
	if l.next.Before(captured) {
		l.next = captured.Add(apart)
	}
	return true
}

// sendLayer encodes one frame in one size, and sends it to those who get that.
func (s *Sender) sendLayer(l *layer, f *frame.Frame) {
	began := time.Now()
	encoded, err := l.encode(f, s.pts, began)
	if err != nil {
		if s.trouble != err.Error() { // once, not thirty times a second
			s.trouble = err.Error()
			s.log.Warn("a picture cannot be sent", "error", err)
		}
		return
	}
	took := time.Since(began)
	if encoded.KeyFrame {
		l.keys.made(began)
	}
	packets, bytes := 0, 0
	if encoded.Data != nil {
		packets, bytes = s.fanOut(l, encoded.Data, s.start+uint32(s.pts), encoded.KeyFrame)
	}
	s.count(l, encoded, took, packets, bytes)
}

// encode makes a picture as large as the layer is, and encodes it.
func (l *layer) encode(f *frame.Frame, pts int64, now time.Time) (vpx.Frame, error) {
	if err := l.fit(); err != nil {
		return vpx.Frame{}, err
	}
	if w, h := f.Size(); w == l.width && h == l.height {
		return l.encoder.Encode(f, pts, l.keys.due(now))
	}
	small := l.pool.Get(l.width, l.height)
	defer small.Release()
	if err := yuv.Scale(small.YCbCr, f.YCbCr); err != nil {
		return vpx.Frame{}, err
	}
	return l.encoder.Encode(small, pts, l.keys.due(now))
}

// rateQuantum is by how much the rate must change for the encoder to be told.
const rateQuantum = 0.03

// fit sees to it that there is an encoder of the right size with the right bit rate.
func (l *layer) fit() error {
	switch {
	case l.encoder == nil || l.width != l.step.width || l.height != l.step.height:
		l.close()
		e, err := vpx.NewEncoder(l.step.width, l.step.height, l.rate)
		if err != nil {
			return err
		}
		l.encoder = vp8{e}
		l.width, l.height, l.bitRate = l.step.width, l.step.height, l.rate
		return nil
	case l.rate == l.bitRate:
		return nil
	}
	if d := float64(l.rate - l.bitRate); d > rateQuantum*float64(l.bitRate) || -d > rateQuantum*float64(l.bitRate) {
		if err := l.encoder.SetBitRate(l.rate); err != nil {
			return err
		}
		l.bitRate = l.rate
	}
	return nil
}

func (l *layer) close() {
	if l.encoder != nil {
		l.encoder.Close()
		l.encoder = nil
	}
}

// vp8 fits libvpx's encoder to a layer.
type vp8 struct{ *vpx.Encoder }

// Encode implements encoder.
func (v vp8) Encode(f *frame.Frame, pts int64, keyFrame bool) (vpx.Frame, error) {
	return v.Encoder.Encode(f.YCbCr, pts, keyFrame)
}

// closeEncoders lets go of what nobody needs now.
func (s *Sender) closeEncoders() {
	for i := range s.layers {
		s.layers[i].close()
	}
	s.mu.Lock()
	s.stats.TargetBitRate = 0
	s.encoders = 0
	s.mu.Unlock()
}
