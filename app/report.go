package app

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"parley/call"

	"parley/call/codec"
)

// report is a line of the report: what was measured at one moment. What was not measured is left out.
type report struct {
	T                float64          `json:"t"` // s since 1970
	State            call.State       `json:"state,omitempty"`
	JoinToFirstFrame float64          `json:"joinToFirstFrame,omitempty"` // ms
	Process          processStats     `json:"process"`
	Encoders         int              `json:"encoders"` // of video, that are open in this process
	Peers            []call.PeerStats `json:"peers"`
}

// processStats is what the program costs.
type processStats struct {
	CPUSeconds float64 `json:"cpuSeconds,omitempty"` // of user and system together, since the start
	RSSBytes   int64   `json:"rssBytes,omitempty"`
	Goroutines int     `json:"goroutines"`
}

// reporter writes the report until it is stopped.
type reporter struct {
	file *os.File
	call func() *call.Call // the call that is on, or nil
	quit chan struct{}
	work sync.WaitGroup
}

// startReport writes to a new file, a line each interval. The caller stops it.
func startReport(path string, every time.Duration, current func() *call.Call) (*reporter, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("--report: %w", err)
	}
	r := &reporter{file: file, call: current, quit: make(chan struct{})}
	r.work.Go(func() { r.run(every) })
	return r, nil
}

func (r *reporter) stop() {
	close(r.quit)
	r.work.Wait()
}

func (r *reporter) run(every time.Duration) {
	defer r.file.Close()
	tick := time.NewTicker(every)
	defer tick.Stop()
	out := json.NewEncoder(r.file)
	for {
		select {
		case now := <-tick.C:
			if err := out.Encode(r.measure(now)); err != nil {
				fmt.Fprintln(os.Stderr, "parley: the report ends here:", err)
				return
			}
		case <-r.quit:
			return
		}
	}
}

func (r *reporter) measure(now time.Time) report {
	line := report{T: float64(now.UnixMicro()) / 1e6, Encoders: codec.Encoders(), Peers: []call.PeerStats{}}
	line.Process = measureProcess()
	line.Process.Goroutines = runtime.NumGoroutine()
	if c := r.call(); c != nil {
		line.State, _ = c.State()
		line.Peers = c.Stats()
		if first, ok := c.FirstFrame(); ok {
			line.JoinToFirstFrame = float64(first.Microseconds()) / 1000
		}
	}
	return line
}
