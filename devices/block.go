package devices

import (
	"time"
)

// transfer moves samples between a device and this program: what a device captured is in, what it will play goes
// to out. Devices come with as many samples as suits them. Those of several channels take turns.
type transfer func(out, in []int16)

// atRate makes a transfer for a device of so many samples a second.
type atRate func(rate uint32) transfer

// captureInto returns a transfer that cuts what comes in into blocks.
func captureInto(channels int, block func([]int16, time.Time)) transfer {
	buf := make([]int16, channels*BlockSamples)
	have := 0
	return func(_, in []int16) {
		now := time.Now()
		for len(in) > 0 {
			n := copy(buf[have:], in)
			in = in[n:]
			if have += n; have < len(buf) {
				return
			}
			have = 0
			// What is left came after this block, and the block itself took 10 ms.
			block(buf, now.Add(-BlockDuration-time.Duration(len(in)/channels)*time.Second/SampleRate))
		}
	}
}

// playFrom returns a transfer that fetches blocks as they are needed.
func playFrom(channels int, fill func([]int16)) transfer {
	buf := make([]int16, channels*BlockSamples)
	left := buf[:0]
	return func(out, _ []int16) {
		for len(out) > 0 {
			if len(left) == 0 {
				fill(buf)
				left = buf
			}
			n := copy(out, left)
			out, left = out[n:], left[n:]
		}
	}
}

// capturing is captureInto for a device of any rate.
func capturing(channels int, block func([]int16, time.Time)) atRate {
	return func(rate uint32) transfer {
		capture := captureInto(channels, block)
		if rate == SampleRate {
			return capture
		}
		c := newConverter(channels, float64(rate), SampleRate)
		made := make([]int16, 4*channels*BlockSamples)
		return func(_, in []int16) {
			for len(in) > 0 {
				n := min(len(in), channels*BlockSamples)
				c.push(in[:n])
				in = in[n:]
				for got := len(made); got == len(made); {
					got = c.pull(made)
					capture(nil, made[:got])
				}
			}
		}
	}
}

// playing is playFrom for a device of any rate.
func playing(channels int, fill func([]int16)) atRate {
	return func(rate uint32) transfer {
		if rate == SampleRate {
			return playFrom(channels, fill)
		}
		c := newConverter(channels, SampleRate, float64(rate))
		block := make([]int16, channels*BlockSamples)
		return func(out, _ []int16) {
			for {
				if out = out[c.pull(out):]; len(out) == 0 {
					return
				}
				fill(block)
				c.push(block)
			}
		}
	}
}
