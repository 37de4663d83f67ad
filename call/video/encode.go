package video

import (
	"time"

	"parley/call/coded"
	"parley/call/giveback"
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
	s.pts = max(s.pts+1, s.passed(captured))
	for i := range s.layers {
		l := &s.layers[i]
		if len(l.members) == 0 {
			l.close()
			continue
		}
		if l.due(captured) && !l.heldUp(s.pts) {
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

// heldUp says whether to leave out the picture of that time, since it would be late for everybody. The encoder is not told of the time that passed so: it
// would save up for the next picture what the path has already spent on those that wait, and the next would be as late, and so on.
func (l *layer) heldUp(pts int64) bool {
	step := pts - l.pts
	l.pts = pts
	if !l.busy() {
		return false
	}
	l.held += step
	return true
}

func (l *layer) busy() bool {
	for _, o := range l.members {
		if busy := o.busy.Load(); busy == nil || !(*busy)() {
			return false
		}
	}
	return true
}

// sendLayer encodes one frame in one size, and sends it to those who get that.
func (s *Sender) sendLayer(l *layer, f *frame.Frame) {
	began := time.Now()
	encoded, err := l.encode(f, s.pts-l.held, began, s.screen)
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
		packets, bytes = s.fanOut(l, encoded, s.start+uint32(s.pts))
	}
	s.count(l, encoded, took, packets, bytes)
}

// encode makes a picture as large as the layer is, and encodes it.
func (l *layer) encode(f *frame.Frame, pts int64, now time.Time, screen bool) (coded.Frame, error) {
	if err := l.fit(screen); err != nil {
		return coded.Frame{}, err
	}
	width, height := l.encoder.Size()
	if w, h := f.Size(); w == width && h == height {
		return l.encoder.Encode(f.YCbCr, pts, l.keys.due(now))
	}
	small := l.pool.Get(width, height)
	defer small.Release()
	if err := yuv.Scale(small.YCbCr, f.YCbCr); err != nil {
		return coded.Frame{}, err
	}
	return l.encoder.Encode(small.YCbCr, pts, l.keys.due(now))
}

// rateQuantum is by how much the rate must change for the encoder to be told.
const rateQuantum = 0.03

// fit sees to it that there is an encoder of the right size with the right bit rate.
func (l *layer) fit(screen bool) (err error) {
	if l.encoder == nil {
		l.encoder, err = codecs[l.codec].NewEncoder(coded.Settings{Width: l.step.width, Height: l.step.height, BitRate: l.rate, Screen: screen})
		l.bitRate = l.rate
		return err
	}
	if w, h := l.encoder.Size(); w != l.step.width || h != l.step.height {
		if err := l.encoder.Reconfigure(l.step.width, l.step.height, l.rate); err != nil {
			return err
		}
		l.letGo()
		l.bitRate = l.rate
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
		l.letGo()
	}
}

// letGo gives back what pictures of the size took that was encoded until now.
func (l *layer) letGo() {
	l.pool.Clear()
	giveback.Soon()
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
