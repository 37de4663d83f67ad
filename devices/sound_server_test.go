package devices_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"parley/devices"
)

func TestADeviceSaysThatItsSoundServerDied(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	s.AddMicrophone("Head Set", "Desk Speaker")
	m, err := devices.OpenMicrophone("Head Set", 1, func([]int16, time.Time) {})
	if err != nil {
		t.Fatal(err)
	}
	closes(t, m)
	speaker, err := devices.OpenSpeaker(devices.Default, 1, func([]int16) {})
	if err != nil {
		t.Fatal(err)
	}
	closes(t, speaker)
	if m.Err() != nil || speaker.Err() != nil {
		t.Fatalf("devices that run have ended: %v, %v", m.Err(), speaker.Err())
	}
	s.Kill()
	<-m.Done()
	<-speaker.Done()
	if !errors.Is(m.Err(), devices.ErrGone) || !errors.Is(speaker.Err(), devices.ErrGone) {
		t.Errorf("the server died, and the devices say %v, %v", m.Err(), speaker.Err())
	}
	m.Close()
	speaker.Close()
	goleakAfter(t)
}

func TestDevicesWorkAgainWhenTheSoundServerIsBack(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	s.AddMicrophone("Head Set", "Desk Speaker")
	for range 2 {
		heard := newEar(100 * time.Millisecond)
		m, err := devices.OpenMicrophone("Head Set", 1, heard.block)
		if err != nil {
			t.Fatal(err)
		}
		<-heard.enough
		s.Restart()
		<-m.Done()
		if got := devices.List(devices.KindSpeaker); len(got) != 0 {
			t.Errorf("a server without devices has %+v", got)
		}
		s.AddSpeaker("Desk Speaker")
		s.AddMicrophone("Head Set", "Desk Speaker")
		m.Close()
	}
	if got := labelsOf(devices.List(devices.KindMicrophone)); !slices.Equal(got, []string{"Head Set", devices.Tone}) {
		t.Errorf("the microphones are %q", got)
	}
}

func TestAMicrophoneThatIsUnpluggedAndPluggedInAgainOpensAtOnce(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	for range 2 {
		s.AddSpeaker("Cable")
		s.AddMicrophone("Head Set", "Cable")
		heard := newEar(100 * time.Millisecond)
		m, err := devices.OpenMicrophone("Head Set", 1, heard.block)
		if err != nil {
			t.Fatal(err)
		}
		<-heard.enough
		s.Remove("Cable") // its monitor goes with it, and what hears that
		<-m.Done()
		if !errors.Is(m.Err(), devices.ErrGone) {
			t.Errorf("unplugged, it says %v", m.Err())
		}
		m.Close()
		if _, err := devices.OpenMicrophone("Head Set", 1, heard.block); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("a microphone that is not plugged in: %v", err)
		}
	}
}

func TestASoundServerThatHangsHoldsNobodyUp(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	s.AddMicrophone("Head Set", "Desk Speaker")
	s.Freeze()
	answer := make(chan error, 1)
	go func() {
		_, err := devices.OpenMicrophone("Head Set", 1, func([]int16, time.Time) {})
		answer <- err
	}()
	tone, err := devices.OpenMicrophone(devices.Tone, 1, func([]int16, time.Time) {}) // another meanwhile
	if err != nil {
		t.Fatal(err)
	}
	tone.Close()
	if err := <-answer; !errors.Is(err, devices.ErrNotReadable) {
		t.Errorf("opening a microphone of a server that hangs: %v", err)
	}
	s.Thaw()
	heard := newEar(50 * time.Millisecond)
	m, err := devices.OpenMicrophone("Head Set", 1, heard.block)
	if err != nil {
		t.Fatalf("when the server goes on: %v", err)
	}
	<-heard.enough
	m.Close()
	goleakAfter(t)
}

func TestAnExplicitChoiceStaysWhereTheDefaultMoves(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Quiet")
	s.AddSpeaker("Noisy")
	s.AddMicrophone("First", "Quiet") // the default
	heard := newEar(100 * time.Millisecond)
	m, err := devices.OpenMicrophone("First", 1, heard.block)
	if err != nil {
		t.Fatal(err)
	}
	closes(t, m)
	s.AddMicrophone("Second", "Noisy") // the default from now on
	if m.Label() != "First" || m.Err() != nil {
		t.Errorf("%q, %v", m.Label(), m.Err())
	}
	s.Remove("Noisy")
	<-heard.enough
	if err := m.Err(); err != nil {
		t.Errorf("it went with the other: %v", err)
	}
}
