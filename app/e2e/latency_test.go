package e2e_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/app/e2e"
	"parley/devices/soundtest"
)

// BenchmarkMicrophoneToSpeaker is a call on this machine, with sound alone and beside a picture: how much later than one person
// says it the other hears it. ms is the median, ms-first-second and ms-tenth-second those of when the call began, and later; ms-p95 is
// over all. One call is one b.N: run it with -benchtime 5x, since calls differ more than sounds.
func BenchmarkMicrophoneToSpeaker(b *testing.B) {
	for name, camera := range map[string]string{"sound": "none", "picture": "pattern"} {
		b.Run(name, func(b *testing.B) {
			var all, first, tenth []float64
			for i := range b.N {
				delays := callDelays(b, camera, uint64(i))
				for _, d := range delays {
					ms := float64(d.Took) / float64(time.Millisecond)
					since := d.Said - delays[0].Said
					all = append(all, ms)
					switch {
					case since < time.Second:
						first = append(first, ms)
					case since > 9*time.Second && since < 10*time.Second:
						tenth = append(tenth, ms)
					}
				}
			}
			b.ReportMetric(quantile(all, 0.5), "ms")
			b.ReportMetric(quantile(all, 0.95), "ms-p95")
			b.ReportMetric(quantile(first, 0.5), "ms-first-second")
			b.ReportMetric(quantile(tenth, 0.5), "ms-tenth-second")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// talkTo lets Ann talk for two minutes to Ben, both without a window, by the microphones and speakers of a table.
func talkTo(t testing.TB, sound *soundtest.Server, table *soundtest.Table, camera string, seed uint64) (ann, ben *e2e.Participant) {
	t.Helper()
	_, url := e2e.StartServer(t, "0")
	table.Talk("Ann", soundtest.Blips(2*time.Minute, seed))
	var both []*e2e.Participant
	for _, name := range []string{"Ann", "Ben"} {
		both = append(both, e2e.Join(t, sound.Env(), "--no-window", "--camera", camera, "--microphone", "Microphone of "+name, "--speaker", "Speaker of "+name,
			"--server", url, "--name", name, "latency"))
	}
	return both[0], both[1]
}

// callDelays returns the delays of the sounds that Ben hears of Ann from when he first hears her.
func callDelays(b *testing.B, camera string, seed uint64) []soundtest.Delay {
	b.Helper()
	sound := soundtest.Start(b)
	defer sound.Kill()
	table := sound.AddTable("Ann", "Ben")
	ann, ben := talkTo(b, sound, table, camera, seed)
	defer ann.Stop()
	defer ben.Stop()
	e2e.Eventually(b, "Ben hears Ann", func() bool { return slices.Max(append(table.Heard("Ben"), 0)) > 1000 })
	time.Sleep(13 * time.Second)
	table.Stop()
	heard := slices.DeleteFunc(soundtest.Delays(table.Said("Ann"), table.Heard("Ben")), func(d soundtest.Delay) bool { return d.Took < 0 })
	if len(heard) < 20 {
		b.Fatalf("of 13 s, %d sounds were heard", len(heard))
	}
	line := ""
	for _, d := range heard {
		line += fmt.Sprintf(" %.1f", d.Took.Seconds()*1000)
	}
	b.Logf("%s:%s", camera, line)
	return heard
}

// quantile returns the smallest value that so much of all are no larger than.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}
