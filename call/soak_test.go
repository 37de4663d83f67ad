package call_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call"
	"parley/call/audio"
	"parley/call/codec"
	"parley/call/impair"
	"parley/devices"
	"parley/devices/pattern"
)

const (
	soakSeed = 7
	// back is how long people may take to see and hear each other again on a clean path, however bad it was before. It ends a test in
	// which they do not; the times are logged.
	back = 30 * time.Second
	// soakHeap is what the heap may be larger by, in the same situation: what pools keep.
	soakHeap = 24 << 20
	// soakAge is what a picture may be older by when paths were clean for a while; what waits for a jitter that was goes down slowly.
	soakAge = 200.0 // ms
)

// soakLength is how long people go on: half a minute, or what PARLEY_SOAK says, such as 1h.
func soakLength(t *testing.T) time.Duration {
	t.Helper()
	said := os.Getenv("PARLEY_SOAK")
	if said == "" {
		return 30 * time.Second
	}
	d, err := time.ParseDuration(said)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Three people talk over paths that change every few seconds for the worse or the better, switch their cameras and microphones, and come and go. Each
// time the paths are clean again, everybody sees and hears everybody, about as soon after the capture as at first; and nothing piles up.
func TestALongCallOverRandomPathsLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t)
	relay, err := impair.Listen(impair.Config{Seed: soakSeed})
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	w := &weather{t: t, relay: relay, url: url, random: rand.New(rand.NewPCG(soakSeed, 1))}
	for _, name := range []string{"Ann", "Ben", "Cleo"} {
		media := newMedia()
		defer media.Close()
		w.people = append(w.people, &someone{name: name, media: media})
	}
	length := soakLength(t)
	w.settle() // what is made once and kept
	w.allLeave()
	eventually(t, "all encoders are gone", func() bool { return codec.Encoders() == 0 })
	rest := w.measure()
	w.settle()
	calm := w.measure()
	t.Logf("at first: %v; without a call: %v", calm, rest)
	for end := time.Now().Add(length); time.Now().Before(end); {
		w.storm(12 * time.Second)
		w.clear()
		w.settle()
		now := w.measure()
		t.Logf("after storm %d: %v, back after %v, in time after %v", w.storms, now, w.took.Round(100*time.Millisecond), max(w.took, w.young).Round(100*time.Millisecond))
		if now.heap > calm.heap+soakHeap {
			t.Errorf("the heap grew from %d to %d MiB", calm.heap>>20, now.heap>>20)
		}
	}
	eventually(t, "the goroutines and files of the same call are as many as at first", func() bool {
		now := w.measure()
		return now.goroutines <= calm.goroutines+calm.goroutines/10 && now.files <= calm.files+3
	})
	w.allLeave()
	eventually(t, "everything is as before the calls", func() bool {
		now := w.measure()
		return now.goroutines <= rest.goroutines && now.files <= rest.files && now.encoders == 0
	})
	t.Logf("at last: %v; back after %v at the longest", w.measure(), w.longest.Round(100*time.Millisecond))
}

// weather is what happens to people's paths, and what they do meanwhile.
type weather struct {
	t             *testing.T
	relay         *impair.Relay
	url           string
	random        *rand.Rand
	people        []*someone
	storms        int
	age           float64 // ms, of pictures at first
	took, longest time.Duration
	young         time.Duration // until pictures were about as young as at first
}

func (w *weather) storm(length time.Duration) {
	w.storms++
	for end := time.Now().Add(length); time.Now().Before(end); {
		s := w.people[w.random.IntN(len(w.people))]
		c := w.conditions()
		w.t.Logf("%s sends over %+v", s.name, c)
		w.relay.SetFrom(s.name, c)
		w.act(w.people[w.random.IntN(len(w.people))])
		time.Sleep(time.Duration(500+w.random.IntN(1500)) * time.Millisecond)
		if c.Black {
			time.Sleep(time.Duration(w.random.IntN(5000)) * time.Millisecond)
			w.relay.SetFrom(s.name, w.conditions())
		}
	}
}

