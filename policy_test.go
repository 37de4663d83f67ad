package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/app"
)

// pkg is what the go command says of a package of this project.
type pkg struct {
	ImportPath, Dir, Doc string
	Imports, Deps        []string
	CgoFiles             []string
}

// packages lists the project's packages that match.
func packages(t *testing.T, patterns ...string) []pkg {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Doc,Imports,Deps,CgoFiles"}, patterns...)...)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// layers are the project's folders from the top: a package imports those below it, or its own, and none above.
var layers = []string{"app", "ui", "call", "devices"}

func layer(path string) int {
	return slices.Index(layers, strings.Split(strings.TrimPrefix(path, "parley/"), "/")[0])
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t, "./...") {
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "parley/") && layer(p.ImportPath) > layer(imported) && layer(imported) >= 0 {
				t.Errorf("%s imports %s, which is above it", p.ImportPath, imported)
			}
		}
	}
}

func TestOnlyTheTopKnowsTheWindow(t *testing.T) {
	for _, p := range packages(t, "./call/...", "./devices/...") {
		for _, d := range p.Deps {
			if strings.HasPrefix(d, "fyne.io/") {
				t.Errorf("%s needs %s", p.ImportPath, d)
			}
		}
	}
}

func TestTheWindowKnowsNeitherThePeerConnectionNorTheSocketNorTheDriver(t *testing.T) {
	for _, p := range packages(t, "./ui") {
		for _, imported := range p.Imports {
			for _, foreign := range []string{"github.com/pion/", "github.com/gorilla/", "github.com/gen2brain/", "parley/call/peer", "parley/call/signal"} {
				if strings.HasPrefix(imported, foreign) {
					t.Errorf("%s imports %s", p.ImportPath, imported)
				}
			}
		}
	}
}

func TestTheServerNeedsNoC(t *testing.T) {
	for _, p := range packages(t, "./call/signal/...", "./app/parleyd") {
		if len(p.CgoFiles) > 0 {
			t.Errorf("%s uses cgo in %v", p.ImportPath, p.CgoFiles)
		}
		for _, d := range p.Deps {
			if strings.HasPrefix(d, "parley/") && !strings.HasPrefix(d, "parley/call/signal") {
				t.Errorf("%s needs %s", p.ImportPath, d)
			}
		}
	}
}

func TestEveryPackageHasAComment(t *testing.T) {
	for _, p := range packages(t, "./...") {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func TestFilesStayReadable(t *testing.T) {
	const most = 600 // lines
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if lines := strings.Count(string(source), "\n"); lines > most {
			t.Errorf("%s has %d lines: more than one concept", path, lines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheVersionIsTheSameEverywhere(t *testing.T) {
	metadata, err := os.ReadFile("FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^Version = "(.*)"$`).FindSubmatch(metadata)
	if found == nil || string(found[1]) != app.Version {
		t.Errorf("FyneApp.toml has version %q, the program says %q", found, app.Version)
	}
	changes, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(changes), app.Version) && !strings.Contains(string(changes), "Unreleased") {
		t.Errorf("CHANGELOG.md knows nothing of version %s", app.Version)
	}
}
