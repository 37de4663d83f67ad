package audio_test

import (
	"math"
	"os"
	"testing"
	"time"

	"parley/call/apm"
	"parley/call/audio"
	"parley/devices"
	"parley/devices/soundtest"
)

// real returns an engine on the devices of this machine, closed at the end of the test.
func real(t *testing.T) *audio.Engine {
	t.Helper()
	e := audio.NewEngine(audio.Config{
		OpenMicrophone: func(label string, channels int, block func([]int16, time.Time)) (audio.Device, error) {
			m, err := devices.OpenMicrophone(label, channels, block)
			if err != nil {
				return nil, err
			}
			return m, nil
		},
		OpenSpeaker: func(label string, channels int, fill func([]int16)) (audio.Device, error) {
			s, err := devices.OpenSpeaker(label, channels, fill)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	})
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// switching is how long devices are switched every second: six seconds, or what PARLEY_SWITCHING says, such as 1m.
func switching(t *testing.T) time.Duration {
	t.Helper()
	said := os.Getenv("PARLEY_SWITCHING")
	if said == "" {
		return 6 * time.Second
	}
	d, err := time.ParseDuration(said)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestACallGoesOnWhileRealDevicesAreSwitchedEverySecond lets Ann talk to Ben, who each have two microphones and two speakers in one
// sound server, and compares what her mouth said with what his ear heard.
func TestACallGoesOnWhileRealDevicesAreSwitchedEverySecond(t *testing.T) {
	length := switching(t)
	server := soundtest.Start(t)
	server.Use()
	table := server.AddTable("Ann", "Ben")
	table.AddMicrophone("Second microphone of Ann", "Ann")
	table.AddSpeaker("Second speaker of Ben", "Ben")
	microphones, speakers := []string{"Microphone of Ann", "Second microphone of Ann"}, []string{"Speaker of Ben", "Second speaker of Ben"}

	ann, ben := real(t), real(t)
	ann.SetProcessing(apm.Options{})
	way := newPath(steady(10 * time.Millisecond))
	tap(t, ann, way)
	ben.Receive(way, 0)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(ann.SetMicrophone(microphones[0]))
	must(ben.SetSpeaker(speakers[0]))
	table.Talk("Ann", soundtest.Blips(length+time.Minute, 1))
	time.Sleep(3 * time.Second)
	began := time.Duration(len(table.Said("Ann"))) * time.Second / audio.SampleRate
	for n := 1; n <= int(length/time.Second); n++ {
		next := time.Now().Add(time.Second)
		must(ann.SetMicrophone(microphones[n%2]))
		must(ben.SetSpeaker(speakers[n%2]))
		time.Sleep(time.Until(next))
	}
	ended := time.Duration(len(table.Said("Ann"))) * time.Second / audio.SampleRate
	time.Sleep(2 * time.Second)
	table.Stop()

	heard, missed, odd, longest := 0, 0, 0, time.Duration(0)
	for _, d := range soundtest.Delays(table.Said("Ann"), table.Heard("Ben")) {
		switch {
		case d.Said < began || d.Said > ended:
			continue
		case d.Took < 0, d.Took > time.Second/2:
			missed++
			continue
		case math.Abs(d.Level) > 3: // one that two devices share for a moment may be
			odd++
		}
		heard++
		longest = max(longest, d.Took)
	}
	switches := int(length / time.Second)
	t.Logf("of what was said, %d sounds were heard, %d not or not in time, %d at another level, the latest after %v", heard, missed, odd, longest)
	// An idle machine loses one in a hundred, a busy one what it has no time for.
	if heard < switches || odd > heard/2 {
		t.Error("that is not a call that goes on")
	}
	if _, using, err := ann.Microphone(); using != microphones[switches%2] || err != nil {
		t.Errorf("the microphone is %q: %v", using, err)
	}
}

// TestTheEchoOfARealSpeakerIsTakenOut lets Ben's microphone hear all that his speaker plays, as loud as it is played.
func TestTheEchoOfARealSpeakerIsTakenOut(t *testing.T) {
	server := soundtest.Start(t)
	server.Use()
	server.AddSpeaker("Desk")
	server.AddMicrophone("Desk Microphone", "Desk")
	here := room{make: voice(-22, -80, 1)}
	ann, ben := here.engine(t), real(t)
	way := newPath(steady(10 * time.Millisecond))
	tap(t, ann, way)
	ben.Receive(way, 0)
	for label, set := range map[string]func(string) error{"Desk": ben.SetSpeaker, "Desk Microphone": ben.SetMicrophone, "mouth": ann.SetMicrophone} {
		if err := set(label); err != nil {
			t.Fatal(err)
		}
	}
	echo := func(length time.Duration) float64 {
		samples, err := ben.Record(t.Context(), length, nil)
		if err != nil {
			t.Fatal(err)
		}
		return power(samples)
	}
	ben.SetProcessing(apm.Options{})
	time.Sleep(time.Second)
	plain := echo(3 * time.Second)
	ben.SetProcessing(apm.Options{Echo: true, Noise: true})
	// A sound server that has no time plays a gap, after which the echo comes later and has to be found anew. Each such piece may be followed by
	// one without.
	const enough, pieces = 25, 6
	best := 0.0
	for n := 0; n < pieces && best < enough; n++ {
		clean := echo(3 * time.Second)
		best = max(best, plain-clean)
		t.Logf("the echo is at %.0f dBFS; from second %d on, after processing, at %.0f", plain, 3*n, clean)
	}
	if best < enough {
		t.Errorf("the echo is softer by no more than %.0f dB", best)
	}
}
