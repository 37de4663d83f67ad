package main

import (
	"math"
	"slices"
)

// sample holds what one call told of one direction or side: figures by their key. What is not in it was not measured.
type sample map[string]float64

// figure is a row of the table.
type figure struct {
	key, label string
	digits     int // after the point
}

// known are all figures, in the order of the rows.
var known = []figure{
	{"fps", "frames/s", 1},
	{"frozen", "frozen, s", 1},
	{"freezes", "freezes", 1},
	{"width", "picture, width", 0},
	{"height", "picture, height", 0},
	{"rate", "on the path, kbit/s", 0},
	{"share", "share of the path used, %", 0},
	{"queue", "queue at the relay, median, ms", 0},
	{"queue95", "queue, 95th percentile, ms", 0},
	{"concealed", "sound concealed, %", 2},
	{"down", "settled after the fall, s", 1},
	{"up", "settled after the rise, s", 1},
	{"fallQueue", "longest queue after the fall, ms", 0},
	{"fallConcealed", "sound concealed around the fall, %", 2},
	{"back", "picture back after the path, s", 2},
	{"age", "capture to shown, median, ms", 1},
	{"age95", "capture to shown, 95th percentile, ms", 1},
	{"ages", "pictures measured", 0},
	{"join", "first frame after joining, ms", 0},
	{"cpu", "CPU, s/s", 3},
	{"cpuDrawing", "CPU of drawing in software besides, s/s", 3},
	{"cpuCodec", "CPU of the codec alone, s/s", 3},
	{"besideCodec", "the call beside the codec alone", 2},
	{"cpuCamera", "CPU of drawing the test camera's picture, s/s", 3},
	{"besideCodecOnly", "the call without that beside the codec alone", 2},
	{"further", "each further one, as a part of the first", 2},
	{"pss", "proportional memory, MB", 0},
	{"pssGL", "of that the software GL's libraries, MB", 0},
	{"stoi", "STOI", 3},
	{"estoi", "ESTOI", 3},
	{"gap", "longest gap in speech, ms", 0},
	{"mouthToEar", "mouth to ear, median, ms", 1},
	{"mouthToEar95", "mouth to ear, 95th percentile, ms", 1},
	{"mouthToEarFirst", "mouth to ear of the first sound, ms", 1},
	{"mouthToEarExcess", "of the first sound, above the median, ms", 1},
	{"sounds", "sounds measured", 0},
	{"echo2", "echo softer after 2 s, dB", 1},
	{"echoSettled", "echo softer when settled, dB", 1},
	{"doubleTalk", "who talks at the same time softer, dB", 1},
	{"engine1", "CPU with one person, % of a core", 2},
	{"engineFurther", "CPU of each further person, % of a core", 2},
}

// quantile returns the value that the part q of all values does not exceed; values must not be empty.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(math.Floor(at))
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (sorted[high]-sorted[low])*(at-float64(low))
}

// medians returns the median of each figure over those samples that have it.
func medians(samples []sample) sample {
	byKey := map[string][]float64{}
	for _, s := range samples {
		for key, value := range s {
			byKey[key] = append(byKey[key], value)
		}
	}
	m := sample{}
	for key, values := range byKey {
		m[key] = quantile(values, 0.5)
	}
	return m
}
