package call_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call"
)

// attack is what a hostile person does to one other, over and over.
type attack struct {
	blow func(m *mallory, n int) // the nth
	// A peer whose connection no program could have any use for is not talked to any more: the state is failed, with words for the user. All
	// others stay connected.
	refused bool
}

const (
	blows       = 2000 // at the least
	blowsEvery  = 5 * time.Millisecond
	blowsAtOnce = 20
)

// What a hostile person may cost, for as long as the attack takes and beside what two others cost each other.
const (
	hostileHeap       = 40 << 20 // bytes, Mallory's own connection, which is in the same process, included
	hostileGoroutines = 120      // likewise
	hostileKeyFrames  = 8        // and another one for each second and a half, and for each connection that begins
	hostileReports    = 400      // RTCP packets a second that Ann sends
	hostileRepairs    = 60_000   // bytes a second: half of the rate of a picture as small as the test's, and more than that
	hostileAnswers    = 12       // and another one for each second
	hostileStates     = 6        // changes of what Ann is told of Mallory's connection and its quality
)

// suffer lets each of several attacks loose on Ann, who is in a call with Ben, by a person of its own. Ann and Ben see and hear each other all the while, and
// what the attack costs Ann is bounded.
func suffer(t *testing.T, attacks map[string]attack) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	annMedia, benMedia := newMedia(), newMedia()
	defer annMedia.Close()
	defer benMedia.Close()
	ann, ben := dial(t, annMedia, url, "Ann"), dial(t, benMedia, url, "Ben")
	defer ann.call.Leave()
	defer ben.call.Leave()
	v := &victims{ann: ann, ben: ben, url: url}
	v.seeEachOther(t)
	v.endure(t, attack{blow: func(*mallory, int) {}}, false) // what is made once and kept
	for name, a := range attacks {
		t.Run(name, func(t *testing.T) { v.endure(t, a, true) })
	}
}

// victims are Ann, who is attacked, and Ben, who is not.
type victims struct {
	ann, ben *someone
	url      string
}

// seeEachOther waits until Ann and Ben see and hear each other.
func (v *victims) seeEachOther(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		lack := lacks([]*someone{v.ann, v.ben})
		if len(lack) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the others suffer: %v", lack)
		}
	}
}

// cost is what there is to see of what an attack costs.
type cost struct {
	amounts
	keyFrames                int
	reports, repair, answers int64
	at                       time.Time
}

func (v *victims) costs(t *testing.T, m *mallory) cost {
	c := cost{amounts: measure(t), at: time.Now(), reports: m.reports.Load(), repair: m.repairs.Load(), answers: m.answers.Load()}
	for _, p := range v.ann.call.Stats() {
		if p.OutVideo != nil {
			c.keyFrames = p.OutVideo.KeyFramesEncoded
		}
	}
	return c
}

func (v *victims) endure(t *testing.T, a attack, judged bool) {
	var rest amounts
	eventually(t, "both send pictures", func() bool { rest = measure(t); return rest.encoders >= 2 }) // a path that was held may have stopped one for a moment
	m := joinAsMallory(t, v.url)
	left := sync.OnceFunc(func() { m.leave(t) })
	defer left()
	before := v.costs(t, m)
	v.ann.forget()
	n := m.attack(a.blow, func() { v.seeEachOther(t) })
	after := v.costs(t, m)
	t.Logf("%d blows: %v, %d key frames, %d reports, %d answers and %d bytes of repairs in %v; without: %v", n, after.amounts,
		after.keyFrames-before.keyFrames, after.reports-before.reports, after.answers-before.answers, after.repair-before.repair, after.at.Sub(before.at).Round(time.Millisecond), rest)
	if judged {
		if wide := m.wide.Load(); wide > 0 && !a.refused {
			t.Errorf("%d blows of %d went wide", wide, n)
		}
		after.judge(t, before, rest)
		v.judgeState(t, a.refused)
	}
	v.seeEachOther(t)
	left()
	eventually(t, "everything is as before Mallory came", func() bool {
		now := measure(t)
		return now.goroutines <= rest.goroutines && now.encoders <= rest.encoders
	})
	if state, err := v.ann.call.State(); state != call.Joined {
		t.Errorf("Ann's call: %v, %v", state, err)
	}
}

func (c cost) judge(t *testing.T, before cost, rest amounts) {
	t.Helper()
	seconds := c.at.Sub(before.at).Seconds()
	if c.heap > rest.heap+hostileHeap {
		t.Errorf("the heap grew from %d to %d MiB", rest.heap>>20, c.heap>>20)
	}
	if c.goroutines > rest.goroutines+hostileGoroutines {
		t.Errorf("there were %d goroutines, and are %d", rest.goroutines, c.goroutines)
	}
	if c.encoders > rest.encoders+2 {
		t.Errorf("there were %d encoders, and are %d", rest.encoders, c.encoders)
	}
	if made, most := c.keyFrames-before.keyFrames, hostileKeyFrames+int(seconds/1.5)+int(c.answers-before.answers); made > most {
		t.Errorf("Ann made %d key frames, more than %d", made, most)
	}
	if sent, most := c.reports-before.reports, int64(hostileReports*(1+seconds)); sent > most {
		t.Errorf("Ann sent %d RTCP packets, more than %d", sent, most)
	}
	if made, most := c.answers-before.answers, int64(hostileAnswers+seconds); made > most {
		t.Errorf("Ann answered %d offers, more than %d", made, most)
	}
	if sent, most := c.repair-before.repair, int64(hostileRepairs*(1+seconds)); sent > most {
		t.Errorf("Ann sent %d bytes again, more than %d", sent, most)
	}
}

// judgeState looks at what Ann is told of Mallory.
func (v *victims) judgeState(t *testing.T, refused bool) {
	t.Helper()
	isMallory := func(p call.Person) bool { return p.Name == "Mallory" }
	want := call.PersonConnected
	if refused {
		want = call.PersonFailed
	}
	eventually(t, fmt.Sprintf("Mallory is %s", want), func() bool {
		people := v.ann.call.People()
		i := slices.IndexFunc(people, isMallory)
		return i >= 0 && people[i].State == want && refused == (people[i].Problem != nil)
	})
	type told struct {
		state   call.PersonState
		quality call.Quality
	}
	var all []told
	v.ann.mu.Lock()
	for _, e := range v.ann.events {
		if e, ok := e.(call.PersonUpdated); ok && isMallory(e.Person) {
			all = append(all, told{e.Person.State, e.Person.Quality})
		}
	}
	v.ann.mu.Unlock()
	if all = slices.Compact(all); len(all) > hostileStates {
		t.Errorf("Ann was told of Mallory: %v", all)
	}
}

// forget drops the events so far.
func (s *someone) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = nil
}
