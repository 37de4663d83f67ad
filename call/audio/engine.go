package audio

import (
	"log/slog"
	"sync"
	"time"

	"parley/call/apm"
	"parley/devices"
)

// Config is what an [Engine] is made with.
type Config struct {
	// OpenMicrophone and OpenSpeaker open a device for that many channels, in up to a second; the engine asks for [Channels]. Until the device
	// is closed, block is called on the device's thread with each BlockSize samples of each channel, which take turns, and the time at which the last of them was heard; fill is called likewise to be given
	// the samples to play. Both return quickly and keep nothing of the slice.
	OpenMicrophone func(label string, channels int, block func(samples []int16, captured time.Time)) (Device, error)
	OpenSpeaker    func(label string, channels int, fill func(samples []int16)) (Device, error)

	// OnChange is called, if set, when what [Engine.Microphone] or [Engine.Speaker] tells changed. It may be called on any
	// goroutine, must not block, and must not call SetMicrophone, SetSpeaker or Close.
	OnChange func()
	Logger   *slog.Logger // nil for slog.Default()
	StreamID string       // the media stream that the sound belongs to, for lip-sync with a picture of the same stream; "parley" if empty
}

// Engine owns the microphone and the speaker of a call. Any goroutine may use it.
type Engine struct {
	config     Config
	log        *slog.Logger
	sender     *sender
	microphone holder
	speaker    holder
	inlet      inlet
	outlet     outlet
	mixer      mixer
	clean      *cleaner
	heard      [BlockSize]int16 // what is played, on one channel; of whom the outlet lets play

	mu     sync.Mutex
	closed bool
	stop   chan struct{} // ends the encoder's goroutine
	done   sync.WaitGroup
}

