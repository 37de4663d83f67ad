package call_test

import (
	"context"
	"net"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call"
	"parley/call/audio"
	"parley/call/codec"
	"parley/call/signal/server"
	"parley/devices"
	"parley/devices/pattern"
)

// patience is how long a test waits for what must happen; it ends a test that hangs, and judges nothing.
const patience = time.Minute

// startServer runs a signaling server on the address, until the function that it returns is called.
func startServer(t *testing.T, address string) (url string, stop func()) {
	t.Helper()
	var listener net.Listener
	eventually(t, "the address is free", func() (ok bool) {
		var err error
		listener, err = net.Listen("tcp", address)
		return err == nil
	})
	s := server.New(server.Config{MaxPeople: 4})
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(context.Background(), listener) }()
	return "ws://" + listener.Addr().String() + "/ws", sync.OnceFunc(func() {
		_ = s.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// someone is a participant with the test sources.
type someone struct {
	name  string
	media *call.Media
	call  *call.Call

	mu     sync.Mutex
	events []call.Event
}

func newMedia() *call.Media {
	media := call.NewMedia(call.MediaConfig{
		Format: devices.Format{Width: 320, Height: 180, FrameRate: 15}, List: noHardware, WatchDevices: nothingChanges,
	})
	useTestSources(media)
	return media
}

// A test with the test sources does not depend on what the machine has.
func noHardware(devices.Kind) []devices.Device { return nil }

func nothingChanges(ctx context.Context, _ func()) { <-ctx.Done() }

func useTestSources(media *call.Media) {
	media.Use(devices.KindCamera, devices.Pattern)
	media.Use(devices.KindMicrophone, devices.Tone)
	media.Use(devices.KindSpeaker, devices.None)
}

func dial(t *testing.T, media *call.Media, url, name string) *someone {
	t.Helper()
	s := &someone{name: name, media: media}
	c, err := call.Dial(call.Config{Server: url, Room: "test", Name: name, Media: media, OnEvent: s.onEvent, Measure: true})
	if err != nil {
		t.Fatal(err)
	}
	s.call = c
	return s
}

// couple lets Ann and Ben into one room, each with those media, closes all at the end of the test, and sees that nothing is left.
func couple(t *testing.T, anns, bens *call.Media) (ann, ben *someone, url string) {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	return coupleBy(t, anns, bens, func(media *call.Media, url, name string) *someone { return dial(t, media, url, name) })
}

// coupleBy is like couple for those who dial another way, and who see for themselves what is left.
func coupleBy(t *testing.T, anns, bens *call.Media, dial func(media *call.Media, url, name string) *someone) (ann, ben *someone, url string) {
	t.Helper()
	url, stop := startServer(t, "127.0.0.1:0")
	t.Cleanup(stop)
	for _, media := range []*call.Media{anns, bens} {
		t.Cleanup(func() { media.Close() })
	}
	ann, ben = dial(anns, url, "Ann"), dial(bens, url, "Ben")
	t.Cleanup(ann.call.Leave)
	t.Cleanup(ben.call.Leave)
	return ann, ben, url
}

func (s *someone) onEvent(e call.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// saw says whether an event that passes came, and returns the last that did.
func saw[E call.Event](s *someone, passes func(E) bool) (found E, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e, is := e.(E); is && passes(e) {
			found, ok = e, true
		}
	}
	return found, ok
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it did not come to pass that %s", what)
		}
	}
}

// sees waits until new pictures of the person with that name come, drawn after the call of sees.
func (s *someone) sees(t *testing.T, name string) {
	t.Helper()
	from := uint64(pattern.Now().Microseconds())
	eventually(t, "a new picture of "+name+" comes", func() bool {
		for _, p := range s.call.People() {
			if p.Name != name || p.State != call.PersonConnected {
				continue
			}
			f := s.call.Picture(p.ID).Take()
			if f == nil {
				return false
			}
			defer f.Release()
			reading, ok := pattern.Read(f.YCbCr)
			return ok && reading.Counter > from
		}
		return false
	})
}

func TestPeopleInARoomSeeEachOther(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	media := newMedia()
	defer media.Close()
	ann := dial(t, media, url, "Ann")
	defer ann.call.Leave()
	ben := dial(t, media, url, "Ben")
	defer ben.call.Leave()
	ann.sees(t, "Ben")
	ben.sees(t, "Ann")
	eventually(t, "Ann measures Ben's sound and picture", func() bool {
		stats := ann.call.Stats()
		return len(stats) == 1 && stats[0].InAudio != nil && stats[0].InAudio.TotalSamplesReceived > 0 &&
			stats[0].InVideo.CaptureToDecoded > 0 && stats[0].Transport != nil
	})
	if _, ok := ann.call.FirstFrame(); !ok {
		t.Error("a picture came, and the time to the first is not known")
	}
}

