package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"time"

	"parley/devices/pattern"
	"parley/devices/tone"
)

// files are what Chromium takes for its camera and microphone. They show and sound as Parley's own test sources do, so that both
// encode the same; they are made once and removed at the end.
type files struct{ dir string }

func newFiles() (*files, error) {
	dir, err := os.MkdirTemp("", "compare-files")
	return &files{dir}, err
}

func (f *files) remove() { os.RemoveAll(f.dir) }

// camera returns a film of the pattern of that size, which runs forth and back, so that it can be repeated without a cut.
func (f *files) camera(h *harness, width, height int) string {
	path := filepath.Join(f.dir, fmt.Sprintf("%dx%d.y4m", width, height))
	if exists(path) {
		return path
	}
	out, err := os.Create(path)
	h.check(err)
	defer out.Close()
	w := bufio.NewWriterSize(out, 1<<20)
	fmt.Fprintf(w, "YUV4MPEG2 W%d H%d F30:1 Ip A1:1 C420\n", width, height)
	var frames []int
	for i := range 100 {
		frames = append(frames, i)
	}
	back := slices.Clone(frames)
	slices.Reverse(back)
	picture := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for _, i := range append(frames, back...) {
		pattern.Draw(picture, time.Duration(i)*time.Second/30, 1)
		fmt.Fprint(w, "FRAME\n")
		for _, plane := range [][]byte{picture.Y, picture.Cb, picture.Cr} {
			_, _ = w.Write(plane) // Flush tells of an error
		}
	}
	h.check(w.Flush())
	return path
}

// tones returns a recording of two rounds of tones.
func (f *files) tones(h *harness) string {
	path := filepath.Join(f.dir, "tones.wav")
	if exists(path) {
		return path
	}
	samples := make([]int16, 2*tone.Tones*int(tone.Duration*tone.SampleRate/time.Second))
	tone.NewSource(1).Fill(samples)
	h.check(os.WriteFile(path, wav(samples), 0o644))
	return path
}

// wav returns 16-bit mono samples at 48 kHz as a file of that form: http://soundfile.sapp.org/doc/WaveFormat/
func wav(samples []int16) []byte {
	const header = 44
	size := uint32(2 * len(samples))
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, header-8+size)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1) // channel
	b = binary.LittleEndian.AppendUint32(b, tone.SampleRate)
	b = binary.LittleEndian.AppendUint32(b, 2*tone.SampleRate)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	for _, s := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b
}
