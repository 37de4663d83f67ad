package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"parley/devices/soundtest"
)

// lab is a sound server with one sink of four channels, which are the microphones and speakers of both sides. One recording of it has mouth
// and ear on one clock, so that the time between them is known to the sample; two sinks can be 10 ms apart.
type lab struct {
	*harness
	server *soundtest.Server
	record *exec.Cmd
	taken  bytes.Buffer // four channels of S16
}

// channels are those of the sink, named as the sides' devices that they are.
var channels = [...]string{"MouthAnn", "EarAnn", "MouthBen", "EarBen"}

const (
	channelMap = "front-left,front-right,rear-left,rear-right"
	labRate    = 48_000
)

func startLab(h *harness) *lab {
	l := &lab{harness: h, server: soundtest.Start(h)}
	l.pactl("load-module", "module-null-sink", "sink_name=lab", "rate=48000", "channels=4", "channel_map="+channelMap, "norewinds=1")
	for i, place := range strings.Split(channelMap, ",") {
		one := []string{"channels=1", "channel_map=mono", "master_channel_map=" + place, "remix=no"}
		name := channels[i]
		l.pactl(append([]string{
			"load-module", "module-remap-sink", "master=lab", "sink_name=" + name,
			`sink_properties='device.description="` + name + `"'`,
		}, one...)...)
		if strings.HasPrefix(name, "Mouth") {
			l.pactl(append([]string{
				"load-module", "module-remap-source", "master=lab.monitor", "source_name=Microphone" + name,
				`source_properties='device.description="Microphone` + name + `"'`,
			}, one...)...)
		}
	}
	return l
}

// seat returns where the side with that index sits: with a microphone that hears the sink Mouth…, and the speaker Ear….
func (l *lab) seat(i int) seat {
	microphone, speaker := "MicrophoneMouth"+names[i], "Ear"+names[i]
	env := append(l.server.Env(), "PULSE_SOURCE="+microphone, "PULSE_SINK="+speaker) // for a program that takes the default
	return seat{sound: env, microphone: microphone, speaker: speaker}
}

func (l *lab) pactl(args ...string) {
	cmd := exec.Command("pactl", args...)
	cmd.Env = append(os.Environ(), l.server.Env()...)
	if out, err := cmd.CombinedOutput(); err != nil {
		l.Fatalf("pactl %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// speak plays a file into the mouth of a side while all is recorded, and a second more, for what is late.
func (l *lab) speak(file, mouth string) {
	l.record = exec.Command("parec", "--device=lab.monitor", "--rate=48000", "--channels=4", "--channel-map="+channelMap, "--format=s16le",
		"--latency-msec=20")
	play := exec.Command("paplay", "--device="+mouth, file)
	for _, cmd := range []*exec.Cmd{l.record, play} {
		cmd.Env = append(os.Environ(), l.server.Env()...)
	}
	l.record.Stdout = &l.taken
	l.check(l.record.Start())
	defer func() {
		_ = l.record.Process.Kill()
		_ = l.record.Wait() // it was killed, which is an error to Wait
	}()
	l.check(play.Run())
	wait(time.Second)
}

// channel returns what was recorded of that channel, from -1 to 1.
func (l *lab) channel(name string) []float64 {
	var at int
	for i, c := range channels {
		if c == name {
			at = i
		}
	}
	data := l.taken.Bytes()
	samples := make([]float64, len(data)/2/len(channels))
	for i := range samples {
		samples[i] = float64(int16(binary.LittleEndian.Uint16(data[2*(i*len(channels)+at):]))) / (1 << 15)
	}
	return samples
}

// text is what is said: enough for half a minute.
const text = `The path to the harbour was steep, and nobody had walked it since the winter. She put the letter on the table and
looked out of the window. Seven boats were drawn up on the sand, blue and white and grey. If the weather holds, we shall leave before
noon on Thursday. He asked twice for the price of the brown shoes, and twice they told him to wait. A thin smoke rose from the
kitchen chimney. Please bring the small box, the rope, and both of the keys. Most of what they knew of the island came from an old map. The
children ran down to the bridge to watch the water go by. It was late when the last of the guests found their coats.`

// speech returns a recording of the text of about that length.
func (f *files) speech(h *harness, length time.Duration) string {
	path := filepath.Join(f.dir, "speech.wav")
	if !exists(path) {
		words := strings.Fields(text)
		const wordsASecond = 2.6
		words = words[:min(int(length.Seconds()*wordsASecond)+1, len(words))]
		if out, err := exec.Command("espeak-ng", "-v", "en-gb", "-s", "160", "-w", path, strings.Join(words, " ")).CombinedOutput(); err != nil {
			h.Fatalf("speaking (package espeak-ng): %v: %s", err, out)
		}
	}
	return path
}
