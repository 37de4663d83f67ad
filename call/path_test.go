package call_test

import (
	"testing"
	"time"

	"parley/call"
	"parley/call/impair"
)

func TestThePictureIsBackWithThePathThatWasBlackForTenSeconds(t *testing.T) {
	conditions := impair.Conditions{Delay: 50 * time.Millisecond}
	ann, ben, relay := coupleThrough(t, conditions)
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