func TestWhoLeavesIsNamedWithTheReason(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	media := newMedia()
	defer media.Close()
	ann, ben := dial(t, media, url, "Ann"), dial(t, media, url, "Ben")
	defer ann.call.Leave()
	ann.sees(t, "Ben")
	ben.call.Leave()
	eventually(t, "Ann hears that Ben left", func() bool {
		left, ok := saw(ann, func(call.PersonLeft) bool { return true })
		return ok && left.Person.Name == "Ben" && left.Reason == call.ReasonLeft
	})
	if people := ann.call.People(); len(people) != 0 {
		t.Errorf("still in the room: %v", people)
	}
}

func TestWhoLeavesWhileTheServerIsGoneIsNamedToo(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	media := newMedia()
	defer media.Close()
	ann, ben := dial(t, media, url, "Ann"), dial(t, media, url, "Ben")
	defer ann.call.Leave()
	ann.sees(t, "Ben")
	stop()
	ann.sees(t, "Ben")
	ben.call.Leave()
	eventually(t, "Ann hears from Ben himself that he left", func() bool {
		left, ok := saw(ann, func(call.PersonLeft) bool { return true })
		return ok && left.Person.Name == "Ben" && left.Reason == call.ReasonLeft
	})
}

func TestACallGoesOnWithoutItsServerAndTakesNewcomersAfterwards(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	media := newMedia()
	defer media.Close()
	ann, ben := dial(t, media, url, "Ann"), dial(t, media, url, "Ben")
	defer ann.call.Leave()
	defer ben.call.Leave()
	ann.sees(t, "Ben")
	stop()
	eventually(t, "Ann notices", func() bool { s, _ := ann.call.State(); return s == call.Reconnecting })
	ann.sees(t, "Ben")

	_, stop = startServer(t, url[len("ws://"):len(url)-len("/ws")])
	defer stop()
	for _, s := range []*someone{ann, ben} {
		eventually(t, "both are back", func() bool { state, _ := s.call.State(); return state == call.Joined })
	}
	cleo := dial(t, media, url, "Cleo")
	defer cleo.call.Leave()
	for _, s := range []*someone{ann, ben} {
		s.sees(t, "Cleo")
	}
	cleo.sees(t, "Ann")
	cleo.sees(t, "Ben")
	if _, left := saw(ann, func(call.PersonLeft) bool { return true }); left {
		t.Error("Ann was told that somebody left, and nobody did")
	}
}

func TestAFullRoomIsRefusedInOneSentence(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0") // for four
	defer stop()
	media := newMedia()
	defer media.Close()
	for _, name := range []string{"Ann", "Ben", "Cleo", "Dora"} {
		s := dial(t, media, url, name)
		defer s.call.Leave()
		eventually(t, name+" is in", func() bool { state, _ := s.call.State(); return state == call.Joined })
	}
	emil := dial(t, media, url, "Emil")
	defer emil.call.Leave()
	eventually(t, "Emil is refused", func() bool { state, err := emil.call.State(); return state == call.Failed && err != nil })
}

func TestAServerThatDoesNotAnswerIsTold(t *testing.T) {
	defer goleak.VerifyNone(t)
	media := newMedia()
	defer media.Close()
	ann := dial(t, media, "ws://127.0.0.1:1/ws", "Ann")
	defer ann.call.Leave()
	eventually(t, "the call fails", func() bool { state, err := ann.call.State(); return state == call.Failed && err != nil })
}

func TestACameraThatIsOffIsClosedAndOthersAreTold(t *testing.T) {
	benMedia := newMedia()
	ann, _, _ := couple(t, newMedia(), benMedia)
	ann.sees(t, "Ben")
	benSends := func(camera bool) func() bool {
		return func() bool { people := ann.call.People(); return len(people) == 1 && people[0].Camera == camera }
	}
	eventually(t, "Ann knows that Ben sends a picture", benSends(true))
	benMedia.Switch(devices.KindCamera, false)
	eventually(t, "Ann knows that he does not", benSends(false))
	if benMedia.Choice(devices.KindCamera).Open {
		t.Error("a camera that is off is open")
	}
	benMedia.Switch(devices.KindCamera, true)
	eventually(t, "Ann knows that he does again", benSends(true))
	ann.sees(t, "Ben")
}

// labelled is the test camera under another name, so that there are two.
type labelled struct {
	call.Camera
	label string
}

func (l labelled) Label() string { return l.label }

