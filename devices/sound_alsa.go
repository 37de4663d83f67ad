package devices

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/gen2brain/malgo"
)

// Where no sound server runs, ALSA's devices are those of the kernel. They are read from /proc/asound, which shows them to everybody;
// alsa-lib shows nothing to who may not open them, and plugins, among them one that panics, to who may.
// https://docs.kernel.org/sound/designs/procfile.html

// alsaDevice is one direction of a sound card's device.
type alsaDevice struct {
	card, device int
	capture      bool
	proc         fs.FS
}

// node is what is opened.
func (d *alsaDevice) node() string {
	return fmt.Sprintf("/dev/snd/pcmC%dD%d%s", d.card, d.device, d.direction())
}

func (d *alsaDevice) direction() string {
	if d.capture {
		return "c"
	}
	return "p"
}

// alsaHardware lists the microphones or speakers of ALSA, those too that this program may not use. The first that it may
// is the default.
func alsaHardware(kind Kind, proc fs.FS, mayUse func(node string) error) []hardware {
	pcm, err := fs.ReadFile(proc, "pcm")
	if err != nil {
		return nil // there is no ALSA
	}
	cards := alsaCards(proc)
	labels := newLabels()
	var found []hardware
	preferred := -1
	for line := range strings.Lines(string(pcm)) {
		d := &alsaDevice{capture: kind == KindMicrophone, proc: proc}
		name, ok := d.parse(strings.TrimSpace(line))
		if !ok {
			continue
		}
		if card := cards[d.card]; card != name {
			name = strings.Trim(card+", "+name, ", ")
		}
		h := hardware{
			Device:   Device{Kind: kind, Label: labels.unique(readable(name)), Err: mayUse(d.node())},
			backends: []malgo.Backend{malgo.BackendAlsa},
			alsa:     d,
		}
		copy(h.id[:], fmt.Sprintf(":%d,%d", d.card, d.device)) // miniaudio tries the shared plugin first, and then the hardware
		if preferred < 0 && h.Err == nil {
			preferred = len(found)
		}
		found = append(found, h)
	}
	if len(found) > 0 {
		found[max(preferred, 0)].Default = true
	}
	return found
}

// parse reads a line such as "00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1", if it is of that direction.
func (d *alsaDevice) parse(line string) (name string, ok bool) {
	where, rest, found := strings.Cut(line, ": ")
	card, device, dash := strings.Cut(where, "-")
	var err, errDevice error
	d.card, err = strconv.Atoi(card)
	d.device, errDevice = strconv.Atoi(device)
	if !found || !dash || err != nil || errDevice != nil || d.card < 0 || d.device < 0 {
		return "", false
	}
	want := "playback "
	if d.capture {
		want = "capture "
	}
	fields := strings.Split(rest, ": ")
	for _, field := range fields[1:] {
		if ok = strings.HasPrefix(field, want); ok {
			break
		}
	}
	if name = strings.TrimSpace(fields[0]); len(fields) > 1 && strings.TrimSpace(fields[1]) != "" {
		name = strings.TrimSpace(fields[1])
	}
	return name, ok
}

// alsaCards returns the cards' names, from lines such as " 0 [PCH            ]: HDA-Intel - HDA Intel PCH".
func alsaCards(proc fs.FS) map[int]string {
	names := map[int]string{}
	list, err := fs.ReadFile(proc, "cards")
	if err != nil {
		return names
	}
	for line := range strings.Lines(string(list)) {
		id, description, ok := strings.Cut(line, "]: ")
		number, _, _ := strings.Cut(strings.TrimSpace(id), " ")
		card, err := strconv.Atoi(number)
		if !ok || err != nil {
			continue
		}
		_, name, _ := strings.Cut(description, " - ")
		names[card] = strings.TrimSpace(name)
	}
	return names
}

// heldBy names the program that has the device, if err says that one has.
func (d *alsaDevice) heldBy(err error) error {
	if d == nil || !errors.Is(err, ErrNotReadable) {
		return err
	}
	pid := d.owner()
	if pid <= 0 || pid == os.Getpid() {
		return err
	}
	name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	program := readable(string(name))
	if program == "" {
		return err
	}
	return &InUseError{Program: program, PID: pid, Err: err}
}

// owner returns the process that has the device open; 0 when none has, as far as is known.
func (d *alsaDevice) owner() int {
	folder := fmt.Sprintf("card%d/pcm%d%s", d.card, d.device, d.direction())
	subs, _ := fs.Glob(d.proc, path.Join(folder, "sub*", "status"))
	for _, status := range subs {
		text, err := fs.ReadFile(d.proc, status)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			key, value, _ := strings.Cut(lines.Text(), ":")
			if pid, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && strings.TrimSpace(key) == "owner_pid" {
				return pid
			}
		}
	}
	return 0
}
