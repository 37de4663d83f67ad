package rigtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"parley/app/e2e"
	"parley/devices/tone"
)

const (
	member   = "member"
	outsider = "outsider"

	firstCamera  = "vivid-000-vid-cap"
	secondCamera = "vivid-001-vid-cap"
	firstNode    = "/dev/video0"

	// What is played into one device of the loopback card is heard at the other.
	card      = "Loopback, Loopback PCM"
	otherSide = "plughw:0,1"
)

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// plugIn makes the machine have that many cameras, and no others.
func plugIn(t *testing.T, cameras int) {
	t.Helper()
	unplugCameras(t)
	ones, zeros := strings.Repeat(",1", cameras)[1:], strings.Repeat(",0", cameras)[1:]
	run(t, "modprobe", "vivid", fmt.Sprint("n_devs=", cameras), "node_types="+ones, "num_inputs="+ones, "input_types="+zeros, "num_outputs="+zeros)
	run(t, "udevadm", "settle")
	if _, err := os.Stat(fmt.Sprintf("/dev/video%d", cameras-1)); err != nil {
		t.Fatal(err)
	}
}

// unplugCameras takes all cameras away, while programs use them or not.
func unplugCameras(t *testing.T) {
	t.Helper()
	bound(t, "vivid", "vivid.0", false)
	e2e.Eventually(t, "the kernel lets go of its cameras", func() bool { return exec.Command("modprobe", "-r", "vivid").Run() == nil })
}

// bound has a driver take a device, or let it go as if it was unplugged.
func bound(t *testing.T, driver, device string, taken bool) {
	t.Helper()
	dir, verb := filepath.Join("/sys/bus/platform/drivers", driver), "unbind"
	if taken {
		verb = "bind"
	}
	if _, err := os.Stat(filepath.Join(dir, device)); (err == nil) == taken {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, verb), []byte(device), 0o200); err != nil {
		t.Fatal(err)
	}
	run(t, "udevadm", "settle")
}

// plugInSoundCard makes sure that the loopback card is there.
func plugInSoundCard(t *testing.T) { t.Helper(); bound(t, "snd_aloop", "snd_aloop.0", true) }

func unplugSoundCard(t *testing.T) { t.Helper(); bound(t, "snd_aloop", "snd_aloop.0", false) }

// rate is what the sound card runs at, in samples a second.
var rate = strconv.Itoa(tone.SampleRate)

// sing plays the tones of a voice into the microphone of the sound card, for as long as a test may take.
func sing(t *testing.T, voice int) {
	t.Helper()
	const seconds = 300
	samples := make([]int16, seconds*tone.SampleRate)
	tone.NewSource(voice).Fill(samples)
	file := filepath.Join(t.TempDir(), "song")
	raw, err := binary.Append(nil, binary.LittleEndian, samples)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	e2e.Start(t, nil, "aplay", "-q", "-D", otherSide, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", rate, file)
}

// listen records what the speaker of the sound card plays; the function returned gives the last seconds of it.
func listen(t *testing.T) (lately func() []int16) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "heard")
	e2e.Start(t, nil, "arecord", "-q", "-D", otherSide, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", rate, file)
	return func() []int16 {
		t.Helper()
		raw, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // not yet
		} else if err != nil {
			t.Fatal(err)
		}
		const most = 5 * tone.SampleRate
		samples := make([]int16, len(raw)/2)
		if _, err := binary.Decode(raw, binary.LittleEndian, samples); err != nil {
			t.Fatal(err)
		}
		return samples[max(0, len(samples)-most):]
	}
}
