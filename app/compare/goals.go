package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// goal is what a figure of Parley is to be. A figure is judged as it is printed, so that 29.98 is 30.0 frames a second.
type goal struct {
	key   string
	rules []rule
}

// rule holds or not for a figure of Parley and that of Chromium in the same run.
type rule struct {
	text   string
	beside bool // Chromium's is needed
	holds  func(got, chromium float64) bool
}

func of(key string, rules ...rule) goal { return goal{key, rules} }

func atMost(limit float64) rule {
	return rule{fmt.Sprintf("≤ %v", limit), false, func(got, _ float64) bool { return got <= limit }}
}

func below(limit float64) rule {
	return rule{fmt.Sprintf("< %v", limit), false, func(got, _ float64) bool { return got < limit }}
}

func atLeast(limit float64) rule {
	return rule{fmt.Sprintf("≥ %v", limit), false, func(got, _ float64) bool { return got >= limit }}
}

func above(limit float64) rule {
	return rule{fmt.Sprintf("> %v", limit), false, func(got, _ float64) bool { return got > limit }}
}

// partOfChromiums is for what should be little; 1 is as much as Chromium's.
func partOfChromiums(part float64) rule {
	text := fmt.Sprintf("≤ %v of Chromium's", part)
	if part == 1 {
		text = "not above Chromium's"
	}
	return rule{text, true, func(got, chromium float64) bool { return got <= part*chromium }}
}

// aboveChromiums is for what should be much.
func aboveChromiums() rule {
	return rule{"above Chromium's", true, func(got, chromium float64) bool { return got > chromium }}
}

func (g goal) String() string {
	var texts []string
	for _, r := range g.rules {
		texts = append(texts, r.text)
	}
	return strings.Join(texts, " and ")
}

// judge says whether the goal is met by all columns in which Parley takes part, and which ones miss it.
func (g goal) judge(columns []string, medians []sample, digits int) string {
	ours := func(column string) bool { return strings.Contains(column, string(parley)) }
	reference, known := 0.0, false
	for i, column := range columns {
		if value, ok := medians[i][g.key]; ok && !ours(column) && !known {
			reference, known = rounded(value, digits), true
		}
	}
	var missed []string
	judged := 0
	for i, column := range columns {
		value, ok := medians[i][g.key]
		if !ok || !ours(column) {
			continue
		}
		judged++
		for _, r := range g.rules {
			if r.beside && !known {
				return "not judged: Chromium's is not known"
			}
			if !r.holds(rounded(value, digits), reference) && !slices.Contains(missed, column) {
				missed = append(missed, column)
			}
		}
	}
	switch {
	case judged == 0:
		return "**not measured**"
	case len(missed) == 0:
		return "met"
	case len(missed) == judged:
		return "**missed**"
	}
	return "**missed** by " + strings.Join(missed, ", ")
}

func rounded(value float64, digits int) float64 {
	tens := math.Pow10(digits)
	return math.Round(value*tens) / tens
}
