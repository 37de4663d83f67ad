package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAGoalIsJudgedBesideChromium(t *testing.T) {
	columns := []string{"Chromium → Chromium", "Parley → Parley", "Chromium → Parley"}
	frozen := func(figures ...float64) []sample {
		all := make([]sample, len(columns))
		for i, value := range figures {
			all[i] = sample{"frozen": value}
		}
		return all
	}
	half := of("frozen", partOfChromiums(0.5))
	for verdict, c := range map[string]struct {
		goal    goal
		medians []sample
	}{
		"met":                                 {half, frozen(3, 1.5, 0)},
		"**missed**":                          {half, frozen(3, 1.6, 3)},
		"**missed** by Chromium → Parley":     {half, frozen(3, 1.5, 1.6)},
		"**not measured**":                    {of("fps", atLeast(30)), frozen(3, 1.5, 1.6)},
		"not judged: Chromium's is not known": {half, []sample{{}, {"frozen": 0}, {}}},
		"**missed** by Parley → Parley":       {of("frozen", below(1), aboveChromiums()), frozen(0.1, 2, 0.5)},
	} {
		if got := c.goal.judge(columns, c.medians, 1); got != verdict {
			t.Errorf("%v of %v: got %q, want %q", c.goal, c.medians, got, verdict)
		}
	}
}

func TestAFigureIsJudgedAsItIsPrinted(t *testing.T) {
	columns, g := []string{"Parley → Parley"}, of("fps", atLeast(30))
	if got := g.judge(columns, []sample{{"fps": 29.96}}, 1); got != "met" {
		t.Errorf("what is printed as 30.0 frames a second is %s", got)
	}
	if got := g.judge(columns, []sample{{"fps": 29.94}}, 1); got != "**missed**" {
		t.Errorf("what is printed as 29.9 frames a second is %s", got)
	}
}

func TestEveryGoalIsOfAKnownFigureAndEveryNameIsOfOneScenario(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scenarios() {
		if seen[s.name] {
			t.Errorf("two scenarios are %s", s.name)
		}
		seen[s.name] = true
		for _, g := range s.goals {
			if !slices.ContainsFunc(known, func(f figure) bool { return f.key == g.key }) {
				t.Errorf("%s has a goal for %s, which no table shows", s.name, g.key)
			}
		}
	}
}

func TestAPageHasWhatEarlierRunsTold(t *testing.T) {
	file, page := filepath.Join(t.TempDir(), "figures.json"), filepath.Join(t.TempDir(), "FIGURES.md")
	older := &result{Name: "join", Calls: 1, Samples: map[string][]sample{}, Failed: []string{"Parley-Parley: asleep"}}
	older.add(flow{"Chromium → Chromium", sample{"join": 150}})
	if err := (results{older}).save(file); err != nil {
		t.Fatal(err)
	}
	all, err := readResults(file)
	if err != nil {
		t.Fatal(err)
	}
	newer := &result{Name: "join", Calls: 1, Samples: map[string][]sample{}, pairs: []string{"Parley-Parley"}}
	newer.add(flow{"Parley → Parley", sample{"join": 110}})
	if all = all.with(newer); len(all) != 1 || len(all[0].Failed) != 0 {
		t.Fatalf("got %+v", all)
	}
	if err := all.page(page, ""); err != nil {
		t.Fatal(err)
	}
	if text := read(t, page); !strings.Contains(text, "| first frame after joining, ms | 150 | 110 | not above Chromium's | met |") {
		t.Errorf("the page is\n%s", text)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAFirstRunHasNothingFromEarlier(t *testing.T) {
	if all, err := readResults(filepath.Join(t.TempDir(), "none.json")); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
}