// NewEngine returns an engine without devices. It must be closed with [Engine.Close].
func NewEngine(config Config) *Engine {
	if config.OnChange == nil {
		config.OnChange = func() {}
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	if config.StreamID == "" {
		config.StreamID = "parley"
	}
	e := &Engine{config: config, log: config.Logger, stop: make(chan struct{})}
	e.microphone = holder{kind: devices.KindMicrophone, label: devices.None, open: e.openMicrophone, junction: &e.inlet, onChange: e.microphoneChanged}
	e.speaker = holder{kind: devices.KindSpeaker, label: devices.None, open: e.openSpeaker, junction: &e.outlet, onChange: e.speakerChanged}
	e.clean = newCleaner(e.log)
	e.sender = newSender(config.StreamID, e.clean, e.log)
	e.inlet.queue = e.sender.queue
	e.outlet.mix = func(samples []int16, s *session) { e.mix(samples, s, time.Now()) }
	e.done.Go(func() { e.sender.run(e.stop) })
	return e
}

// mix makes what a speaker plays next.
func (e *Engine) mix(samples []int16, s *session, now time.Time) {
	e.mixer.mix(samples, now)
	if s.hardware && len(samples) == len(e.heard)*Channels {
		downmix(e.heard[:], samples)
		e.clean.render(e.heard[:], s.fast.load())
	}
}

// SetMicrophone opens a microphone and sends its sound from then on, in place of the one before; [devices.None]
// closes it. It may take a second, in which the one before goes on: no sound is missing. A microphone that runs already is left
// alone, and one that ended is opened again. On failure the one before goes on; the error wraps a sentinel of package devices, or is
// [ErrClosed].
func (e *Engine) SetMicrophone(label string) error {
	if label == devices.None {
		return e.microphone.clear(label)
	}
	return e.microphone.set(label)
}

func (e *Engine) openMicrophone(s *session) (Device, error) {
	return e.config.OpenMicrophone(s.asked, Channels, func(samples []int16, captured time.Time) {
		s.alive()
		e.inlet.put(s, samples, captured, e.sender.muted.Load())
	})
}

// SetSpeaker opens a speaker and plays there what others send, in place of the one before. It may take a second, in which that one
// goes on. With [devices.None] nobody hears anything, but time goes on: people are decoded, measured and counted all the same.
// Failures are as with [Engine.SetMicrophone].
func (e *Engine) SetSpeaker(label string) error { return e.speaker.set(label) }

func (e *Engine) openSpeaker(s *session) (Device, error) {
	return e.config.OpenSpeaker(s.asked, Channels, func(samples []int16) {
		s.alive()
		e.outlet.fill(s, samples)
	})
}

// Microphone returns the label that was last asked for, the label of the microphone that runs, "" if none does, and why the one asked
// for does not run: nil if it does, or if the label is [devices.None].
func (e *Engine) Microphone() (label, using string, err error) { return e.microphone.state() }

// Speaker is like [Engine.Microphone], for the speaker.
func (e *Engine) Speaker() (label, using string, err error) { return e.speaker.state() }

// microphoneChanged lets the peers, and who records, know when there is no microphone any more.
func (e *Engine) microphoneChanged() {
	e.sender.talk.reset()
	if err := e.microphone.missing(); err != nil {
		e.sender.stopped()
		e.sender.taps.fail(err)
	}
	e.config.OnChange()
}

// speakerChanged ends what plays when there is no speaker any more.
func (e *Engine) speakerChanged() {
	if err := e.speaker.missing(); err != nil {
		e.mixer.endPlaybacks(err)
	}
	e.config.OnChange()
}

// SetMuted stops sending the microphone's sound, or starts again. When SetMuted(true) has returned, nothing more of it
// leaves; what was said before SetMuted(false) never does. [Engine.Level] goes on, so that a user can be told.
func (e *Engine) SetMuted(muted bool) { e.sender.setMuted(muted) }

// Level says how loud the own microphone is: 0 for -60 dBFS and less, 1 for full scale. It falls smoothly.
func (e *Engine) Level() float64 { return e.sender.meter.level(time.Now()) }

// LevelSent is like [Engine.Level], of what comes out of the processing: what others hear, unless muted.
func (e *Engine) LevelSent() float64 { return e.sender.after.level(time.Now()) }

// SetProcessing says what is done to the sound of a microphone that is hardware, from now on; all of it at the start. The echo that
// is taken out is that of what hardware speakers play. Test sources pass as they are.
func (e *Engine) SetProcessing(options apm.Options) { e.clean.set(options) }

// SetMusic says whether the microphone's sound is sent as music, from its next frame on: both channels, without any processing, and none of it
// left out when it is soft. At the start it is sent as a voice: on one channel, which is the mean of the two.
func (e *Engine) SetMusic(music bool) { e.sender.setMusic(music) }

// Talking says whether somebody talks into the microphone now, muted or not: sounds as loud and as long as talk, over the
// background. It takes a third of a second to be sure.
func (e *Engine) Talking() bool {
	talking, _ := e.sender.talk.state()
	return talking
}

// Loudness says how well the microphone, muted or not, can be heard.
func (e *Engine) Loudness() Loudness {
	_, loudness := e.sender.talk.state()
	return loudness
}

// Receive plays what comes on a track until [Receiver.Close], [Engine.Close] or the track's end, at which its goroutine
// ends. levelID is the number under which its packets carry the header extension of [LevelURI], or 0. On a closed engine it returns a
// receiver that is closed.
func (e *Engine) Receive(track Track, levelID uint8) *Receiver {
	return e.ReceiveAfter(nil, track, levelID)
}

// ReceiveAfter is like [Engine.Receive], and lets the new receiver take the place of a former one, which plays on until there is sound of the
// new one, so that nothing is missing and nothing heard twice; see [Receiver.InPlace]. The caller closes the former one then, or when it
// has ended. One that plays no more, or nil, has no place to take. The new one is as loud.
func (e *Engine) ReceiveAfter(former *Receiver, track Track, levelID uint8) *Receiver {
	r := newReceiver(e, track, levelID)
	e.mu.Lock()
	closed := e.closed
	if !closed {
		r.takeVolume(former)
		e.mixer.add(r, former)
	}
	e.mu.Unlock()
	if closed {
		r.Close()
		close(r.ended)
		return r
	}
	go r.run()
	return r
}

// Stats returns what was sent so far.
func (e *Engine) Stats() SenderStats { return e.sender.snapshot() }

// Close closes the devices and all receivers, and waits for the engine's goroutines; not for those of receivers whose track
// has no read deadline, which end with their tracks. It may take a second, and always returns nil. A second Close does nothing.
func (e *Engine) Close() error {
	e.mu.Lock()
	closed := e.closed
	e.closed = true
	e.mu.Unlock()
	if closed {
		return nil
	}
	e.microphone.close()
	e.speaker.close()
	e.mixer.endPlaybacks(ErrClosed)
	e.sender.taps.fail(ErrClosed)
	close(e.stop)
	e.done.Wait()
	e.clean.close()
	for _, r := range e.mixer.take() {
		r.Close()
	}
	return nil
}
