package audio_test

import (
	"errors"
	"os"
	"runtime"
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

// stay is the time between two switches.
type stay struct {
	side     int
	from, to time.Duration // by the clock of the recordings
}

// TestEverySwitchOfRealDevicesIsHeard lets Ann talk to Ben in one sound server. Who sits on the left and who sits on the right of the table say different
// things. Each second Ann takes the microphone, and Ben the speaker, of the other side: what is said there is to be heard there from then on, and nothing of
// the side before.
func TestEverySwitchOfRealDevicesIsHeard(t *testing.T) {
	length := switching(t)
	server := soundtest.Start(t)
	server.Use()
	sides := []string{"Left", "Right"}
	table := server.AddTable(sides...)
	ann, ben := real(t), real(t)
	ann.SetProcessing(apm.Options{})
	way := newPath(steady(10 * time.Millisecond))
	tap(t, ann, way)
	ben.Receive(way, 0)
	change := func(side int) {
		t.Helper()
		if err := errors.Join(ann.SetMicrophone("Microphone of "+sides[side]), ben.SetSpeaker("Speaker of "+sides[side])); err != nil {
			t.Fatal(err)
		}
	}
	recorded := func() time.Duration {
		return time.Duration(len(table.Said(sides[0]))) * time.Second / audio.SampleRate
	}
	change(0)
	for i, side := range sides {
		table.Talk(side, soundtest.Blips(2*length+time.Minute, uint64(i+1)))
	}
	time.Sleep(3 * time.Second)
	before := inUse(t, server)
	var stays []stay
	for n := 1; n <= int(length/time.Second); n++ {
		change(n % 2)
		s := stay{side: n % 2, from: recorded()}
		for s.to = s.from; s.to < s.from+time.Second; s.to = recorded() {
			time.Sleep(s.from + time.Second - s.to)
		}
		stays = append(stays, s)
	}
	change(0)
	time.Sleep(2 * time.Second)
	after := inUse(t, server)
	for end := time.Now().Add(30 * time.Second); after != before && time.Now().Before(end); after = inUse(t, server) {
		time.Sleep(100 * time.Millisecond) // a busy machine closes devices late
	}
	if after != before {
		t.Errorf("after %d switches %+v are in use, %+v before", len(stays), after, before)
	}
	table.Stop()

	var said [2][]soundtest.Delay
	for side, name := range sides {
		said[side] = soundtest.Delays(table.Said(name), table.Heard(name))
	}
	unheard, strange, heard, missed := 0, 0, 0, 0
	for n, s := range stays {
		if took, all := came(said[s.side], s.from, s.to); took == 0 {
			unheard++
			t.Logf("after switch %d, nothing was heard of %d sounds that were said on that side", n+1, all)
		}
		// Between the switches all of it is heard, and nothing of the other side.
		const after, before = 250 * time.Millisecond, 300 * time.Millisecond
		took, all := came(said[s.side], s.from+after, s.to-before)
		heard, missed = heard+took, missed+all-took
		other, _ := came(said[1-s.side], s.from+after, s.to-before)
		strange += other
	}
	t.Logf("%d switches, of which %d were not heard; between them %d sounds were heard, and %d not", len(stays), unheard, heard, missed)
	if unheard > len(stays)/10 || missed > max(2, heard/10) { // a busy machine has no time for some
		t.Error("that is not a call that goes on")
	}
	if strange > 0 {
		t.Errorf("%d sounds were heard of the side where neither microphone nor speaker is", strange)
	}
}

// came returns how many of the sounds that were said in that time were heard within half a second, and how many there were.
func came(sounds []soundtest.Delay, from, to time.Duration) (heard, all int) {
	for _, d := range sounds {
		if d.Said < from || d.Said > to {
			continue
		}
		if all++; d.Took >= 0 && d.Took < time.Second/2 {
			heard++
		}
	}
	return heard, all
}

// usage is what a program has open.
type usage struct{ goroutines, files, streams int }

func inUse(t *testing.T, server *soundtest.Server) usage {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Log(err) // elsewhere
	}
	return usage{runtime.NumGoroutine(), len(files), server.Streams()}
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
