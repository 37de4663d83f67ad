package devices

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

func TestListingAgainAndAgainWithoutASoundServerCostsNoDescriptor(t *testing.T) {
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(t.TempDir(), "nobody"))
	List(KindMicrophone)
	before := descriptors(t)
	for range 20 {
		List(KindMicrophone)
		List(KindSpeaker)
	}
	if after := descriptors(t); after > before+2 { // another test's may come and go
		t.Errorf("%d descriptors were open before, and %d after", before, after)
	}
}

func TestASoundServerIsAskedOnceItsSocketAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for name, server := range map[string]string{"plain": path, "with its scheme": "unix:" + path, "with its machine": "{0123}unix:" + path} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PULSE_SERVER", server)
			if !thePulseServers.worthAsking() {
				t.Error("a server that nobody asked yet is not worth asking")
			}
			thePulseServers.note(false)
			if thePulseServers.worthAsking() {
				t.Error("a server that is not there is worth asking again")
			}
			listener, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			if !thePulseServers.worthAsking() {
				t.Error("a server that came is not worth asking")
			}
		})
	}
}
