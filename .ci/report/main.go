// Command report sums up what a participant wrote with --report FILE: how long
// joining took until the first remote picture, the frames a second of each
// remote picture, and how old those pictures were when they were decoded and
// when they were painted. The age is there where the picture comes from the
// pattern camera of a participant on the same machine, whose clock it carries.
//
//	go run ./.ci/report FILE
//
// The file has one JSON object a second, so all but the joining time are
// medians over the seconds in which there was something to measure.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// errNothingMeasured says that no second of the report has a remote picture.
var errNothingMeasured = errors.New("the report has no remote picture in it")

// line is what one line of the report has that is summed up here. A pointer is
// nil where nothing was measured, which is not the same as zero.
type line struct {
	JoinToFirstFrame *float64 `json:"joinToFirstFrame"` // ms
	Peers            []struct {
		Name    string `json:"name"`
		InVideo *struct {
			FramesPerSecond  *float64 `json:"framesPerSecond"`
			CaptureToDecoded *float64 `json:"captureToDecoded"` // ms
			CaptureToPainted *float64 `json:"captureToPainted"` // ms
		} `json:"inVideo"`
	} `json:"peers"`
}

// picture gathers what was measured of one person's picture, by the second.
type picture struct {
	name                   string
	rate, decoded, painted []float64
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: report FILE")
		os.Exit(2)
	}
	file, err := os.Open(os.Args[1])
	if err == nil {
		err = summarize(file, os.Stdout)
		file.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

// summarize reads a report and writes what it comes to, a line a fact.
func summarize(in io.Reader, out io.Writer) error {
	join, pictures, err := read(in)
	if err != nil {
		return err
	}
	if len(pictures) == 0 {
		return errNothingMeasured
	}
	if join != nil {
		fmt.Fprintf(out, "joined, first picture after  %.0f ms\n", *join)
	}
	for _, p := range pictures {
		fmt.Fprintf(out, "picture of %-17s %.0f frames a second", p.name, median(p.rate))
		if len(p.decoded) > 0 {
			fmt.Fprintf(out, ", capture to decoded %.0f ms", median(p.decoded))
		}
		if len(p.painted) > 0 {
			fmt.Fprintf(out, ", capture to window %.0f ms", median(p.painted))
		}
		fmt.Fprintln(out)
	}
	return nil
}

// read gathers the pictures in the order in which the people appeared. The last
// line may be cut off, because the one who writes it is ended while it writes.
func read(in io.Reader) (join *float64, pictures []*picture, err error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 4<<20)
	var broken error
	for lines.Scan() {
		if broken != nil {
			return nil, nil, broken
		}
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			broken = fmt.Errorf("reading %.40q: %w", lines.Text(), err)
			continue
		}
		if l.JoinToFirstFrame != nil {
			join = l.JoinToFirstFrame
		}
		pictures = add(pictures, l)
	}
	return join, pictures, lines.Err()
}

// add puts the seconds of one line with their people's.
func add(pictures []*picture, l line) []*picture {
	for _, peer := range l.Peers {
		video := peer.InVideo
		if video == nil || video.FramesPerSecond == nil {
			continue
		}
		i := slices.IndexFunc(pictures, func(p *picture) bool { return p.name == peer.Name })
		if i < 0 {
			i = len(pictures)
			pictures = append(pictures, &picture{name: peer.Name})
		}
		p := pictures[i]
		p.rate = append(p.rate, *video.FramesPerSecond)
		if video.CaptureToDecoded != nil {
			p.decoded = append(p.decoded, *video.CaptureToDecoded)
		}
		if video.CaptureToPainted != nil {
			p.painted = append(p.painted, *video.CaptureToPainted)
		}
	}
	return pictures
}

// median sorts the values and returns the middle one, the lower of two.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[(len(values)-1)/2]
}
