// Package apm makes a microphone's sound fit for a call: it takes out the echo of what the speaker plays, and noise, and brings
// quiet and loud voices to one level. It is a thin binding of webrtc-audio-processing.
//
// The library comes in three generations, which are told apart by their names for pkg-config. Without a build tag it is 0.3, as in
// Debian 12; the tags apm1 and apm2 stand for 1.x and 2.x, whose echo canceller is AEC3. Where both sides talk at once, it softens the near end by 2.0 dB, and
// 0.3 by 3.2 (BenchmarkBlock, echo and noise; 2.5 and 2.2 with gain). The Makefile sets the tag by what is installed.
//
// The gain is a processor of the library by itself, which is given only what somebody near says. In one with the canceller, it made what was left of an
// echo louder too, by 6 dB and more, and so for the canceller of 0.3 it was a room that changed all the time.
//
// The order of calls matters: [Processor.Render] for each block just before the speaker gets it, [Processor.Capture] for each block
// that the microphone heard. Both clocks may drift, and the time between the two is learnt; see AudioProcessing in
// https://webrtc.googlesource.com/src/+/refs/heads/main/api/audio/audio_processing.h
package apm

// #cgo CXXFLAGS: -std=c++17 -O2
// #cgo !apm1,!apm2 pkg-config: webrtc-audio-processing
// #cgo apm1,!apm2 pkg-config: webrtc-audio-processing-1
// #cgo apm2 pkg-config: webrtc-audio-processing-2
// #include "apm.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// SampleRate is that of all sound, in Hz. Samples are 16-bit, mono.
	SampleRate = C.APM_RATE
	// BlockSize is the number of samples that are worked on at once: 10 ms.
	BlockSize = C.APM_BLOCK
)

var (
	// ErrClosed is returned by what a [Processor] is asked to do after it was closed.
	ErrClosed = errors.New("the sound processor is closed")
	// ErrBlock is returned for a block that has not BlockSize samples.
	ErrBlock = errors.New("not a block of 10 ms")
)

// Options say what is done. The zero value is nothing.
type Options struct {
	Echo  bool // take out the echo of the speaker
	Noise bool // take out steady noise, 6 dB of it; music suffers
	Noisy bool // there is much noise: with Noise, take out 12 dB of it, of which a voice suffers, too
	Gain  bool // bring voices to one level
}

// Processor works on one microphone and one speaker. Render and Capture may be called by a goroutine each; the rest
// by any. It must be closed.
type Processor struct {
	mu     sync.RWMutex // held to write while it is closed
	closed bool
	clean  *C.parley_apm // takes out echo and noise
	gain   *C.parley_apm // makes what is left louder
	louder atomic.Bool   // gain is to be used

	// Of whoever calls Capture.
	near   near
	spares bool // clean was told to
	gained [BlockSize]int16
}

// New returns a processor that does what the options say.
func New(options Options) (*Processor, error) {
	p := &Processor{clean: C.parley_apm_new(), gain: C.parley_apm_new()}
	if p.clean == nil || p.gain == nil {
		p.Close()
		return nil, errors.New("webrtc-audio-processing could not start")
	}
	if err := p.Set(options); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Set changes what is done, from the next block on.
func (p *Processor) Set(options Options) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return ErrClosed
	}
	noise := C.int(C.APM_NOISE_LEFT)
	switch {
	case options.Noise && options.Noisy:
		noise = C.APM_NOISE_FIRMLY
	case options.Noise:
		noise = C.APM_NOISE_GENTLY
	}
	err := C.parley_apm_set(p.clean, flag(options != Options{}), flag(options.Echo), noise, 0)
	if err == 0 {
		err = C.parley_apm_set(p.gain, 0, 0, C.APM_NOISE_LEFT, flag(options.Gain))
	}
	p.louder.Store(options.Gain && err == 0)
	return failure("set the options", err)
}

func flag(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

// Render takes note of BlockSize samples that the speaker is about to play, and leaves them as they are. It takes some ten
// microseconds and does not allocate.
func (p *Processor) Render(samples []int16) error {
	if len(samples) != BlockSize {
		return ErrBlock
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return ErrClosed
	}
	return failure("render", C.parley_apm_render(p.clean, (*C.int16_t)(&samples[0])))
}

// Capture works on BlockSize samples that the microphone heard, in place. delay is about how long after Render a sound is
// heard there, from 0 to half a second; 0.3 finds an echo that comes up to 40 ms sooner or 80 ms later than that, AEC3 any. A step that
// fails leaves the samples as they were. It takes some 100 microseconds, and does not allocate.
func (p *Processor) Capture(samples []int16, delay time.Duration) error {
	if len(samples) != BlockSize {
		return ErrBlock
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return ErrClosed
	}
	ms := C.int(min(max(delay, 0), 500*time.Millisecond) / time.Millisecond)
	p.near.hear(samples)
	if err := C.parley_apm_capture(p.clean, (*C.int16_t)(&samples[0]), ms); err != 0 {
		return failure("capture", err)
	}
	from, to := p.near.judge(samples)
	if spare := p.near.spared > 0; spare != p.spares {
		p.spares = spare
		if err := C.parley_apm_spare(p.clean, flag(spare)); err != 0 {
			return failure("spare the voice", err)
		}
	}
	if !p.louder.Load() || from == 0 && to == 0 {
		return nil
	}
	copy(p.gained[:], samples)
	if err := C.parley_apm_capture(p.gain, (*C.int16_t)(&p.gained[0]), 0); err != 0 {
		return failure("bring the voice to its level", err)
	}
	mix(samples, p.gained[:], from, to)
	return nil
}

// Close gives the memory back, after calls that run. It always returns nil; a second call does nothing.
func (p *Processor) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		C.parley_apm_free(p.clean)
		C.parley_apm_free(p.gain)
	}
	return nil
}

func failure(doing string, code C.int) error {
	if code == 0 {
		return nil
	}
	return fmt.Errorf("webrtc-audio-processing could not %s: error %d", doing, int(code))
}
