package codedtest

import (
	"slices"
	"testing"
)

// eachSize runs a benchmark for each size that a call usually has.
func eachSize(b *testing.B, run func(b *testing.B, width, height int)) {
	b.Run("360p", func(b *testing.B) { run(b, 640, 360) })
	b.Run("720p", func(b *testing.B) { run(b, 1280, 720) })
}

// BenchEncode times a frame of the encoder at the usual sizes.
func (c Binding) BenchEncode(b *testing.B) {
	eachSize(b, func(b *testing.B, width, height int) {
		e, pictures := c.Encoder(b, width, height, width*height*2), film(width, height)
		bytes, frames, n := 0, 0, 0
		b.ReportAllocs()
		for b.Loop() {
			f := Encode(b, e, pictures[n%len(pictures)], int64(n)*3000, false)
			n++
			if f.Data != nil {
				bytes, frames = bytes+len(f.Data), frames+1
			}
		}
		b.ReportMetric(float64(bytes*8*30)/float64(n)/1000, "kbit/s")
		b.ReportMetric(float64(frames)*100/float64(n), "%coded")
	})
}

// BenchDecode times a frame of the decoder at the usual sizes.
func (c Binding) BenchDecode(b *testing.B) {
	eachSize(b, func(b *testing.B, width, height int) {
		e, d := c.Encoder(b, width, height, width*height*2), c.Decoder(b)
		var frames [][]byte
		for n, picture := range film(width, height) {
			if f := Encode(b, e, picture, int64(n)*3000, false); f.Data != nil {
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
