package devices

import (
	"fmt"
	"sync"
	"time"
)

// Sound is 16-bit, 48000 samples a second, in blocks of 10 ms, of one channel or of two, whatever the hardware does. The samples of two
// channels take turns, left and right.
const (
	// SampleRate is that of all sound, in Hz.
	SampleRate = 48000
	// BlockSamples is the number of samples of each channel in every block.
	BlockSamples = 480
	// BlockDuration is how long a block sounds.
	BlockDuration = 10 * time.Millisecond
)

// Microphone is one that is open. Its methods may be called from any goroutine, but Close not from the block function.
type Microphone struct{ sound }

// Speaker is one that is open. Its methods may be called from any goroutine, but Close not from the fill function.
type Speaker struct{ sound }

// OpenMicrophone opens a microphone by its label; [Default] is the one the system prefers. It may take a second, and
// where the driver hangs, ten; where the system asks the user for leave, it waits for the answer.
//
// channels is 1 or 2. Of hardware that has others, two channels are mixed into one, and one goes to both alike.
//
// From then on block is called with every 10 ms of sound, 480 samples of each channel, on a thread of the device's own: it must return at once,
// and must not keep samples, which are overwritten. captured is when the first of them arrived at this program
// (less its place in what arrived together). The microphone [Tone] sings, on all channels alike, with the voice os.Getpid() % 4 of package devices/tone.
//
// The caller closes the microphone. Errors wrap [ErrNotFound], [ErrNotAllowed], [ErrNotReadable] or [ErrOverconstrained].
func OpenMicrophone(label string, channels int, block func(samples []int16, captured time.Time)) (*Microphone, error) {
	m := &Microphone{}
	m.sound.init(label)
	var err error
	switch label {
	case None:
		err = ErrNotFound
	case Tone:
		m.stop = startTone(channels, block)
	default:
		if err = microphonePermission(); err == nil {
			err = m.openHardware(KindMicrophone, label, channels, capturing(channels, block))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("microphone %q: %w", label, err)
	}
	return m, nil
}

// OpenSpeaker opens a speaker by its label; [Default] is the one the system prefers, and [None] one that nobody hears
// but that asks for sound all the same. It may take a second, and where the driver hangs, ten.
//
// channels is 1 or 2. Of hardware that has others, two channels are mixed into one, and one goes to both alike.
//
// From then on fill is called for every 10 ms that the device needs next, to overwrite all 480 samples of each channel, on a thread of the device's own:
// it must return at once, and must not keep samples.
//
// The caller closes the speaker. Errors wrap [ErrNotFound], [ErrNotAllowed], [ErrNotReadable] or [ErrOverconstrained].
func OpenSpeaker(label string, channels int, fill func(samples []int16)) (*Speaker, error) {
	s := &Speaker{}
	s.sound.init(label)
	var err error
	if label == None {
		s.stop = startSilent(channels, fill)
	} else {
		err = s.openHardware(KindSpeaker, label, channels, playing(channels, fill))
	}
	if err != nil {
		return nil, fmt.Errorf("speaker %q: %w", label, err)
	}
	return s, nil
}

// sound is what microphones and speakers have in common.
type sound struct {
	label    string
	hardware bool
	stop     func() // ends the device; no block comes after it returned
	close    sync.Once

	mu    sync.Mutex
	err   error
	ended bool
	done  chan struct{}
}

func (s *sound) init(label string) {
	s.label = label
	s.done = make(chan struct{})
}

// Label returns the device's label: of the device that was chosen, when the label asked for was [Default].
func (s *sound) Label() string { return s.label }

// Hardware says whether real sound comes in or goes out, and not that of a test source or to nobody.
func (s *sound) Hardware() bool { return s.hardware }

// Done is closed when no more blocks will come: the device ended by itself, as Err says, or was closed.
func (s *sound) Done() <-chan struct{} { return s.done }

// Err returns why the device ended by itself, wrapping [ErrGone]; nil while it runs, and when it was closed before that.
func (s *sound) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close stops the device and gives it back. No block function is running or will be called after it returned. A
// second call does nothing. The error is always nil.
func (s *sound) Close() error {
	s.close.Do(func() {
		s.stop()
		s.end(nil)
	})
	return nil
}

// end notes that no more blocks come; the first call counts. It never blocks: device threads call it.
func (s *sound) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended, s.err = true, err
	close(s.done)
}
