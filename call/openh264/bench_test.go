//go:build h264

package openh264_test

import (
	"image"
	"slices"
	"testing"
	"time"

	"parley/devices/pattern"
)

// film is some pictures of the test camera, at 30 a second, and then again from the last to the first.
func film(width, height int) []*image.YCbCr {
	pictures := make([]*image.YCbCr, 30)
	for n := range pictures {
		pictures[n] = image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
		pattern.Draw(pictures[n], time.Duration(n)*time.Second/30, 1)
	}
	for n := len(pictures) - 2; n > 0; n-- {
		pictures = append(pictures, pictures[n])
	}
	return pictures
}

// eachSize runs a benchmark for each usual size.
func eachSize(b *testing.B, run func(b *testing.B, width, height int)) {
	b.Run("360p", func(b *testing.B) { run(b, 640, 360) })
	b.Run("720p", func(b *testing.B) { run(b, 1280, 720) })
}

func BenchmarkEncode(b *testing.B) {
	eachSize(b, func(b *testing.B, width, height int) {
		e, pictures := newEncoder(b, width, height, width*height*2), film(width, height)
		bytes, frames, n := 0, 0, 0
		b.ReportAllocs()
		for b.Loop() {
			f := encode(b, e, pictures[n%len(pictures)], int64(n)*3000, false)
			n++
			if f.Data != nil {
				bytes, frames = bytes+len(f.Data), frames+1
			}
		}
		b.ReportMetric(float64(bytes*8*30)/float64(n)/1000, "kbit/s")
		b.ReportMetric(float64(frames)*100/float64(n), "%coded")
	})
}

func BenchmarkDecode(b *testing.B) {
	eachSize(b, func(b *testing.B, width, height int) {
		e, d := newEncoder(b, width, height, width*height*2), newDecoder(b)
		var frames [][]byte
		for n, picture := range film(width, height) {
			if f := encode(b, e, picture, int64(n)*3000, false); f.Data != nil {
				frames = append(frames, slices.Clone(f.Data))
			}
		}
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			f, err := d.Decode(frames[n%len(frames)])
			if err != nil {
				b.Fatal(err)
			}
			f.Release()
		}
	})
}
