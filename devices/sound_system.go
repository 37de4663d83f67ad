package devices

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
	"unicode"

	"github.com/gen2brain/malgo"
)

// soundPatience is how long the system's sound may take to answer. A sound server may hang, and so may a driver; a slow and busy machine has
// been seen to take five seconds to open a card.
const soundPatience = 12 * time.Second

// soundSystem asks the system which devices there are, over a connection that lasts. Devices that are open have connections of their own,
// so that one that hangs holds up nothing else.
type soundSystem struct {
	turn    chan struct{} // holds a token while somebody asks: the connection is for one thread at a time
	context *malgo.AllocatedContext
}

var theSound = soundSystem{turn: make(chan struct{}, 1)}

// hardware is a device as the sound system knows it.
type hardware struct {
	Device
	id       malgo.DeviceID
	backends []malgo.Backend // to open it with
	alsa     *alsaDevice     // what it is to ALSA; nil elsewhere
	converts bool            // the system converts sample rates, and does it well; miniaudio, in its stead, lets other pitches in
}

// backends are the sound systems to ask, in order, of which the first that runs answers. miniaudio's own list ends with a null device,
// which would pass for hardware. ALSA is for where none runs; see alsaHardware.
func backends() []malgo.Backend {
	switch runtime.GOOS {
	case "linux":
		return []malgo.Backend{malgo.BackendPulseaudio}
	case "darwin":
		return []malgo.Backend{malgo.BackendCoreaudio}
	case "windows":
		return []malgo.Backend{malgo.BackendWasapi}
	default:
		return []malgo.Backend{malgo.BackendSndio, malgo.BackendAudio4, malgo.BackendOss}
	}
}

// converts says whether the sound servers among the backends convert sample rates themselves. PulseAudio and Windows do; measured at 44100 Hz,
// what PulseAudio adds is 70 dB below a tone.
func converts() bool { return runtime.GOOS == "linux" || runtime.GOOS == "windows" }

// newContext connects to one of the sound systems.
func newContext(backends ...malgo.Backend) (*malgo.AllocatedContext, error) {
	// The name that the system's mixer shows. miniaudio copies it.
	name := []byte("Parley\x00")
	var pin runtime.Pinner
	pin.Pin(&name[0])
	defer pin.Unpin()
	config := malgo.ContextConfig{}
	config.Pulse.PApplicationName = &name[0]
	err := error(malgo.ErrNoBackend)
	for _, backend := range backends {
		pulse := backend == malgo.BackendPulseaudio
		if pulse && !thePulseServers.worthAsking() {
			continue
		}
		var context *malgo.AllocatedContext
		context, err = malgo.InitContext([]malgo.Backend{backend}, config, nil)
		if pulse {
			thePulseServers.note(err == nil)
		}
		if err == nil {
			return context, nil
		}
	}
	return nil, err
}

func freeContext(c *malgo.AllocatedContext) {
	_ = c.Uninit() // fails only for a context that was never made
	c.Free()
}

// within runs f on a goroutine of its own and returns when it is done, or after soundPatience, when the call that it makes
// hangs: then it returns false, f goes on, and late, if not nil, runs after it.
func within(f, late func()) bool {
	done, gaveUp := make(chan struct{}), make(chan struct{})
	go func() {
		f()
		select {
		case done <- struct{}{}:
		case <-gaveUp:
			if late != nil {
				late()
			}
		}
	}()
	timer := time.NewTimer(soundPatience)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		close(gaveUp)
		return false
	}
}

// listSound is for [List]. Where the sound system hangs, there is nothing to list.
func listSound(kind Kind) []Device {
	found, _ := theSound.list(kind)
	var list []Device
	for _, h := range found {
		list = append(list, h.Device)
	}
	return list
}

// list returns the hardware of one kind. It waits for one that hangs for soundPatience, and then returns an [ErrNotReadable].
func (s *soundSystem) list(kind Kind) ([]hardware, error) {
	timer := time.NewTimer(soundPatience)
	defer timer.Stop()
	select {
	case s.turn <- struct{}{}:
	case <-timer.C:
		return nil, errSoundHangs
	}
	var found []hardware
	ask := func() {
		found = s.ask(kind)
		<-s.turn
	}
	if !within(ask, nil) {
		return nil, errSoundHangs
	}
	return found, nil
}

var errSoundHangs = fmt.Errorf("%w: the system's sound does not answer", ErrNotReadable)

// ask asks a sound server, or where there is none, the kernel. The caller has the turn.
func (s *soundSystem) ask(kind Kind) []hardware {
	which := malgo.Capture
	if kind == KindSpeaker {
		which = malgo.Playback
	}
	// The second attempt is for a sound server that has gone, and perhaps come back, since the first was connected to.
	for range 2 {
		if s.context == nil {
			context, err := newContext(backends()...)
			if err != nil {
				break
			}
			s.context = context
		}
		infos, err := s.context.Devices(which)
		if err == nil {
			if found := sortOut(kind, infos); len(found) > 0 {
				return found
			}
		}
		freeContext(s.context)
		s.context = nil
		if err == nil {
			return nil
		}
	}
	if runtime.GOOS == "linux" {
		return alsaHardware(kind, os.DirFS("/proc/asound"), mayUse)
	}
	return nil
}

// sortOut leaves out what is no device, and gives the rest labels that are unique.
func sortOut(kind Kind, infos []malgo.DeviceInfo) []hardware {
	var found []hardware
	labels := newLabels()
	for _, info := range infos {
		id, _, _ := strings.Cut(string(info.ID[:]), "\x00")
		if isMonitor(id, info.Name()) || isDummy(id) {
			continue
		}
		found = append(found, hardware{
			Device:   Device{Kind: kind, Label: labels.unique(readable(info.Name())), Default: info.IsDefault != 0},
			id:       info.ID,
			backends: backends(),
			converts: converts(),
		})
	}
	return found
}

// isMonitor tells PulseAudio's sources that repeat what a sink plays: nobody's voice.
func isMonitor(id, name string) bool {
	return strings.HasSuffix(id, ".monitor") || strings.HasPrefix(name, "Monitor of ")
}

// isDummy tells the sink that PulseAudio and PipeWire make up where there is no other.
func isDummy(id string) bool { return id == "auto_null" }

// readable makes a name of what a device or driver gave for one: it may have been cut within a letter, or never meant to be shown.
func readable(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	return strings.Join(strings.Fields(name), " ")
}

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
