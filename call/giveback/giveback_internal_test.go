package giveback

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsGivenBackOnceASecondHoweverOftenThatIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times atomic.Int64
		l := later{do: func() { times.Add(1) }}
		for range 10_000 {
			l.soon()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(2 * patience)
		if n := times.Load(); n < 9 || n > 10 {
			t.Errorf("asked for each millisecond for ten seconds, it was done %d times", n)
		}
	})
}

func TestMemoryIsGivenBackAfterTheLastTimeThatItWasAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan time.Time, 3)
		l := later{do: func() { done <- time.Now() }}
		l.soon()
		<-done
		asked := time.Now()
		l.soon()
		if after := (<-done).Sub(asked); after != patience {
			t.Errorf("it was done %v after it was asked for", after)
		}
	})
}
