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
	t := &Table{s: s, people: people}
	for i, name := range people {
		s.addSink("Mouth of "+name, channels[2*i])
		t.AddMicrophone("Microphone of "+name, name)
		t.AddSpeaker("Speaker of "+name, name)
	}
	t.all = s.RecordOf("Air", 48000, channels...) // last: the server moves who records its default when that becomes another
	return t
}

// AddMicrophone adds one more microphone, which hears that person.
func (t *Table) AddMicrophone(label, person string) {
	t.s.t.Helper()
	t.s.added++
	t.s.load(label, "module-remap-source", append(part(label, "source_properties", t.position(person, 0)),
		"master="+t.s.sink("Air")+".monitor", fmt.Sprintf("source_name=microphone%d", t.s.added))...)
}

// AddSpeaker adds one more speaker, which that person hears.
func (t *Table) AddSpeaker(label, person string) {
	t.s.t.Helper()
	t.s.addSink(label, t.position(person, 1))
}

func (t *Table) position(person string, which int) string {
	return positions[2*slices.Index(t.people, person)+which]
}

func (s *Server) addSink(label, channel string) {
	s.t.Helper()
	s.added++
	name := fmt.Sprintf("speaker%d", s.added)
	s.load(label, "module-remap-sink", append(part(label, "sink_properties", channel), "master="+s.sink("Air"), "sink_name="+name)...)
	s.sinks[label] = name
}

// part is what makes a device of one channel of another.
func part(label, properties, channel string) []string {
	return []string{"channels=1", "channel_map=mono", "master_channel_map=" + channel, "remix=no", fmt.Sprintf(`%s='device.description="%s"'`, properties, label)}
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
