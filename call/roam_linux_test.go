package call_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call"
	"parley/call/audio"
	"parley/devices/pattern"
)

// inside says that this process has a network of its own.
const inside = "PARLEY_TEST_OWN_NETWORK"

const oldAddress, newAddress = "192.0.2.5", "192.0.2.6"

// Two people call each other on a machine whose network is a pair of virtual cards. A new address comes, and the old one goes: the
// kernel takes it from under the sockets.
func TestACallGoesOnWhenTheMachineGetsAnotherAddress(t *testing.T) {
	if os.Getenv(inside) != "" {
		roam(t)
		return
	}
	if out, err := own(t, "ip", "link", "add", "parley0", "type", "veth", "peer", "name", "parley1"); err != nil {
		t.Skipf("no network of one's own can be had here: %v: %s", err, out)
	}
	out, err := own(t, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// own runs a command in a network of its own, which ends with it.
func own(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	child := exec.CommandContext(t.Context(), name, args...)
	child.Env = append(os.Environ(), inside+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	return child.CombinedOutput()
}

func ip(t *testing.T, commands ...string) {
	t.Helper()
	for _, c := range commands {
		if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", c, err, out)
		}
	}
}

func roam(t *testing.T) {
	defer goleak.VerifyNone(t)
	ip(t, "link set lo up", "link add parley0 type veth peer name parley1", "link set parley0 up", "link set parley1 up",
		"addr add "+oldAddress+"/24 dev parley0")
	url, stop := startServer(t, "127.0.0.1:0")
	defer stop()
	annsMedia, bensMedia := newMedia(), newMedia()
	defer annsMedia.Close()
	defer bensMedia.Close()
	ann := dial(t, annsMedia, url, "Ann")
	defer ann.call.Leave()
	ben := dial(t, bensMedia, url, "Ben")
	defer ben.call.Leave()
	people := []*someone{ann, ben}
	ann.sees(t, "Ben")
	ben.sees(t, "Ann")
	for _, s := range people {
		s.goesBy(t, oldAddress)
	}

	films := []*film{watch(ann, "Ben"), watch(ben, "Ann")}
	accounts := []*accounts{keepAccounts(ann), keepAccounts(ben)}
	concealed := func(s *someone) float64 { return totals(s.call.Stats()[0])["concealedSamples"] / audio.SampleRate }
	before := []float64{concealed(ann), concealed(ben)}

	// The new address first, so that there is a path all the while.
	ip(t, "addr add "+newAddress+"/24 dev parley0")
	for _, s := range people {
		eventually(t, s.name+" has gone over", func() bool {
			stats := s.call.Stats()
			return len(stats) == 1 && stats[0].Transport != nil && stats[0].Transport.SelectedCandidatePairChanges > 1
		})
	}
	time.Sleep(time.Second) // in which the old connection ends
	for n, s := range people {
		films[n].end(t)
		accounts[n].end(t)
		t.Logf("%s heard %.3f s that were made up", s.name, concealed(s)-before[n])
		t.Logf("%s saw no new picture for %v at the longest, at %d pictures a second", s.name, films[n].longest.Round(time.Millisecond), 15)
		if _, ok := saw(s, func(e call.PersonUpdated) bool { return e.Person.State == call.PersonReconnecting }); ok {
			t.Errorf("%s was told that the path was lost", s.name)
		}
	}

	// The kernel drops what is left of the subnet with its first address, unless told otherwise.
	start := time.Now()
	ip(t, "addr flush dev parley0", "addr add "+newAddress+"/24 dev parley0")
	ann.sees(t, "Ben")
	ben.sees(t, "Ann")
	t.Logf("a new picture %v after the old address was taken away", time.Since(start).Round(time.Millisecond))
	for _, s := range people {
		s.goesBy(t, newAddress)
	}
}

// goesBy waits until media of this side leaves by that address.
func (s *someone) goesBy(t *testing.T, address string) {
	t.Helper()
	eventually(t, s.name+" goes by "+address, func() bool {
		stats := s.call.Stats()
		return len(stats) == 1 && stats[0].Transport != nil && stats[0].Transport.LocalCandidateAddress == address
	})
}

// film is what somebody is shown for a while.
type film struct {
	quit, ended chan struct{}
	pictures    int
	longest     time.Duration // without a new picture
	backward    int           // pictures that were older than the one before, or the same
}

// watch takes the pictures of the person with that name, as the user interface does, until end is called.
func watch(s *someone, name string) *film {
	f := &film{quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(f.ended)
		var last uint64
		shown := time.Now()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-f.quit:
				return
			case <-tick.C:
			}
			counter, ok := s.newest(name)
			if !ok {
				continue
			}
			if counter <= last {
				f.backward++
			}
			f.pictures++
			f.longest = max(f.longest, time.Since(shown))
			last, shown = counter, time.Now()
		}
	}()
	return f
}

// newest takes the newest picture of a person, and reads what is drawn in it.
func (s *someone) newest(name string) (counter uint64, ok bool) {
	for _, p := range s.call.People() {
		if p.Name != name {
			continue
		}
		f := s.call.Picture(p.ID).Take()
		if f == nil {
			return 0, false
		}
		defer f.Release()
		reading, ok := pattern.Read(f.YCbCr)
		return reading.Counter, ok
	}
	return 0, false
}

// end stops watching, and judges the order of what was shown.
func (f *film) end(t *testing.T) {
	t.Helper()
	close(f.quit)
	<-f.ended
	if f.pictures == 0 || f.backward > 0 {
		t.Errorf("of %d pictures %d were shown late or twice", f.pictures, f.backward)
	}
}
