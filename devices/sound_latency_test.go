package devices_test

import (
	"slices"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/soundtest"
)

// BenchmarkMicrophoneToSpeaker lets a speaker play what a microphone hears, with nothing in between but a queue that is one block long when
// the speaker asks: what the sound server and the buffers of both devices take, and what a call cannot go below. Ten seconds are one b.N.
func BenchmarkMicrophoneToSpeaker(b *testing.B) {
	s := soundtest.Start(b)
	s.Use()
	table := s.AddTable("Ann")
	queue := make(chan [devices.BlockSamples]int16, 1)
	speaker, err := devices.OpenSpeaker("Speaker of Ann", 1, func(samples []int16) {
		select {
		case block := <-queue:
			copy(samples, block[:])
		default:
			clear(samples)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	defer speaker.Close()
	microphone, err := devices.OpenMicrophone("Microphone of Ann", 1, func(samples []int16, _ time.Time) {
		select {
		case <-queue: // the newest counts
		default:
		}
		queue <- [devices.BlockSamples]int16(samples)
	})
	if err != nil {
		b.Fatal(err)
	}
	defer microphone.Close()
	table.Talk("Ann", soundtest.Blips(time.Duration(b.N)*10*time.Second, 1))
	time.Sleep(time.Duration(b.N)*10*time.Second + time.Second)
	var took []float64
	for _, d := range soundtest.Delays(table.Said("Ann"), table.Heard("Ann")) {
		if d.Took >= 0 {
			took = append(took, float64(d.Took)/float64(time.Millisecond))
		}
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "ms")
	b.ReportMetric(took[len(took)*95/100], "ms-p95")
	b.ReportMetric(0, "ns/op")
	if testing.Verbose() {
		b.Log(took)
	}
}
