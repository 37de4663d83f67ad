package main

import (
	"errors"
	"strings"
	"testing"
)

const twoPeople = `{"t":1,"state":"joining","peers":[]}
{"t":2,"state":"connected","joinToFirstFrame":412.6,"peers":[
 {"name":"Ben","inVideo":{"framesPerSecond":12,"captureToDecoded":30,"captureToPainted":90}},{"name":"Cleo","inVideo":{}}]}
{"t":3,"peers":[{"name":"Ben","inVideo":{"framesPerSecond":30,"captureToDecoded":20,"captureToPainted":50}},{"name":"Cleo","inVideo":{"framesPerSecond":29}}]}
{"t":4,"peers":[{"name":"Ben","inVideo":{"framesPerSecond":31,"captureToDecoded":22,"captureToPainted":48}},{"name":"Cleo","inVideo":{"framesPerSecond":30}}]}
`

// report brings what is written over two lines for the reader onto one.
func report(s string) *strings.Reader {
	return strings.NewReader(strings.ReplaceAll(s, "\n {", " {"))
}

func TestASummaryHasTheMediansOfEveryPicture(t *testing.T) {
	var out strings.Builder
	if err := summarize(report(twoPeople), &out); err != nil {
		t.Fatal(err)
	}
	want := `joined, first picture after  413 ms
picture of Ben               30 frames a second, capture to decoded 22 ms, capture to window 50 ms
picture of Cleo              29 frames a second
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestALastLineThatWasCutOffIsLeftOut(t *testing.T) {
	var whole, cut strings.Builder
	if err := summarize(report(twoPeople), &whole); err != nil {
		t.Fatal(err)
	}
	if err := summarize(report(twoPeople+`{"t":5,"peers":[{"na`), &cut); err != nil {
		t.Fatal(err)
	}
	if cut.String() != whole.String() {
		t.Errorf("got\n%s\nwant\n%s", cut.String(), whole.String())
	}
}

func TestABrokenLineInTheMiddleIsAnError(t *testing.T) {
	var out strings.Builder
	if err := summarize(report("{\"t\n"+twoPeople), &out); err == nil {
		t.Errorf("no error, but %q", out.String())
	}
}

func TestACallInWhichNobodyWasSeenIsAnError(t *testing.T) {
	var out strings.Builder
	err := summarize(strings.NewReader(`{"t":1,"peers":[{"name":"Ben"}]}`), &out)
	if !errors.Is(err, errNothingMeasured) {
		t.Errorf("got %v", err)
	}
}
