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
	Title   string              `json:"title"`
	Samples map[string][]sample `json:"samples"` // by column
	Failed  []string            `json:"failed,omitempty"`

	order []string // of the columns
}

func (r *result) add(f flow) {
	if r.Samples[f.column] == nil {
		r.order = append(r.order, f.column)
	}
	r.Samples[f.column] = append(r.Samples[f.column], f.sample)
}

// write writes the medians of a scenario as a table of Markdown.
func (r *result) write(w io.Writer) {
	fmt.Fprintf(w, "\n### %s\n\n", r.Title)
	if len(r.order) > 0 {
		all := make([]sample, len(r.order))
		for i, column := range r.order {
			all[i] = medians(r.Samples[column])
		}
		row(w, "", r.order)
		row(w, "---", slices.Repeat([]string{"---:"}, len(r.order)))
		for _, f := range known {
			if slices.ContainsFunc(all, func(s sample) bool { _, ok := s[f.key]; return ok }) {
				row(w, f.label, cells(f, all))
			}
		}
	}
	for _, why := range r.Failed {
		fmt.Fprintf(w, "\nNot measured once: %s\n", why)
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