// conditions makes up a path.
func (w *weather) conditions() impair.Conditions {
	some := func(most time.Duration) time.Duration { return time.Duration(w.random.Int64N(int64(most))) }
	c := impair.Conditions{Delay: some(150 * time.Millisecond), Black: w.random.IntN(6) == 0}
	if w.random.IntN(2) == 0 {
		c.Loss, c.Burst = 0.3*w.random.Float64(), 4*w.random.Float64()
	}
	if w.random.IntN(2) == 0 {
		c.Jitter = some(100 * time.Millisecond)
	}
	if w.random.IntN(3) == 0 {
		c.Rate = 150_000 << w.random.IntN(5)
		c.Queue = some(time.Second)
	}
	if w.random.IntN(3) == 0 {
		c.Reorder, c.ReorderBy = 0.1*w.random.Float64(), some(100*time.Millisecond)
	}
	if w.random.IntN(3) == 0 {
		c.Duplicate = 0.2 * w.random.Float64()
	}
	return c
}

// act lets somebody do what people do.
func (w *weather) act(s *someone) {
	on := w.random.IntN(2) == 0
	switch w.random.IntN(8) {
	case 0:
		w.t.Logf("%s's camera: %v", s.name, on)
		s.media.Switch(devices.KindCamera, on)
	case 1:
		s.media.Switch(devices.KindMicrophone, on)
	case 2:
		w.t.Logf("%s leaves, or comes", s.name)
		if s.call != nil {
			w.leave(s)
		} else {
			w.join(s)
		}
	case 3: // hides somebody, or shows them small
		if s.call != nil {
			for _, p := range s.call.People() {
				s.call.ShowPicture(p.ID, 160*w.random.IntN(3), 90*w.random.IntN(3))
			}
		}
	}
}

func (w *weather) join(s *someone) {
	s.call = dialThrough(w.t, s.media, w.relay, w.url, s.name).call
}

func (w *weather) leave(s *someone) {
	s.call.Leave()
	s.call = nil
}

func (w *weather) allLeave() {
	for _, s := range w.people {
		w.leave(s)
	}
}

// clear ends the storm, and has everybody in the call with all that they have.
func (w *weather) clear() {
	w.relay.Set(impair.Conditions{})
	for _, s := range w.people {
		s.media.Switch(devices.KindCamera, true)
		s.media.Switch(devices.KindMicrophone, true)
		if s.call != nil {
			for _, p := range s.call.People() {
				s.call.ShowPicture(p.ID, 320, 180)
			}
		}
	}
}

