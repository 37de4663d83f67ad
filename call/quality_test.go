package call_test

import (
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call"
	"parley/call/impair"
)

// dialThrough is dial for a participant whose packets all go through the relay, under their name.
func dialThrough(t *testing.T, media *call.Media, relay *impair.Relay, url, name string) *someone {
	t.Helper()
	s := &someone{name: name, media: media}
	c, err := call.Dial(call.Config{
		Server: url, Room: "test", Name: name, Media: media, OnEvent: s.onEvent, Measure: true, RelayOnly: true,
		ICE: []webrtc.ICEServer{{URLs: []string{relay.URL()}, Username: name, Credential: relay.Password()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.call = c
	return s
}

// coupleThrough is like couple for a call by a relay with those conditions, which is closed with it.
func coupleThrough(t *testing.T, conditions impair.Conditions) (ann, ben *someone, relay *impair.Relay) {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	relay, err := impair.Listen(impair.Config{Seed: 1, Conditions: conditions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = relay.Close() })
	ann, ben, _ = coupleBy(t, newMedia(), newMedia(), func(media *call.Media, url, name string) *someone {
		return dialThrough(t, media, relay, url, name)
	})
	return ann, ben, relay
}

// judges waits until the connection to the person with that name is judged so.
func (s *someone) judges(t *testing.T, name string, good bool, cause call.Cause) {
	t.Helper()
	eventually(t, s.name+" judges the connection to "+name, func() bool {
		for _, p := range s.call.People() {
			if p.Name == name && p.Quality != call.QualityUnknown && (p.Quality == call.QualityGood) == good {
				return p.Cause == cause
			}
		}
		return false
	})
}

func TestAPathThatLosesMuchIsToldAndSoIsItsRecovery(t *testing.T) {
	ann, ben, relay := coupleThrough(t, impair.Conditions{Delay: 20 * time.Millisecond})
	ann.judges(t, "Ben", true, call.CauseNone)
	ben.judges(t, "Ann", true, call.CauseNone)

	relay.SetFrom("Ben", impair.Conditions{Delay: 20 * time.Millisecond, Loss: 0.5})
	ann.judges(t, "Ben", false, call.CauseNetwork) // what comes in is bad
	ben.judges(t, "Ann", false, call.CauseNetwork) // and Ben is told so
	if e, ok := saw(ann, func(e call.PersonUpdated) bool { return e.Person.Cause == call.CauseNetwork }); !ok || e.Person.Name != "Ben" {
		t.Error("no event told of it")
	}

	relay.Set(impair.Conditions{Delay: 20 * time.Millisecond})
	ann.judges(t, "Ben", true, call.CauseNone)
	ben.judges(t, "Ann", true, call.CauseNone)
}
