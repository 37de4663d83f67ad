package devices_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/devices/soundtest"
	"parley/devices/tone"
)

// ear gathers what a microphone hears.
type ear struct {
	mu       sync.Mutex
	pcm      []int16
	captured []time.Time
	sizes    map[int]bool
	enough   chan struct{} // closed when want samples have come
	want     int
}

func newEar(want time.Duration) *ear {
	return &ear{sizes: map[int]bool{}, enough: make(chan struct{}), want: int(want * devices.SampleRate / time.Second)}
}

func (e *ear) block(samples []int16, captured time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := len(e.pcm)
	e.pcm = append(e.pcm, samples...)
	e.captured = append(e.captured, captured)
	e.sizes[len(samples)] = true
	if before < e.want && len(e.pcm) >= e.want {
		close(e.enough)
	}
}

func server(t *testing.T) *soundtest.Server {
	t.Helper()
	s := soundtest.Start(t)
	s.Use()
	return s
}

func closes(t *testing.T, c interface{ Close() error }) {
	t.Helper()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func labelsOf(list []devices.Device) (labels []string) {
	for _, d := range list {
		labels = append(labels, d.Label)
	}
	return labels
}

func TestWhatASpeakerPlaysIsRecordedAndHeardByAMicrophone(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	s.AddMicrophone("Head Set", "Desk Speaker")
	recording := s.Record("Desk Speaker")
	source := tone.NewSource(1)
	speaker, err := devices.OpenSpeaker("Desk Speaker", 1, source.Fill)
	if err != nil {
		t.Fatal(err)
	}
	closes(t, speaker)
	heard := newEar(3 * time.Second)
	microphone, err := devices.OpenMicrophone("Head Set", 1, heard.block)
	if err != nil {
		t.Fatal(err)
	}
	closes(t, microphone)
	<-heard.enough
	microphone.Close()
	speaker.Close()
	if n := tone.InOrder(tone.Detect(heard.pcm), 1); n < 8 {
		t.Errorf("the microphone heard %d tones in order, want 8 at least", n)
	}
	if n := tone.InOrder(tone.Detect(recording.Stop()), 1); n < 8 {
		t.Errorf("the recording holds %d tones in order, want 8 at least", n)
	}
	if len(heard.sizes) != 1 || !heard.sizes[devices.BlockSamples] {
		t.Errorf("blocks had the sizes %v, want %d alone", heard.sizes, devices.BlockSamples)
	}
	goleakAfter(t)
}

// goleakAfter checks that all goroutines end; those of the test's server end with the test.
func goleakAfter(t *testing.T) {
	t.Helper()
	goleak.VerifyNone(t,
		goleak.IgnoreAnyFunction("parley/devices/soundtest.await"),
		goleak.IgnoreAnyFunction("os/exec.(*Cmd).Start.func2"))
}

func TestSoundDevicesAreListedByTheNamesPeopleKnowWithoutMonitors(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	s.AddSpeaker("Desk Speaker 2")
	s.AddSpeaker("none")
	s.AddMicrophone("Head Set", "Desk Speaker")
	if got, want := labelsOf(devices.List(devices.KindSpeaker)), []string{"Desk Speaker", "Desk Speaker 2", "none (2)"}; !slices.Equal(got, want) {
		t.Errorf("speakers: %q, want %q", got, want)
	}
	microphones := devices.List(devices.KindMicrophone)
	if got, want := labelsOf(microphones), []string{"Head Set", devices.Tone}; !slices.Equal(got, want) {
		t.Fatalf("microphones: %q, want %q", got, want)
	}
	if !microphones[0].Default || microphones[0].Test || !microphones[1].Test {
		t.Errorf("of %+v the first should be the default and the second a test source", microphones)
	}
}

func TestDevicesOfOneNameGetLabelsOfTheirOwn(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Twin")
	s.AddSpeaker("Other")
	s.AddMicrophone("Twin", "Other")
	s.AddMicrophone("Twin", "Twin")
	if got, want := labelsOf(devices.List(devices.KindMicrophone)), []string{"Twin", "Twin (2)", devices.Tone}; !slices.Equal(got, want) {
		t.Errorf("microphones: %q, want %q", got, want)
	}
}

func TestATestSourceIsNotHardware(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	s.AddMicrophone("Head Set", "Desk Speaker")
	for label, want := range map[string]bool{"Head Set": true, devices.Tone: false} {
		m, err := devices.OpenMicrophone(label, 1, func([]int16, time.Time) {})
		if err != nil {
			t.Fatal(err)
		}
		closes(t, m)
		if m.Hardware() != want {
			t.Errorf("the microphone %q is hardware: %v", label, m.Hardware())
		}
	}
	for label, want := range map[string]bool{"Desk Speaker": true, devices.None: false} {
		speaker, err := devices.OpenSpeaker(label, 1, func([]int16) {})
		if err != nil {
			t.Fatal(err)
		}
		closes(t, speaker)
		if speaker.Hardware() != want {
			t.Errorf("the speaker %q is hardware: %v", label, speaker.Hardware())
		}
	}
}

func TestTheDefaultIsADeviceWithALabel(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	s.AddMicrophone("Head Set", "Desk Speaker")
	m, err := devices.OpenMicrophone(devices.Default, 1, func([]int16, time.Time) {})
	if err != nil {
		t.Fatal(err)
	}
	closes(t, m)
	if m.Label() != "Head Set" {
		t.Errorf("the default microphone is %q, want the head set", m.Label())
	}
}

func TestWhereOnlyMonitorsAreThereIsNoMicrophone(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	for _, label := range []string{devices.Default, "Monitor of Desk Speaker", devices.None} {
		if _, err := devices.OpenMicrophone(label, 1, func([]int16, time.Time) {}); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("opening the microphone %q: %v, want not found", label, err)
		}
	}
}

