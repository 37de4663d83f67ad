package audio

import "time"

const (
	quietVoice = 0.3 // a level, -42 dBFS, from which on a sound counts as a voice where nobody says what it is
	saidFor    = time.Second
)

// said is how loud a person says that they are. It is shown as [meter] shows what is measured.
type said struct {
	shown float64
	voice bool
	at    time.Time
}

func (s *said) note(rms float64, voice bool, now time.Time) {
	s.shown = max(perceptual(rms), s.fallen(now))
	s.voice, s.at = voice, now
}

// fresh says whether it is known. In a pause nothing comes, so that it is known for as long as a pause could end in it.
func (s *said) fresh(now time.Time) bool { return !s.at.IsZero() && now.Sub(s.at) < saidFor }

func (s *said) fallen(now time.Time) float64 {
	return max(0, s.shown-levelDecay*now.Sub(s.at).Seconds())
}
