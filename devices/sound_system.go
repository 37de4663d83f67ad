package devices

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/gen2brain/malgo"
)

// soundSystem is this program's connection to the system's sound, made when it is first needed.
type soundSystem struct {
	mu      sync.Mutex // miniaudio's context is for one thread at a time
	current *soundContext
}

var theSound soundSystem

// soundContext is one such connection. It outlives the devices that were opened with it, even after another took its place.
// Its fields are guarded by the mutex of theSound.
type soundContext struct {
	*malgo.AllocatedContext
	users   int  // open devices
	retired bool // to be freed with its last user
	alsa    bool // the second choice: a PulseAudio server may come up yet
}

// hardware is a device as the sound system knows it.
type hardware struct {
	Device
	id malgo.DeviceID
}

// backends are the sound systems to try, in order. miniaudio's own list ends with a null device, which would pass for
// hardware.
func backends() []malgo.Backend {
	switch runtime.GOOS {
	case "linux":
		list := []malgo.Backend{malgo.BackendPulseaudio}
		if _, err := os.Stat("/proc/asound"); err == nil { // without the kernel's part alsa-lib prints complaints
			list = append(list, malgo.BackendAlsa)
		}
		return list
	case "darwin":
		return []malgo.Backend{malgo.BackendCoreaudio}
	case "windows":
		return []malgo.Backend{malgo.BackendWasapi}
	default:
		return []malgo.Backend{malgo.BackendSndio, malgo.BackendAudio4, malgo.BackendOss}
	}
}

// connect makes the context if there is none. The caller holds mu.
func (s *soundSystem) connect() error {
	if s.current != nil && s.current.alsa && s.current.users == 0 {
		s.retire()
	}
	if s.current != nil {
		return nil
	}
	// The name that the system's mixer shows. miniaudio copies it.
	name := []byte("Parley\x00")
	var pin runtime.Pinner
	pin.Pin(&name[0])
	defer pin.Unpin()
	config := malgo.ContextConfig{}
	config.Pulse.PApplicationName = &name[0]
	for _, backend := range backends() {
		context, err := malgo.InitContext([]malgo.Backend{backend}, config, nil)
		if err == nil {
			s.current = &soundContext{AllocatedContext: context, alsa: backend == malgo.BackendAlsa}
			return nil
		}
	}
	return fmt.Errorf("no sound system: %w", ErrNotFound)
}

// retire gives the context up, so that the next one finds a sound server that has come, or come back. The caller holds mu.
func (s *soundSystem) retire() {
	c := s.current
	s.current, c.retired = nil, true
	c.freeIfUnused()
}

// release counts one open device of c less.
func (s *soundSystem) release(c *soundContext) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.users--
	c.freeIfUnused()
}

func (c *soundContext) freeIfUnused() {
	if c.retired && c.users == 0 {
		_ = c.Uninit() // fails only for a context that was never made
		c.Free()
	}
}

// list returns the hardware of one kind; nil when there is none, or no sound system.
func (s *soundSystem) list(kind Kind) []hardware {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listLocked(kind)
}

func (s *soundSystem) listLocked(kind Kind) []hardware {
	which := malgo.Capture
	if kind == KindSpeaker {
		which = malgo.Playback
	}
	// The second attempt is for a sound server that has gone, and perhaps come back, since the first was made.
	for range 2 {
		if s.connect() != nil {
			return nil
		}
		infos, err := s.current.Devices(which)
		if err == nil {
			if found := sortOut(kind, infos, s.current.alsa); len(found) > 0 {
				return found
			}
		}
		s.retire()
		if err == nil {
			return nil
		}
	}
	return nil
}

// sortOut leaves out what is no device, and gives the rest labels that are unique.
func sortOut(kind Kind, infos []malgo.DeviceInfo, alsa bool) []hardware {
	var found []hardware
	labels := newLabels()
	for _, info := range infos {
		id, _, _ := strings.Cut(string(info.ID[:]), "\x00")
		if isMonitor(id, info.Name()) || alsa && !isCard(id) {
			continue
		}
		found = append(found, hardware{
			Device: Device{Kind: kind, Label: labels.unique(info.Name()), Default: info.IsDefault != 0},
			id:     info.ID,
		})
	}
	return found
}

// isMonitor tells PulseAudio's sources that repeat what a sink plays: nobody's voice.
func isMonitor(id, name string) bool {
	return strings.HasSuffix(id, ".monitor") || strings.HasPrefix(name, "Monitor of ")
}

// isCard tells ALSA's hardware, which miniaudio calls ":0,0", from its plugins: converters and the like, one of which, "null",
// panics when it is read.
func isCard(id string) bool { return strings.HasPrefix(id, ":") }

// choose finds the hardware for a label; [Default] is the preferred one, or else the first.
func choose(found []hardware, label string) (hardware, bool) {
	for _, h := range found {
		if h.Label == label || label == Default && h.Default {
			return h, true
		}
	}
	if label == Default && len(found) > 0 {
		return found[0], true
	}
	return hardware{}, false
}

// classify turns miniaudio's error into a sentinel of this package.
func classify(err error) error {
	kind := ErrNotReadable
	switch {
	case errors.Is(err, malgo.ErrAccessDenied):
		kind = ErrNotAllowed
	case errors.Is(err, malgo.ErrNoDevice), errors.Is(err, malgo.ErrDoesNotExist), errors.Is(err, malgo.ErrNoBackend):
		kind = ErrNotFound
	case errors.Is(err, malgo.ErrFormatNotSupported), errors.Is(err, malgo.ErrShareModeNotSupported):
		kind = ErrOverconstrained
	}
	return fmt.Errorf("%w (%v)", kind, err)
}
