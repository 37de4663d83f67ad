package call

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"parley/call/audio"
	"parley/devices"
)

// recordingLength is how long [Media.RecordAndPlay] records.
const recordingLength = 5 * time.Second

// errChanged ends a test whose device was replaced; the user knows, since they did that.
var errChanged = errors.New("another device is in use now")

// soundTest is what lets the user hear their own speaker and microphone: one test at a time, each on a goroutine of its own.
type soundTest struct {
	mu     sync.Mutex
	now    SoundTest
	done   func() float64          // of the phase; nil is none
	cancel context.CancelCauseFunc // ends the test that runs; nil while none does
	ended  chan struct{}           // closed when that has ended
	closed bool
}

// PlayChime plays a test sound on the speaker, in place of a test that runs.
func (m *Media) PlayChime() {
	m.test.start(m, func(ctx context.Context) error {
		return m.play(ctx, SoundTestChime, audio.Chime())
	})
}

// RecordAndPlay records the microphone, muted or not, for five seconds and then plays that on the speaker, in place of a test that runs. Nobody
// but the user hears any of it: meanwhile, the microphone is not sent.
func (m *Media) RecordAndPlay() {
	m.test.start(m, func(ctx context.Context) error {
		var done fraction
		m.enter(SoundTestRecording, done.get)
		samples, err := m.engine.Record(ctx, recordingLength, done.set)
		if err != nil {
			return err
		}
		return m.play(ctx, SoundTestPlaying, samples)
	})
}

// StopSoundTest ends the test that runs, if one does.
func (m *Media) StopSoundTest() { m.test.stop(context.Canceled) }

// SoundTest returns how the test of the own sound goes.
func (m *Media) SoundTest() SoundTest {
	m.test.mu.Lock()
	defer m.test.mu.Unlock()
	now := m.test.now
	if m.test.done != nil {
		now.Done = m.test.done()
	}
	return now
}

// play plays samples to their end, or to that of ctx.
func (m *Media) play(ctx context.Context, phase SoundTestPhase, samples []int16) error {
	if c := m.Choice(devices.KindSpeaker); !c.Open {
		if c.Err != nil {
			return c.Err
		}
		return fmt.Errorf("no speaker: %w", devices.ErrNotFound)
	}
	playback := m.engine.Play(samples)
	m.enter(phase, playback.Progress)
	select {
	case <-playback.Done():
		return playback.Err()
	case <-ctx.Done():
		playback.Stop()
		return context.Cause(ctx)
	}
}

// enter tells that a phase of the test begins.
func (m *Media) enter(phase SoundTestPhase, done func() float64) {
	m.test.mu.Lock()
	m.test.now, m.test.done = SoundTest{Phase: phase}, done
	m.test.mu.Unlock()
	m.mute()
	m.changed()
}

// start ends the test that runs, and then runs another.
func (t *soundTest) start(m *Media, run func(context.Context) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	if t.cancel != nil {
		t.cancel(context.Canceled)
	}
	ctx, cancel := context.WithCancelCause(m.ctx)
	before, ended := t.ended, make(chan struct{})
	t.cancel, t.ended = cancel, ended
	m.work.Go(func() {
		defer close(ended)
		if before != nil {
			<-before
		}
		err := context.Cause(ctx)
		if err == nil {
			err = run(ctx)
		}
		cancel(nil)
		if errors.Is(err, context.Canceled) || errors.Is(err, errChanged) {
			err = nil
		}
		t.mu.Lock()
		t.now, t.done = SoundTest{Err: err}, nil
		t.mu.Unlock()
		m.mute()
		m.changed()
	})
}

func (t *soundTest) stop(why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel != nil {
		t.cancel(why)
	}
}

// deviceChanged ends a test of a device that is no longer in use.
func (t *soundTest) deviceChanged(kind devices.Kind) {
	t.mu.Lock()
	phase := t.now.Phase
	t.mu.Unlock()
	if kind == devices.KindSpeaker && phase != SoundTestIdle || kind == devices.KindMicrophone && phase == SoundTestRecording {
		t.stop(errChanged)
	}
}

// private says whether the microphone belongs to the test now.
func (t *soundTest) private() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now.Phase == SoundTestRecording || t.now.Phase == SoundTestPlaying
}

// close ends the test that runs, and lets no other begin. The media wait for it.
func (t *soundTest) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.stop(context.Canceled)
}

// fraction is a number from 0 to 1 that one goroutine sets and others read.
type fraction struct {
	mu sync.Mutex
	is float64
}

func (f *fraction) set(is float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.is = is
}

func (f *fraction) get() float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.is
}