func TestASwitchOfCamerasShowsOthersNothingButTheOneAndThenTheOther(t *testing.T) {
	benMedia := call.NewMedia(call.MediaConfig{
		List: noHardware, WatchDevices: nothingChanges,
		OpenCamera: func(label string, _ devices.Format) (call.Camera, error) {
			c, err := devices.OpenCamera(devices.Pattern, devices.Format{Width: 320, Height: 180, FrameRate: 15})
			return labelled{c, label}, err
		},
	})
	benMedia.Use(devices.KindCamera, "one")
	eventually(t, "Ben's camera runs", func() bool { return benMedia.Choice(devices.KindCamera).Open })
	ann, _, _ := couple(t, newMedia(), benMedia)
	ann.sees(t, "Ben")
	eventually(t, "Ann knows that Ben sends a picture", func() bool { return ann.call.People()[0].Camera })
	seen := ann.call.Picture(ann.call.People()[0].ID)
	before, longest := uint64(0), time.Duration(0)
	for n := range 8 {
		label := []string{"two", "one"}[n%2]
		benMedia.Use(devices.KindCamera, label)
		eventually(t, "Ben uses camera "+label+", and Ann sees pictures", func() bool {
			f := seen.Take()
			if f == nil {
				return false
			}
			defer f.Release()
			reading, ok := pattern.Read(f.YCbCr)
			if !ok {
				t.Error("a picture came that no camera drew")
			}
			if before != 0 {
				longest = max(longest, time.Duration(reading.Counter-before)*time.Microsecond)
			}
			before = reading.Counter
			return benMedia.Choice(devices.KindCamera).Using == label
		})
	}
	if _, off := saw(ann, func(e call.PersonUpdated) bool { return e.Person.State == call.PersonConnected && !e.Person.Camera }); off {
		t.Error("Ann was told that Ben sends no picture")
	}
	t.Logf("between two pictures that Ann saw: %v at the most", longest)
}

// A device that fails costs what it would have brought, and nothing else.
func TestACameraThatCannotBeOpenedLeavesTheRestOfTheCall(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	annMedia, benMedia := newMedia(), newMedia()
	defer annMedia.Close()
	defer benMedia.Close()
	benMedia.Use(devices.KindCamera, "a camera that nobody has")
	ann, ben := dial(t, annMedia, url, "Ann"), dial(t, benMedia, url, "Ben")
	defer ann.call.Leave()
	defer ben.call.Leave()
	ben.sees(t, "Ann")
	if c := benMedia.Choice(devices.KindCamera); c.Err == nil || c.Open {
		t.Errorf("the choice of a camera that nobody has: %+v", c)
	}
	eventually(t, "Ann hears Ben", func() bool {
		stats := ann.call.Stats()
		return len(stats) == 1 && stats[0].InAudio != nil && stats[0].InAudio.TotalAudioEnergy > 0
	})
	benMedia.Use(devices.KindCamera, devices.Pattern)
	ann.sees(t, "Ben")
}

// Twenty calls in one process leave nothing behind.
func TestCallsLeaveNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	media := newMedia()
	defer media.Close()
	once := func() {
		ann, ben := dial(t, media, url, "Ann"), dial(t, media, url, "Ben")
		ann.sees(t, "Ben")
		ben.sees(t, "Ann")
		ann.call.Leave()
		ben.call.Leave()
	}
	once() // what is made once and kept
	rest := func() (int, int, int) { return runtime.NumGoroutine(), openFiles(t), codec.Encoders() }
	var goroutines, files, encoders int
	eventually(t, "the first call has ended", func() bool {
		goroutines, files, encoders = rest()
		return encoders == 0
	})
	for range 20 {
		once()
	}
	eventually(t, "everything is as before", func() bool {
		g, f, e := rest()
		return g <= goroutines && f <= files && e == encoders
	})
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not list open files")
	}
	return len(entries)
}

func TestAPersonIsAsLoudAsTheUserWants(t *testing.T) {
	defer goleak.VerifyNone(t)
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	var played atomic.Int32 // the loudest sample of the last block
	annMedia := call.NewMedia(call.MediaConfig{
		Format: devices.Format{Width: 320, Height: 180, FrameRate: 15}, List: noHardware, WatchDevices: nothingChanges,
		OpenSpeaker: func(label string, channels int, fill func([]int16)) (audio.Device, error) {
			return devices.OpenSpeaker(label, channels, func(samples []int16) {
				fill(samples)
				played.Store(int32(slices.Max(samples)))
			})
		},
	})
	useTestSources(annMedia)
	defer annMedia.Close()
	benMedia := newMedia()
	defer benMedia.Close()
	ann, ben := dial(t, annMedia, url, "Ann"), dial(t, benMedia, url, "Ben")
	defer ann.call.Leave()
	defer ben.call.Leave()
	ann.sees(t, "Ben")
	id := ann.call.People()[0].ID
	eventually(t, "Ben is heard", func() bool { return played.Load() > 1000 })

	ann.call.SetVolume(id, 0)
	eventually(t, "Ben is not heard", func() bool { return played.Load() == 0 })
	if ann.call.Level(id) == 0 {
		t.Error("that Ben speaks is not to be seen any more")
	}
	ann.call.SetVolume(id, 5)
	if got := ann.call.Volume(id); got != 2 {
		t.Errorf("the volume is %v, want 2, the most", got)
	}
	eventually(t, "Ben is heard again", func() bool { return played.Load() > 1000 })
	ann.call.SetVolume("nobody", 0.5) // who may just have left
	if got := ann.call.Volume("nobody"); got != 1 {
		t.Errorf("the volume of nobody is %v", got)
	}
}
