package main

import (
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
	h := &harness{log: os.Stderr}
	err := h.measure(func() {
		c := &call{harness: h}
		codec, _ := c.bare(work{mimeType: "video/VP8", width: 640, height: 360, seconds: 1, encoded: 60, decoded: 60, rate: 600_000})
		if codec <= 0 || codec > 60 {
			t.Errorf("%v s a second", codec)
		}
	})
	if err != nil {
		t.Error(err)
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
