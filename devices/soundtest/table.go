package soundtest

import (
	"fmt"
	"slices"
)

// Table is where people sit whose microphones and speakers are recorded by one clock, sample for sample: two recordings can
// be 10 ms apart. All of them are channels of one null sink, whose monitor is recorded.
type Table struct {
	s      *Server
	people []string
	all    *Recording
}

// positions are the channels of the null sink, a mouth and an ear for each person.
var positions = []string{"front-left", "front-right", "rear-left", "rear-right", "side-left", "side-right"}

// AddTable adds the microphone "Microphone of NAME" and the speaker "Speaker of NAME" for each of up to three people, at 48000 samples a
// second, and begins to record them. What a person says is played by [Table.Talk].
func (s *Server) AddTable(people ...string) *Table {
	s.t.Helper()
	channels := positions[:2*len(people)]
	s.AddSpeakerOf("Air", 48000, channels...)
	air := s.sinks["Air"]
	for i, name := range people {
		mouth, ear := channels[2*i], channels[2*i+1]
		id := fmt.Sprintf("%s_%d", air, i)
		s.part("module-remap-sink", "sink_name="+id+"_mouth", air, mouth, "")
		s.part("module-remap-source", "source_name="+id+"_microphone", air+".monitor", mouth, "Microphone of "+name)
		s.part("module-remap-sink", "sink_name="+id+"_speaker", air, ear, "Speaker of "+name)
		s.sinks["Mouth of "+name], s.sinks["Speaker of "+name] = id+"_mouth", id+"_speaker"
	}
	return &Table{s: s, people: people, all: s.RecordOf("Air", 48000, channels...)}
}

// part makes a device of one channel of another.
func (s *Server) part(module, name, master, channel, label string) {
	s.t.Helper()
	properties := "source_properties"
	if module == "module-remap-sink" {
		properties = "sink_properties"
	}
	s.pactl("load-module", module, name, "master="+master, "channels=1", "channel_map=mono", "master_channel_map="+channel, "remix=no",
		fmt.Sprintf(`%s='device.description="%s"'`, properties, label))
}

// Talk lets a person say samples, 48000 a second and mono, from now on. It does not wait.
func (t *Table) Talk(person string, samples []int16) {
	t.s.t.Helper()
	t.s.Play("Mouth of "+person, samples, 48000, "mono")
}

// Said returns what that person has said so far, and Heard what that person has heard, sample for sample at the same time.
func (t *Table) Said(person string) []int16 { return t.channel(person, 0) }

// Heard is what a person's speaker played; see [Table.Said].
func (t *Table) Heard(person string) []int16 { return t.channel(person, 1) }

func (t *Table) channel(person string, which int) (samples []int16) {
	all := t.all.Samples()
	channels := 2 * len(t.people)
	for at := 2*slices.Index(t.people, person) + which; at < len(all)/channels*channels; at += channels {
		samples = append(samples, all[at])
	}
	return samples
}

// Stop ends the recording.
func (t *Table) Stop() { t.all.Stop() }