func TestWithoutASoundServerThereIsNothingAndNoPanic(t *testing.T) {
	t.Setenv("PULSE_SERVER", "unix:/nonexistent")
	s := soundtest.Start(t)
	s.Use()
	s.Kill()
	if list := devices.List(devices.KindSpeaker); len(list) != 0 {
		t.Errorf("speakers: %+v, want none", list)
	}
	if _, err := devices.OpenSpeaker(devices.Default, 1, func([]int16) {}); !errors.Is(err, devices.ErrNotFound) {
		t.Errorf("opening the default speaker: %v, want not found", err)
	}
}

func TestNoBlockComesAfterClose(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	s.AddMicrophone("Head Set", "Desk Speaker")
	for _, label := range []string{"Head Set", devices.Tone} {
		heard := newEar(50 * time.Millisecond)
		m, err := devices.OpenMicrophone(label, 1, heard.block)
		if err != nil {
			t.Fatal(err)
		}
		<-heard.enough
		m.Close()
		<-m.Done()
		n := len(heard.pcm) // the race detector sees a block that comes now
		if m.Err() != nil || m.Close() != nil || n < heard.want {
			t.Errorf("%s: closing gave %v after %d samples", label, m.Err(), n)
		}
	}
	goleakAfter(t)
}

func TestTheToneMicrophoneKeepsTime(t *testing.T) {
	defer goleak.VerifyNone(t)
	heard := newEar(2 * time.Second)
	m, err := devices.OpenMicrophone(devices.Tone, 1, heard.block)
	if err != nil {
		t.Fatal(err)
	}
	<-heard.enough
	m.Close()
	best := 0
	for voice := range tone.Voices {
		best = max(best, tone.InOrder(tone.Detect(heard.pcm), voice))
	}
	if best < 9 {
		t.Errorf("%d of 10 tones in order", best)
	}
	for i := range heard.captured[1:] {
		if step := heard.captured[i+1].Sub(heard.captured[i]); step < devices.BlockDuration {
			t.Fatalf("block %d was captured %v after the one before, want 10ms or, after a pause, more", i+1, step)
		}
	}
}

func TestTheSpeakerNoneAsksForSoundAndEnds(t *testing.T) {
	defer goleak.VerifyNone(t)
	asked := make(chan int, 1000)
	s, err := devices.OpenSpeaker(devices.None, 1, func(samples []int16) { asked <- len(samples) })
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if n := <-asked; n != devices.BlockSamples {
			t.Fatalf("asked for %d samples", n)
		}
	}
	s.Close()
	<-s.Done()
	if s.Label() != devices.None {
		t.Errorf("its label is %q", s.Label())
	}
}
