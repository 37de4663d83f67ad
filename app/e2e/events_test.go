package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"parley/app/e2e"
	"parley/devices/soundtest"
)

const (
	events   = 100
	minEvery = 100 * time.Millisecond
	maxEvery = 1000 * time.Millisecond
)

// sockets is where random speakers are plugged in and out.
type sockets struct {
	sound *soundtest.Server
	have  []string
	added int
}

func (s *sockets) plug() {
	s.added++
	label := fmt.Sprintf("Speaker %d", s.added)
	s.sound.AddSpeaker(label)
	s.have = append(s.have, label)
}

func (s *sockets) unplug(which int) {
	s.sound.Remove(s.have[which])
	s.have = append(s.have[:which], s.have[which+1:]...)
}

// A hundred devices come and go and are switched, within about a minute; the seed makes a failure come again.
func TestACallSurvivesRandomDeviceEvents(t *testing.T) {
	t.Parallel()
	const seed = 3
	random := rand.New(rand.NewPCG(seed, seed))
	sound := soundtest.Start(t)
	defer func() {
		if t.Failed() {
			sound.Describe()
		}
	}()
	_, url := e2e.StartServer(t, "0")
	const wished = "Speaker of Ann"
	ann := newDesk(t, sound, wished, "--server", url, "--name", "Ann", "standup")
	ben := silent(t, "--server", url, "--name", "Ben", "standup")
	ann.seesAndHears(t, ben)
	ben.AwaitPictures(1)
	before := ann.Last().Process

	others, there, muted, dark := &sockets{sound: sound}, true, false, false
	for range events {
		switch n := random.IntN(6); {
		case n == 0:
			ann.Display.Key("m")
			muted = !muted
		case n == 1:
			ann.Display.Key("v")
			dark = !dark
		case n == 2 && there:
			sound.Remove(wished)
			there = false
		case n == 2 || n == 3 && !there:
			sound.AddSpeaker(wished)
			there = true
		case n == 3 || n == 4 && len(others.have) == 0:
			others.plug()
		case len(others.have) > 0:
			others.unplug(random.IntN(len(others.have)))
		}
		time.Sleep(minEvery + rand.N(maxEvery-minEvery)) // events come at any moment of what an earlier one set off
	}
	if muted {
		ann.Display.Key("m")
	}
	if dark {
		ann.Display.Key("v")
	}
	if !there {
		sound.AddSpeaker(wished)
	}
	ann.heard = sound.Record(wished)
	ann.seesAndHears(t, ben)
	ben.AwaitPictures(1)
	leak := fmt.Sprintf("Ann's %d goroutines and %d MB are about as many as before", before.Goroutines, before.RSSBytes>>20)
	e2e.Eventually(t, leak, func() bool {
		now := ann.Last().Process
		return now.Goroutines <= before.Goroutines+10 && now.RSSBytes <= before.RSSBytes*3/2
	})
	t.Logf("before: %+v, after: %+v", before, ann.Last().Process)
}
