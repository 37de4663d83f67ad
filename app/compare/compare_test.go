package main

import (
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/app/e2e"
	"parley/call/impair"
)

func TestAMedianLeavesOutWhatWasNotMeasured(t *testing.T) {
	m := medians([]sample{{"fps": 10}, {"fps": 30, "frozen": 4}, {"fps": 20, "frozen": 2}, {"fps": 21}})
	if m["fps"] != 20.5 || m["frozen"] != 3 || len(m) != 2 {
		t.Errorf("got %v", m)
	}
}

func TestAQuantileLiesBetweenItsNeighbours(t *testing.T) {
	values := []float64{5, 1, 3, 2, 4}
	for q, want := range map[float64]float64{0: 1, 0.5: 3, 1: 5, 0.95: 4.8} {
		if got := quantile(values, q); math.Abs(got-want) > 1e-9 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
}

func TestATableHasARowForWhatWasMeasuredAndNoOther(t *testing.T) {
	r := &result{Calls: 2, Samples: map[string][]sample{}, Failed: []string{"Ann fell asleep"}}
	r.add(flow{"A → Parley", sample{"fps": 29.96}})
	r.add(flow{"Parley → A", sample{"fps": 7, "age": 31.25}})
	r.add(flow{"Parley → A", sample{"fps": 9}})
	var text strings.Builder
	r.write(&text, scenario{title: "A path", goals: []goal{of("fps", atLeast(9))}})
	want := `
### A path

Medians of 2 calls of each pair.

|  | A → Parley | Parley → A | goal for Parley | verdict |
| --- | ---: | ---: | --- | --- |
| frames/s | 30.0 | 8.0 | ≥ 9 | **missed** by Parley → A |
| capture to shown, median, ms |  | 31.2 |  |  |

Not measured once: Ann fell asleep
`
	if text.String() != want {
		t.Errorf("got %s\nwant %s", text.String(), want)
	}
}

// moments are looks at a relay every 50 ms at a sender whose packets of 1000 bytes waited that many ms.
func momentsOf(waits ...float64) []moment {
	all := []moment{{at: time.Unix(0, 0)}}
	for _, wait := range waits {
		m := all[len(all)-1]
		m.at = m.at.Add(50 * time.Millisecond)
		m.stats[0].PacketsIn++
		m.stats[0].PacketsOut++
		m.stats[0].BytesOut += 1000
		m.stats[0].QueueTotal += time.Duration(wait * float64(time.Millisecond))
		all = append(all, m)
	}
	return all
}

func TestAFallIsSettledWhenTheQueueIsShortForGood(t *testing.T) {
	settled, longest := fell(momentsOf(10, 200, 290, 20, 160, 30, 20), 0)
	if math.Abs(settled-0.25) > 1e-9 || math.Abs(longest-290) > 1e-9 {
		t.Errorf("settled after %v s, the longest queue %v ms; want 0.25 and 290", settled, longest)
	}
	lossy := momentsOf(10, 10, 10, 10)
	for i := 3; i < len(lossy); i++ {
		lossy[i].stats[0] = impair.Stats{PacketsOverflowed: 1}
	}
	if settled, _ := fell(lossy, 0); math.Abs(settled-0.15) > 1e-9 {
		t.Errorf("settled after %v s, want 0.15: something was dropped until then", settled)
	}
}

func TestARiseIsSettledWhenASecondIsAtTheLevel(t *testing.T) {
	slow := momentsOf(make([]float64, 60)...) // 160 kbit/s
	if at := rose(slow, 0, 150_000); at != 1 {
		t.Errorf("the level was there at once, and after %v s by the measure", at)
	}
	if at := rose(slow, 0, 170_000); at != 3 {
		t.Errorf("the level was never there, and after %v s by the measure", at)
	}
}

func TestAFreezeThatGoesOnIsCounted(t *testing.T) {
	var m movement
	seen := func(at, frames float64) line {
		return line{T: at, Peers: []peer{{InVideo: inVideo{FramesDecoded: frames}}}}
	}
	for at, frames := range []float64{10, 40, 70, 70, 70, 70} {
		m.see(seen(float64(at), frames))
	}
	s := sample{"frozen": 2, "freezes": 1}
	frozenStill(s, 5-m.at)
	if s["frozen"] != 5 || s["freezes"] != 2 {
		t.Errorf("got %v, want 3 s more in one more freeze", s)
	}
	frozenStill(s, 1)
	if s["freezes"] != 2 {
		t.Error("what moves is taken for a freeze")
	}
}

func TestTheCostOfThisProcessIsSeen(t *testing.T) {
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("this system has no proc(5)")
	}
	h := &harness{log: os.Stderr}
	c := &call{harness: h}
	before := c.cost(os.Getpid())
	for start := time.Now(); c.cost(os.Getpid()).program < before.program+0.05; {
		if time.Since(start) > e2e.Patience {
			t.Fatal("no CPU is seen to be used")
		}
	}
	if after := c.cost(os.Getpid()); after.pss < 1 || after.drawing != 0 || after.at < before.at {
		t.Errorf("from %+v to %+v", before, after)
	}
	if !slices.Contains(family(os.Getppid()), os.Getpid()) {
		t.Error("this process is not seen as a child of its parent")
	}
}

func TestWhatFailsIsToldAndWhatWasStartedEnds(t *testing.T) {
	h := &harness{log: os.Stderr}
	var order []string
	err := h.measure(func() {
		h.Cleanup(func() { order = append(order, "first started") })
		h.Cleanup(func() { order = append(order, "last started") })
		h.Fatalf("%s is not there", "Ann")
	})
	if !errors.Is(err, errMeasure) || !strings.Contains(err.Error(), "Ann is not there") {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(order, []string{"last started", "first started"}) {
		t.Errorf("cleaned up in the order %v", order)
	}
}

func TestACallOfParleyWithChromiumIsMeasuredOnABadPath(t *testing.T) {
	dir := t.TempDir()
	if err := e2e.Build(dir); err != nil {
		t.Fatal(err)
	}
	files, err := newFiles()
	if err != nil {
		t.Fatal(err)
	}
	defer files.remove()
	h := &harness{log: os.Stderr}
	var flows []flow
	err = h.measure(func() {
		path := impair.Conditions{Loss: 0.02, Rate: 5_000_000}
		flows = network(path, small)(&call{harness: h, files: files, seconds: time.Second, seed: 1, pair: pair{parley, chromium}})
	})
	if err != nil {
		t.Fatal(err)
	}
	columns := []string{"Chromium → Parley", "Parley → Chromium"}
	for i, f := range flows {
		if f.column != columns[i] || f.sample["width"] == 0 || f.sample["rate"] == 0 || f.sample["fps"] < 0 {
			t.Errorf("measured %s: %v", f.column, f.sample)
		}
	}
}