// settle waits until everybody sees and hears everybody, in time.
func (w *weather) settle() {
	began := time.Now()
	for _, s := range w.people {
		if s.call == nil {
			w.join(s)
		}
	}
	lack, told := lacks(w.people), ""
	for ; len(lack) > 0; lack = lacks(w.people) {
		if now := fmt.Sprint(lack); now != told {
			told = now
			w.t.Logf("%v after the paths were clean: %v", time.Since(began).Round(100*time.Millisecond), lack)
		}
		if time.Since(began) > back {
			w.explain(fmt.Sprintf("not everybody sees and hears everybody %v after the paths were clean", back))
			return
		}
	}
	w.took = time.Since(began)
	w.longest = max(w.longest, w.took)
	if w.age == 0 {
		w.age = w.oldest()
	}
	for w.young = 0; w.oldest() >= w.age+soakAge; w.young = time.Since(began) {
		if w.young > w.took+patience {
			w.explain(fmt.Sprintf("pictures are %.0f ms old, and were %.0f at first", w.oldest(), w.age))
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// lacks returns what anybody lacks of the others, having watched all at once.
func lacks(people []*someone) []string {
	found := make([][]string, len(people))
	var watching sync.WaitGroup
	for i, s := range people {
		watching.Go(func() { found[i] = s.missing(people) })
	}
	watching.Wait()
	return slices.Concat(found...)
}

// explain fails the test and tells all that is known of everybody.
func (w *weather) explain(what string) {
	w.t.Error(what)
	for _, s := range w.people {
		for _, p := range s.call.Stats() {
			said, _ := json.Marshal(p)
			w.t.Logf("%s of %s: %s", s.name, p.Name, said)
		}
	}
}

// missing watches and listens for half a second, and returns what s lacks of the others: a new picture,
// or sound.
func (s *someone) missing(people []*someone) (lacks []string) {
	before := s.call.Stats()
	from := uint64(pattern.Now().Microseconds())
	time.Sleep(500 * time.Millisecond)
	after := s.call.Stats()
	for _, other := range people {
		if other == s {
			continue
		}
		named := func(p call.PeerStats) bool { return p.Name == other.name }
		i, j := slices.IndexFunc(before, named), slices.IndexFunc(after, named)
		lack := func(what string, args ...any) {
			lacks = append(lacks, fmt.Sprintf("%s lacks of %s: %s", s.name, other.name, fmt.Sprintf(what, args...)))
		}
		if i < 0 || j < 0 || before[i].ID != after[j].ID || after[j].State != call.PersonConnected {
			lack("a connection")
			continue
		}
		if n, ok := s.newest(other.name); !ok || n <= from {
			lack("a picture%s", other.sent(s.name, before[i].InVideo, after[j].InVideo))
		}
		if !hears(before[i].InAudio, after[j].InAudio) {
			lack("sound")
		}
	}
	return lacks
}

// sent says what s sends to the person with that name, and what came of it.
func (s *someone) sent(to string, before, after *call.InVideo) string {
	if before == nil || after == nil {
		return ", ever"
	}
	said := fmt.Sprintf(" (%d packets, %d frames, %d decoded, %d PLI", after.PacketsReceived-before.PacketsReceived,
		after.FramesReceived-before.FramesReceived, after.FramesDecoded-before.FramesDecoded, after.PLICount-before.PLICount)
	for _, p := range s.call.Stats() {
		if p.Name == to {
			said += fmt.Sprintf("; sent %v frames/s, %d bit/s, limited by %s", p.OutVideo.FramesPerSecond, p.OutVideo.TargetBitrate,
				p.OutVideo.QualityLimitationReason)
		}
	}
	return said + ")"
}

// oldest returns how old pictures are, in milliseconds.
func (w *weather) oldest() (age float64) {
	for _, s := range w.people {
		for _, p := range s.call.Stats() {
			if p.InVideo != nil {
				age = max(age, p.InVideo.CaptureToDecoded)
			}
		}
	}
	return age
}

// measure leaves out what the relay has for each of its allocations: one that its client could not take back, since a datagram got lost, stays for ten
// minutes (RFC 8656 section 7.2).
func (w *weather) measure() amounts {
	const goroutines, files = 2, 1
	kept, now := w.relay.Allocations(), measure(w.t)
	now.goroutines -= goroutines * kept
	now.files -= files * kept
	return now
}

type amounts struct {
	goroutines, files, encoders int
	heap                        uint64
}

func (a amounts) String() string {
	return fmt.Sprintf("%d goroutines, %d files, %d encoders, %.1f MiB", a.goroutines, a.files, a.encoders, float64(a.heap)/(1<<20))
}

func measure(t *testing.T) amounts {
	t.Helper()
	runtime.GC()
	runtime.GC() // the first one lets pools go, the second one what was in them
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return amounts{runtime.NumGoroutine(), openFiles(t), codec.Encoders(), m.HeapAlloc}
}

// hears says whether there was sound, and most of it not made up.
func hears(before, after *audio.ReceiverStats) bool {
	if before == nil || after == nil || after.TotalAudioEnergy <= before.TotalAudioEnergy {
		return false
	}
	made := float64(after.ConcealedSamples) - float64(before.ConcealedSamples)
	return made < 0.2*(float64(after.TotalSamplesReceived)-float64(before.TotalSamplesReceived))
}
