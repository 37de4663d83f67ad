package audio_test

import (
	"testing"
	"time"

	"parley/call/apm"
	"parley/call/audio"
	"parley/devices"
	"parley/devices/soundtest"
	"parley/devices/tone"
)

// TestRealMicrophonesGoOverIntoEachOther switches between two microphones of a sound server, which hear the same tones, ten times.
func TestRealMicrophonesGoOverIntoEachOther(t *testing.T) {
	server := soundtest.Start(t)
	server.Use()
	server.AddSpeaker("Desk Speaker")
	server.AddMicrophone("One", "Desk Speaker")
	server.AddMicrophone("Two", "Desk Speaker")
	singer, err := devices.OpenSpeaker("Desk Speaker", 1, tone.NewSource(0).Fill)
	if err != nil {
		t.Fatal(err)
	}
	defer singer.Close()
	e := audio.NewEngine(audio.Config{
		OpenMicrophone: func(label string, channels int, block func([]int16, time.Time)) (audio.Device, error) {
			m, err := devices.OpenMicrophone(label, channels, block)
			if err != nil {
				return nil, err
			}
			return m, nil
		},
	})
	defer e.Close()
	e.SetProcessing(apm.Options{})
	if err := e.SetMicrophone("One"); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(time.Minute); e.Level() < 0.5; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("the tones are not heard")
		}
	}
	switched := make(chan error, 1)
	go func() {
		for i := range 10 {
			time.Sleep(250 * time.Millisecond)
			if err := e.SetMicrophone([]string{"Two", "One"}[i%2]); err != nil {
				switched <- err
				return
			}
		}
		switched <- nil
	}()
	samples, err := e.Record(t.Context(), 5*time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-switched; err != nil {
		t.Fatal(err)
	}
	if gap := silent(samples); gap > 500*time.Millisecond {
		t.Errorf("silent for %v", gap)
	} else {
		t.Logf("the longest gap was %v", gap)
	}
	if n := len(tone.Detect(samples)); n < 15 {
		t.Errorf("of 25 tones, %d were heard", n)
	}
	if _, using, err := e.Microphone(); using != "One" || err != nil {
		t.Errorf("after it, %q runs: %v", using, err)
	}
}
