package ui_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"

	"parley/ui"
)

func TestAParagraphBreaksWhereItMust(t *testing.T) {
	test.NewApp()
	for name, c := range map[string]struct {
		runs  []string
		width float32
		want  []string
	}{
		"nothing":                      {[]string{""}, 100, nil},
		"all fits":                     {[]string{"one two"}, 1000, []string{"one two"}},
		"no width yet":                 {[]string{"one two"}, 0, []string{"one two"}},
		"at spaces":                    {[]string{"wwww wwww wwww"}, 100, []string{"wwww", "wwww", "wwww"}},
		"a word that is too long":      {[]string{"a wwwwwwwwwwww b"}, 100, []string{"a", "wwwwwwww", "wwww b"}},
		"one letter is too wide":       {[]string{"wé"}, 1, []string{"w", "é"}},
		"where it says so":             {[]string{"one\n\ntwo"}, 1000, []string{"one", "", "two"}},
		"two runs on a line":           {[]string{"one ", "two"}, 1000, []string{"one |two"}},
		"the second run goes on below": {[]string{"wwww ", "wwww wwww"}, 100, []string{"wwww ", "wwww", "wwww"}},
		"the second run is broken":     {[]string{"w ", "wwww wwww"}, 100, []string{"w |wwww", "wwww"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ui.Wrapped(c.runs, c.width); !slices.Equal(got, c.want) {
				t.Errorf("the lines are %q, want %q", got, c.want)
			}
		})
	}
}
