package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// result is what all runs of a scenario told.
type result struct {
	Name    string              `json:"name"`
	Calls   int                 `json:"calls"`   // of each pair
	Seconds int                 `json:"seconds"` // that each was measured
	Columns []string            `json:"columns"` // in their order
	Samples map[string][]sample `json:"samples"` // by column
	Failed  []string            `json:"failed,omitempty"`

	pairs []string // that were tried
}

func (r *result) add(f flow) {
	if r.Samples[f.column] == nil {
		r.Columns = append(r.Columns, f.column)
	}
	r.Samples[f.column] = append(r.Samples[f.column], f.sample)
}

// write writes the medians of a scenario as a table of Markdown, and what they are to be.
func (r *result) write(w io.Writer, s scenario) {
	fmt.Fprintf(w, "\n### %s\n\n", s.title)
	if s.note != "" {
		fmt.Fprintf(w, "%s\n\n", s.note)
	}
	if r.Calls == 1 {
		fmt.Fprintf(w, "A single call of each pair.\n\n")
	} else {
		fmt.Fprintf(w, "Medians of %d calls of each pair.\n\n", r.Calls)
	}
	r.table(w, s.goals)
	for _, why := range r.Failed {
		fmt.Fprintf(w, "\nNot measured once: %s\n", why)
	}
}

func (r *result) table(w io.Writer, goals []goal) {
	all := make([]sample, len(r.Columns))
	for i, column := range r.Columns {
		all[i] = medians(r.Samples[column])
	}
	head, line := slices.Clone(r.Columns), slices.Repeat([]string{"---:"}, len(r.Columns))
	if len(goals) > 0 {
		head, line = append(head, "goal for Parley", "verdict"), append(line, "---", "---")
	}
	row(w, "", head)
	row(w, "---", line)
	for _, f := range known {
		text := cells(f, all)
		at := slices.IndexFunc(goals, func(g goal) bool { return g.key == f.key })
		if at < 0 && !slices.ContainsFunc(all, func(s sample) bool { _, ok := s[f.key]; return ok }) {
			continue
		}
		if at >= 0 {
			text = append(text, goals[at].String(), goals[at].judge(r.Columns, all, f.digits))
		} else if len(goals) > 0 {
			text = append(text, "", "")
		}
		row(w, f.label, text)
	}
}

func cells(f figure, all []sample) []string {
	text := make([]string, len(all))
	for i, s := range all {
		if value, ok := s[f.key]; ok {
			text[i] = strconv.FormatFloat(value, 'f', f.digits, 64)
		}
	}
	return text
}

func row(w io.Writer, label string, cells []string) {
	fmt.Fprintf(w, "| %s | %s |\n", label, strings.Join(cells, " | "))
}
