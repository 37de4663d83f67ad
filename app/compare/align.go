package main

import (
	"math"

	"parley/devices/tone"
)

const (
	part     = tone.SampleRate / 4 // samples of what was said that are looked for at once
	latest   = tone.SampleRate     // samples that they may be late
	coarse   = 6                   // samples that are taken together at first
	isSpeech = 0.01                // loudness: less says nothing of where it is
	isFound  = 0.3                 // how alike a part and what is taken for it must be
	creep    = 12                  // of coarse samples (1.5 ms), by which the delay of a part may differ from that of the part before for nothing
	leap     = 0.5                 // likeness that it must gain to differ by more
)

// delays returns how many samples later each part of what was said is heard: those delays under which the parts are most alike,
// together, and which change least. A jitter buffer stretches sound, and a part that was lost is like nothing that was heard.
func delays(said, heard []float64) []int {
	var steps [][]int32 // where the best way to each delay of each part comes from
	thinHeard := thin(heard)
	score := make([]float64, latest/coarse)
	for at := 0; at+part+latest <= min(len(said), len(heard)); at += part {
		from, reached := reach(score)
		steps = append(steps, from)
		for l, like := range likeness(thin(said[at:at+part]), thinHeard[at/coarse:], len(score)) {
			score[l] = reached[l] + like
		}
	}
	all := make([]int, len(steps))
	end := largest(score)
	for i := len(steps) - 1; i >= 0; i-- {
		at, near := i*part, end*coarse
		all[i], _ = best(said[at:at+part], heard[at:], max(near-coarse, 0), near+coarse+1)
		end = int(steps[i][end])
	}
	return all
}

// reach returns for each delay of the next part the one of this part that is best to come from, and its score then.
func reach(score []float64) (from []int32, reached []float64) {
	from, reached = make([]int32, len(score)), make([]float64, len(score))
	top := largest(score)
	for l := range score {
		start := max(l-creep, 0)
		near := start + largest(score[start:min(l+creep+1, len(score))])
		if score[l] == score[near] {
			near = l
		}
		from[l], reached[l] = int32(near), score[near]
		if score[top]-leap > score[near] {
			from[l], reached[l] = int32(top), score[top]-leap
		}
	}
	return from, reached
}

func largest(values []float64) (at int) {
	for i, v := range values {
		if v > values[at] {
			at = i
		}
	}
	return at
}

// likeness returns how alike said and heard are under each delay, from 0 to 1; nothing is like what is quiet. The sound may be turned upside
// down on its way, which nobody hears.
func likeness(said, heard []float64, delays int) []float64 {
	all := make([]float64, delays)
	if loudness(said) < isSpeech*coarse {
		return all
	}
	n, own := len(said), product(said, said)
	other := product(heard[:n], heard[:n])
	for l := range all {
		if l+n > len(heard) {
			break
		}
		all[l] = math.Abs(product(said, heard[l:l+n])) / (math.Sqrt(own*max(other, 0)) + 1e-9)
		if l+n < len(heard) {
			other += heard[l+n]*heard[l+n] - heard[l]*heard[l]
		}
	}
	return all
}

// best returns where from one delay to before another said is most like heard, and how alike.
func best(said, heard []float64, from, to int) (at int, like float64) {
	to = min(to, len(heard)-len(said)+1)
	all := likeness(said, heard[from:], to-from)
	at = largest(all)
	return from + at, all[at]
}

// thin takes samples together.
func thin(in []float64) []float64 {
	out := make([]float64, len(in)/coarse)
	for i := range out {
		for _, x := range in[i*coarse:][:coarse] {
			out[i] += x
		}
	}
	return out
}

func product(a, b []float64) float64 {
	var sum float64
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// loudness is the root of the mean of the squares.
func loudness(x []float64) float64 { return math.Sqrt(product(x, x) / float64(len(x))) }

// aligned returns what was said and, for the same time, what was heard of it, each part under its delay.
func aligned(said, heard []float64, delays []int) (a, b []float64) {
	for i, d := range delays {
		a = append(a, said[i*part:][:part]...)
		b = append(b, heard[i*part+d:][:part]...)
	}
	return a, b
}

// found returns which part of what is loud in a is found in b, both aligned.
func found(a, b []float64) float64 {
	loud, alike := 0, 0
	for at := 0; at+part <= len(a); at += part {
		if x := a[at : at+part]; loudness(x) >= isSpeech {
			loud++
			if _, like := best(x, b[at:at+part], 0, 1); like >= isFound {
				alike++
			}
		}
	}
	return float64(alike) / float64(max(loud, 1))
}

// longestGap returns for how many ms nothing was heard while something was said. Both are aligned; what was said must be loud for a while
// around.
func longestGap(said, heard []float64) float64 {
	const step, around = tone.SampleRate / 200, 8 // 5 ms, and steps of them
	levels := func(x []float64) []float64 {
		all := make([]float64, len(x)/step)
		for i := range all {
			all[i] = loudness(x[i*step:][:step])
		}
		return all
	}
	a, b := levels(said), levels(heard)
	if len(a) <= 2*around {
		return 0
	}
	loud, soft := quantile(a, 0.95)/10, quantile(b, 0.95)/100
	longest, run := 0, 0
	for i := around; i < len(a)-around; i++ {
		if b[i] > soft || quantile(a[i-around:i+around+1], 0) < loud {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return float64(longest) * 5
}
