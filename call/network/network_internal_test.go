package network

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// machine has addresses that a test changes.
type machine struct {
	watcher
	changes atomic.Int32

	mu    sync.Mutex
	now   map[netip.Prefix]bool
	stops time.Duration // for which the program does not run once, while it looks
}

// watched runs a watcher in virtual time.
func watched(t *testing.T, test func(m *machine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := &machine{now: map[netip.Prefix]bool{}}
		m.watcher = watcher{
			addresses: func() map[netip.Prefix]bool {
				m.mu.Lock()
				stops, now := m.stops, maps.Clone(m.now)
				m.stops = 0
				m.mu.Unlock()
				time.Sleep(stops)
				return now
			},
			hints: make(chan struct{}, 1), changed: func() { m.changes.Add(1) },
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go m.run(ctx)
		synctest.Wait()
		test(m)
	})
}

func (m *machine) set(addresses ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.now)
	for _, a := range addresses {
		m.now[netip.MustParsePrefix(a)] = true
	}
}

func (m *machine) hint() { m.hints <- struct{}{} }

// after lets that much time go by.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestANewAddressIsToldOnceItSettled(t *testing.T) {
	watched(t, func(m *machine) {
		m.set("192.0.2.5/24")
		m.hint()
		after(settleFor - time.Millisecond)
		m.set("192.0.2.5/24", "2001:db8::5/64")
		m.hint()
		after(settleFor - time.Millisecond)
		if m.changes.Load() != 0 {
			t.Errorf("told %d times before the addresses settled", m.changes.Load())
		}
		after(time.Minute)
		if m.changes.Load() != 1 {
			t.Errorf("told %d times, want once", m.changes.Load())
		}
	})
}

func TestAddressesThatNeverSettleAreToldAllTheSame(t *testing.T) {
	watched(t, func(m *machine) {
		m.set("192.0.2.5/24")
		for range 30 {
			m.hint()
			after(100 * time.Millisecond)
		}
		if m.changes.Load() == 0 {
			t.Error("not told in 3 s")
		}
	})
}

func TestWhatComesToNothingIsNotTold(t *testing.T) {
	watched(t, func(m *machine) {
		m.set("192.0.2.5/24")
		after(100 * time.Millisecond)
		m.set()
		m.hint()
		after(time.Minute)
		if m.changes.Load() != 0 {
			t.Errorf("told %d times that nothing changed", m.changes.Load())
		}
	})
}

func TestWithoutAHintAnAddressIsSeenByLooking(t *testing.T) {
	watched(t, func(m *machine) {
		m.set("192.0.2.5/24")
		after(lookEvery + settleFor + time.Millisecond)
		if m.changes.Load() != 1 {
			t.Errorf("told %d times, want once", m.changes.Load())
		}
	})
}

func TestAMachineThatSleptIsToldThoughItsAddressesAreWhatTheyWere(t *testing.T) {
	watched(t, func(m *machine) {
		m.mu.Lock()
		m.stops = time.Hour
		m.mu.Unlock()
		after(time.Hour + 3*lookEvery)
		if n := m.changes.Load(); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestSleepIsToldFromALateLook(t *testing.T) {
	for name, c := range map[string]struct {
		ofDay, running time.Duration
		want           bool
	}{
		"a look":                                  {lookEvery, lookEvery, false},
		"a look on a busy machine":                {3 * lookEvery, 3 * lookEvery, false},
		"the clock was set a little":              {lookEvery + 2*time.Second, lookEvery, false},
		"the clock was set back":                  {-time.Hour, lookEvery, false},
		"an hour of sleep":                        {time.Hour, lookEvery, true},
		"an hour of sleep that counts as running": {time.Hour, time.Hour, true},
	} {
		if got := slept(c.ofDay, c.running); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
