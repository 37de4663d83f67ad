package devices

import (
	"time"

	"parley/devices/resample"
)

// transfer moves samples between a device and this program: what a device captured is in, what it will play goes
// to out. Devices come with as many samples as suits them.
type transfer func(out, in []int16)

// atRate makes a transfer for a device of so many samples a second.
type atRate func(rate uint32) transfer

// captureInto returns a transfer that cuts what comes in into blocks.
func captureInto(block func([]int16, time.Time)) transfer {
	var buf [BlockSamples]int16
	have := 0
	return func(_, in []int16) {
		now := time.Now()
		for len(in) > 0 {
			n := copy(buf[have:], in)
			in = in[n:]
			if have += n; have < BlockSamples {
				return
			}
			have = 0
			// What is left came after this block, and the block itself took 10 ms.
			block(buf[:], now.Add(-BlockDuration-time.Duration(len(in))*time.Second/SampleRate))
		}
	}
}

// playFrom returns a transfer that fetches blocks as they are needed.
func playFrom(fill func([]int16)) transfer {
	var buf [BlockSamples]int16
	left := buf[:0]
	return func(out, _ []int16) {
		for len(out) > 0 {
			if len(left) == 0 {
				fill(buf[:])
				left = buf[:]
			}
			n := copy(out, left)
			out, left = out[n:], left[n:]
		}
	}
}

// capturing is captureInto for a device of any rate.
func capturing(block func([]int16, time.Time)) atRate {
	return func(rate uint32) transfer {
		capture := captureInto(block)
		if rate == SampleRate {
			return capture
		}
		r := resample.New(float64(rate), SampleRate)
		var made [4 * BlockSamples]int16
		return func(_, in []int16) {
			for len(in) > 0 {
				n := min(len(in), BlockSamples)
				r.Push(in[:n])
				in = in[n:]
				for got := len(made); got == len(made); {
					got = r.Pull(made[:])
					capture(nil, made[:got])
				}
			}
		}
	}
}

// playing is playFrom for a device of any rate.
func playing(fill func([]int16)) atRate {
	return func(rate uint32) transfer {
		if rate == SampleRate {
			return playFrom(fill)
		}
		r := resample.New(SampleRate, float64(rate))
		var block [BlockSamples]int16
		return func(out, _ []int16) {
			for {
				if out = out[r.Pull(out):]; len(out) == 0 {
					return
				}
				fill(block[:])
				r.Push(block[:])
			}
		}
	}
}
