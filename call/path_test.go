package call_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call"
	"parley/call/impair"
)

func TestThePictureIsBackWithThePathThatWasBlackForTenSeconds(t *testing.T) {
	defer goleak.VerifyNone(t)
	conditions := impair.Conditions{Delay: 50 * time.Millisecond}
	relay, err := impair.Listen(impair.Config{Seed: 1, Conditions: conditions})
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	annsMedia, bensMedia := newMedia(), newMedia()
	defer annsMedia.Close()
	defer bensMedia.Close()
	ann := dialThrough(t, annsMedia, relay, url, "Ann")
	defer ann.call.Leave()
	ben := dialThrough(t, bensMedia, relay, url, "Ben")
	defer ben.call.Leave()
	ann.sees(t, "Ben")
	ben.sees(t, "Ann")

	relay.Set(impair.Conditions{Black: true})
	time.Sleep(10 * time.Second)
	back := time.Now()
	relay.Set(conditions)
	ann.sees(t, "Ben")
	first := time.Since(back)
	ben.sees(t, "Ann")
	t.Logf("the first new picture was there %v after the path, and both %v after it", first.Round(time.Millisecond),
		time.Since(back).Round(time.Millisecond))
	for _, s := range []*someone{ann, ben} {
		if _, ok := saw(s, func(e call.PersonUpdated) bool { return e.Person.State == call.PersonReconnecting }); !ok {
			t.Errorf("%s was not told that the path was lost", s.name)
		}
	}
}
