package main

import (
	"errors"
	"os"
	"testing"
)

func TestWhatASideCodedIsTakenFromItsReport(t *testing.T) {
	line := func(at, frames, bytes float64) line {
		return line{T: at, Peers: []peer{{
			InVideo:  inVideo{FramesDecoded: frames - 10, MimeType: "video/VP8"},
			OutVideo: outVideo{FramesEncoded: frames, BytesSent: bytes, FrameWidth: 640, FrameHeight: 360},
		}}}
	}
	w := workBetween(line(1, 40, 1000), line(3, 100, 101_000))
	if w != (work{mimeType: "video/VP8", width: 640, height: 360, seconds: 2, encoded: 60, decoded: 60, rate: 400_000}) {
		t.Errorf("got %+v", w)
	}
}

func TestTheCodecAloneUsesCPU(t *testing.T) {
	if _, err := os.Stat("/proc/thread-self/stat"); err != nil {
		t.Skip("this system has no proc(5)")
	}
	w := work{mimeType: "video/VP8", width: 640, height: 360, seconds: 1, encoded: 60, decoded: 60, rate: 600_000}
	for _, b := range bareBoth([2]work{w, w}) {
		if b.err != nil || b.coding <= 0 || b.coding > 60 {
			t.Errorf("%v s a second, %v", b.coding, b.err)
		}
	}
}

func TestTheCodecAloneIsNotMeasuredWhereThereWasNoWork(t *testing.T) {
	some := work{mimeType: "video/VP8", width: 64, height: 64, seconds: 1, encoded: 1, decoded: 1, rate: 600_000}
	idle, unknown := some, some
	idle.decoded, unknown.mimeType = 0, "video/none"
	for _, b := range bareBoth([2]work{idle, unknown}) {
		if !errors.Is(b.err, errNoWork) {
			t.Errorf("got %v", b.err)
		}
	}
}

func TestBenchmarksAreRead(t *testing.T) {
	all := parseBenchmarks(`goos: linux
cpu: AMD EPYC
BenchmarkBlock/all-2          	     200	    323655 ns/op	        34.33 dB-2s	         3.831 dB-doubletalk	       0 B/op
BenchmarkTen/people=1-2       	     200	    349860 ns/op	         3.499 percent
PASS
ok  	parley/call/apm	6.544s
`)
	if len(all) != 2 || all["BenchmarkBlock/all"]["dB-2s"] != 34.33 || all["BenchmarkTen/people=1"]["percent"] != 3.499 {
		t.Errorf("got %v", all)
	}
}
