package devices

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// pulseServers remembers which PulseAudio servers answered. Each time that libpulse connects in vain, miniaudio leaves a file descriptor
// behind, and a program that watches its devices would run out of them: so none is asked again that cannot answer.
type pulseServers struct {
	mu sync.Mutex
	of map[string]pulseServer // by what the environment says
}

type pulseServer struct {
	asked    time.Time
	answered bool
}

var thePulseServers = pulseServers{of: map[string]pulseServer{}}

// pulseRetry is how often a server is asked whose socket cannot be seen from here.
const pulseRetry = time.Minute

// worthAsking says whether a server may answer now. The first time it always may: asking can start one.
func (p *pulseServers) worthAsking() bool {
	sockets, elsewhere := pulseSockets()
	p.mu.Lock()
	server, known := p.of[pulseEnvironment()]
	p.mu.Unlock()
	if !known || (elsewhere || server.answered) && time.Since(server.asked) > pulseRetry {
		return true
	}
	for _, path := range sockets {
		if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
			_ = c.Close() // nothing was said
			return true
		}
	}
	return false
}

// note remembers how asking went.
func (p *pulseServers) note(answered bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := pulseEnvironment()
	p.of[key] = pulseServer{asked: time.Now(), answered: answered || p.of[key].answered}
}

func pulseEnvironment() string {
	return strings.Join([]string{os.Getenv("PULSE_SERVER"), os.Getenv("PULSE_RUNTIME_PATH"), os.Getenv("XDG_RUNTIME_DIR"), os.Getenv("HOME")}, "\n")
}

// pulseSockets returns where a server would listen, and whether it may listen elsewhere, on another machine for instance.
// https://www.freedesktop.org/wiki/Software/PulseAudio/Documentation/User/ServerStrings/
func pulseSockets() (sockets []string, elsewhere bool) {
	if named := os.Getenv("PULSE_SERVER"); named != "" {
		for _, server := range strings.Fields(named) {
			if _, after, ok := strings.Cut(server, "}"); ok && server[0] == '{' {
				server = after
			}
			if server = strings.TrimPrefix(server, "unix:"); strings.HasPrefix(server, "/") {
				sockets = append(sockets, server)
			} else {
				elsewhere = true
			}
		}
		return sockets, elsewhere
	}
	for folder, name := range map[string]string{"PULSE_RUNTIME_PATH": "native", "XDG_RUNTIME_DIR": "pulse/native"} {
		if path := os.Getenv(folder); path != "" {
			sockets = append(sockets, filepath.Join(path, name))
		}
	}
	for _, kept := range []string{".config/pulse", ".pulse"} { // where there is no XDG_RUNTIME_DIR
		found, err := filepath.Glob(filepath.Join(os.Getenv("HOME"), kept, "*-runtime", "native"))
		if err == nil {
			sockets = append(sockets, found...)
		}
	}
	return append(sockets, "/run/pulse/native", "/var/run/pulse/native"), false
}
