package main

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// benchmark runs benchmarks of a package and returns what each says, by its name and unit.
func (c *call) benchmark(pkg, pattern string) map[string]sample {
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", pattern, pkg).CombinedOutput()
	if err != nil {
		c.Fatalf("the benchmarks of %s: %v\n%s", pkg, err, out)
	}
	return parseBenchmarks(string(out))
}

var suffix = regexp.MustCompile(`-\d+$`) // the number of cores

// parseBenchmarks reads https://go.dev/design/14313-benchmark-format.
func parseBenchmarks(out string) map[string]sample {
	all := map[string]sample{}
	for text := range strings.Lines(out) {
		fields := strings.Fields(text)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		s := sample{}
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				s[fields[i+1]] = value
			}
		}
		all[suffix.ReplaceAllString(fields[0], "")] = s
	}
	return all
}

// echo is what the echo canceller leaves in a synthetic room.
func echo(c *call) []flow {
	all := c.benchmark("parley/call/apm", "^BenchmarkBlock$")
	s, ok := all["BenchmarkBlock/all"]
	if !ok {
		c.Fatalf("the benchmark says nothing of the echo: %v", all)
	}
	return []flow{{string(parley), sample{"echo2": s["dB-2s"], "echoSettled": s["dB-settled"], "doubleTalk": s["dB-doubletalk"]}}}
}

// engine is what sound costs.
func engine(c *call) []flow {
	all := c.benchmark("parley/call/audio", "^BenchmarkTenMilliseconds$")
	one, five := all["BenchmarkTenMilliseconds/people=1"]["percent"], all["BenchmarkTenMilliseconds/people=5"]["percent"]
	if one == 0 || five == 0 {
		c.Fatalf("the benchmark says nothing of one and five people: %v", all)
	}
	return []flow{{string(parley), sample{"engine1": one, "engineFurther": (five - one) / 4}}}
}
