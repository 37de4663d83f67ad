package audio

const (
	maxPlaybacks = 8                // at once; one more ends the oldest
	playbackEdge = SampleRate / 200 // over which a playback fades in and out: 5 ms
)

// Playback is a sound of this side's own, such as a chime, that is mixed into what the speaker plays. Any goroutine may
// use it.
type Playback struct {
	mixer   *mixer
	samples []int16
	done    chan struct{}

	// Guarded by the mixer's lock.
	at      int // samples played
	stopped bool
	ended   bool
	err     error
}

// Play mixes samples, 48000 a second and mono, into both channels of what the speaker plays; nobody but the user hears it. They must not be changed
// until the playback is done. Where no speaker runs, and when it ends meanwhile, the playback ends, and says so.
func (e *Engine) Play(samples []int16) *Playback {
	p := &Playback{mixer: &e.mixer, samples: samples, done: make(chan struct{})}
	e.mixer.play(p)
	if err := e.speaker.missing(); err != nil {
		e.mixer.endPlaybacks(err)
	}
	return p
}

// Done is closed when everything was handed to the speaker, or the playback ended before that.
func (p *Playback) Done() <-chan struct{} { return p.done }

// Err returns why the playback ended before its time, wrapping a sentinel of package devices, or [ErrClosed]; nil while it plays,
// when it was played to its end, and when it was stopped.
func (p *Playback) Err() error {
	p.mixer.mu.Lock()
	defer p.mixer.mu.Unlock()
	return p.err
}

// Progress returns how much was played, 0 to 1.
func (p *Playback) Progress() float64 {
	p.mixer.mu.Lock()
	defer p.mixer.mu.Unlock()
	if len(p.samples) == 0 {
		return 1
	}
	return float64(p.at) / float64(len(p.samples))
}

// Stop ends the playback, with a short fade. A second call does nothing.
func (p *Playback) Stop() {
	p.mixer.mu.Lock()
	defer p.mixer.mu.Unlock()
	p.stopped = true
	p.end(nil)
}

// end says that the playback is over; the first call counts. The caller holds the mixer's lock.
func (p *Playback) end(err error) {
	if !p.ended {
		p.ended, p.err = true, err
		close(p.done)
	}
}

// mixInto adds the next samples to both channels of sum, and says whether there are more. The caller holds the mixer's lock.
func (p *Playback) mixInto(sum []float32) (more bool) {
	n := min(len(sum)/Channels, len(p.samples)-p.at)
	for i := range n {
		gain := float32(min(1, float64(p.at+i)/playbackEdge, float64(len(p.samples)-p.at-i)/playbackEdge))
		if p.stopped {
			gain *= 1 - float32(Channels*i)/float32(len(sum))
		}
		s := float32(p.samples[p.at+i]) * gain
		sum[Channels*i] += s
		sum[Channels*i+1] += s
	}
	p.at += n
	if p.stopped || p.at == len(p.samples) {
		p.end(nil)
		return false
	}
	return true
}
