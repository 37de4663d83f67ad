// Command compare measures Parley beside Chromium, on this machine and in the same run, and writes what it found as tables of Markdown:
//
//	go run ./app/compare                          # everything, in well over an hour
//	go run ./app/compare --only 'loss|cap' --runs 1 --seconds 10
//	go run ./app/compare --only mesh --json figures.json --write FIGURES.md   # one table anew in a page
//
// Both programs are real ones that call each other: Chromium without a window, Parley without one where a picture need only be decoded and
// with one on a virtual display where it must be shown. Where a network matters, both send by the relay of package call/impair alone, which
// also says what of the path they used. Both show and play the same: the pattern and the tones of Parley's test sources. Frames and
// freezes are those that the W3C defines (https://www.w3.org/TR/webrtc-stats/), as each program counts them.
//
// A column says who sends to whom. A figure is the median of the calls, of both directions where both sides run the same
// program. Figures of one machine say nothing of another; that of Chromium beside them does.
package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"parley/app/e2e"
)

type flags struct {
	Only    *regexp.Regexp `placeholder:"REGEX" help:"The scenarios whose name matches; --list names all."`
	Pairs   *regexp.Regexp `placeholder:"REGEX" help:"The pairs that match, such as Parley-Parley."`
	List    bool           `help:"Name the scenarios and end."`
	Runs    int            `default:"3" placeholder:"N" help:"How many calls for each pair; default ${default}."`
	Seconds int            `default:"12" placeholder:"S" help:"How long to measure each; default ${default}."`
	Built   string         `placeholder:"FOLDER" help:"Take parley and parleyd from there, as they were before a change for example, and build none."`
	Seed    uint64         `default:"1" help:"Of what is lost; default ${default}."`
	JSON    string         `name:"json" placeholder:"FILE" help:"Keep there what each call told. What runs before this one left there of other scenarios stays, and is in the page."`
	Write   string         `placeholder:"FILE" help:"Write all tables as a page."`
	Note    string         `placeholder:"TEXT" help:"What the page is to say of the circumstances."`
}

func main() {
	var f flags
	kong.Parse(&f, kong.Name("compare"), kong.Description("Measure Parley beside Chromium."))
	if err := f.run(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func (f flags) run() error {
	chosen := f.scenarios()
	if f.List {
		for _, s := range chosen {
			fmt.Printf("%-12s %s\n", s.name, s.title)
		}
		return nil
	}
	all, err := readResults(f.JSON)
	if err != nil {
		return err
	}
	if len(chosen) == 0 { // the page alone, of what there is
		return f.keep(all)
	}
	if f.Built != "" {
		e2e.UseBuilt(f.Built)
	} else {
		programs, err := os.MkdirTemp("", "compare-programs")
		if err != nil {
			return err
		}
		defer os.RemoveAll(programs)
		if err := e2e.Build(programs); err != nil {
			return err
		}
	}
	files, err := newFiles()
	if err != nil {
		return err
	}
	defer files.remove()
	for _, s := range chosen {
		r := f.measure(s, files)
		all = all.with(r)
		r.write(os.Stdout, s)
		if err := f.keep(all); err != nil { // each time: an hour is long
			return err
		}
	}
	return nil
}

func (f flags) keep(all results) error {
	if f.JSON != "" {
		if err := all.save(f.JSON); err != nil {
			return err
		}
	}
	if f.Write != "" {
		return all.page(f.Write, f.Note)
	}
	return nil
}

func (f flags) scenarios() []scenario {
	var chosen []scenario
	for _, s := range scenarios() {
		if f.Only == nil || f.Only.MatchString(s.name) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// measure runs a scenario: each pair once, and then again, so that what else the machine does meets all alike.
func (f flags) measure(s scenario, files *files) *result {
	r := &result{Name: s.name, Calls: f.Runs, Seconds: f.Seconds, Samples: map[string][]sample{}}
	for run := range f.Runs {
		for _, p := range s.pairs {
			title := string(p[0]) + "-" + string(p[1])
			if f.Pairs != nil && !f.Pairs.MatchString(title) {
				continue
			}
			r.pairs = append(r.pairs, title)
			fmt.Fprintf(os.Stderr, "%s: %s, call %d of %d\n", s.name, title, run+1, f.Runs)
			var log strings.Builder
			h := &harness{log: &log}
			err := h.measure(func() {
				c := &call{harness: h, files: files, seconds: time.Duration(f.Seconds) * time.Second, seed: f.Seed + uint64(run), pair: p}
				for _, flow := range s.measure(c) {
					r.add(flow)
				}
			})
			if err != nil {
				fmt.Fprintf(os.Stderr, "%v\n%s", err, log.String())
				r.Failed = append(r.Failed, title+": "+err.Error())
			}
		}
	}
	return r
}
