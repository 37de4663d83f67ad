package ui

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// limits are the limits to choose from, in bit/s; 0 is none. The least still carries a voice and a small picture.
var limits = []int{0, 4_000_000, 2_000_000, 1_000_000, 500_000, 250_000}

// limitWords says what a limit is, and how much/h of it costs those who pay by volume.
func limitWords(limit int) string {
	if limit <= 0 {
		return "No limit"
	}
	rate := fmt.Sprintf("%d kbit/s", limit/1000)
	if limit >= 1_000_000 {
		rate = strings.TrimSuffix(fmt.Sprintf("%.1f", float64(limit)/1e6), ".0") + " Mbit/s"
	}
	hour := float64(limit) / 8 * 3600
	if hour >= 1e9 {
		return fmt.Sprintf("%s · %.1f GB/h", rate, hour/1e9)
	}
	return fmt.Sprintf("%s · %.0f MB/h", rate, hour/1e6)
}

// newLimit is a line with a limit that is kept in chosen. One that is not among those to choose from stays unless another is chosen.
func newLimit(words string, chosen *int) fyne.CanvasObject {
	choices := limits
	if !slices.Contains(choices, *chosen) {
		choices = append(slices.Clone(choices), *chosen)
	}
	options := make([]string, len(choices))
	for i, limit := range choices {
		options[i] = limitWords(limit)
	}
	field := widget.NewSelect(options, nil)
	field.SetSelectedIndex(slices.Index(choices, *chosen))
	field.OnChanged = func(string) { *chosen = choices[field.SelectedIndex()] }
	name := newText(&text{content: words, shrink: true})
	place := func(_ []fyne.CanvasObject, size fyne.Size) {
		width := min(250, size.Width*0.62)
		height := name.MinSize().Height
		put(name, 0, (size.Height-height)/2, size.Width-width-gap, height)
		put(field, size.Width-width, 0, width, size.Height)
	}
	return container.New(layoutFunc{min: fyne.NewSize(280, field.MinSize().Height), layout: place}, name, field)
}
