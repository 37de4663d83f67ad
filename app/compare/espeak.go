package main

import (
	"bytes"
	"encoding/binary"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"parley/devices/resample"
	"parley/devices/tone"
)

// text is what is said: enough for half a minute.
const text = `The path to the harbour was steep, and nobody had walked it since the winter. She put the letter on the table and
looked out of the window. Seven boats were drawn up on the sand, blue and white and grey. If the weather holds, we shall leave before
noon on Thursday. He asked twice for the price of the brown shoes, and twice they told him to wait. A thin smoke rose from the
kitchen chimney. Please bring the small box, the rope, and both of the keys. Most of what they knew of the island came from an old map. The
children ran down to the bridge to watch the water go by. It was late when the last of the guests found their coats.`

// spoken returns about that much of the text as espeak-ng says it, as samples like those of package tone.
func spoken(h *harness, length time.Duration) []int16 {
	const wordsAMinute, wavHeader, wavRateAt = 160, 44, 24
	words := strings.Fields(text)
	words = words[:min(int(length.Minutes()*wordsAMinute)+1, len(words))]
	var out, errs bytes.Buffer
	speak := exec.Command("espeak-ng", "-v", "en-gb", "-s", strconv.Itoa(wordsAMinute), "--stdout", strings.Join(words, " "))
	speak.Stdout, speak.Stderr = &out, &errs
	if err := speak.Run(); err != nil || out.Len() < wavHeader {
		h.Fatalf("speaking (package espeak-ng): %v: %s", err, errs.String())
	}
	file := out.Bytes()
	rate := binary.LittleEndian.Uint32(file[wavRateAt:])
	samples := make([]int16, (len(file)-wavHeader)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(file[wavHeader+2*i:]))
	}
	return resampled(samples, float64(rate))
}

func resampled(in []int16, from float64) []int16 {
	var out []int16
	r := resample.New(from, tone.SampleRate)
	block := make([]int16, 4096)
	for len(in) > 0 {
		n := min(len(in), 256)
		r.Push(in[:n])
		in = in[n:]
		out = append(out, block[:r.Pull(block)]...)
	}
	return out
}
