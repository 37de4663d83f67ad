package audio

import "parley/call/opus"

// setMusic says as what the sound is sent from the next frame on.
func (s *sender) setMusic(music bool) {
	s.music.Store(music)
	s.retune() // what the path is asked for follows
}

// change lets another encoder go on with the sound. The decoder at the far end hides the seam, since Opus changes its ways in mid-call by itself,
// too. The caller holds the lock.
func (s *sender) change(music bool) {
	s.both = music
	if music {
		s.encoder = newMusicEncoder()
	} else {
		s.encoder = newEncoder()
	}
	s.tune()
}

// tune sets the encoder to what the peers need. The caller holds the lock.
func (s *sender) tune() {
	sound := s.rates()
	errs := []error{s.encoder.SetLoss(s.need.percent), s.encoder.SetBitRate(s.need.rate + sound.costOf(s.need.deep))}
	if opus.HasDRED() {
		errs = append(errs, s.encoder.SetDRED(s.need.deep))
	}
	for _, err := range errs {
		if err != nil {
			s.log.Warn("Opus could not be set to what the peers need", "error", err)
		}
	}
}

// rates are those of what is sent now.
func (s *sender) rates() rates {
	if s.music.Load() {
		return musicRates
	}
	return voiceRates
}
