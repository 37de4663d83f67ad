package devices

import "parley/devices/resample"

// converter changes the rate of a sound whose channels' samples take turns. It does not allocate once made.
type converter struct {
	channels []*resample.Resampler
	one      [BlockSamples]int16 // of one channel
}

func newConverter(channels int, from, to float64) *converter {
	c := &converter{}
	for range channels {
		c.channels = append(c.channels, resample.New(from, to))
	}
	return c
}

// push takes in samples, as many of each channel.
func (c *converter) push(in []int16) {
	step := len(c.channels)
	for len(in) >= step {
		n := min(len(in)/step, len(c.one))
		for channel, r := range c.channels {
			for i := range n {
				c.one[i] = in[i*step+channel]
			}
			r.Push(c.one[:n])
		}
		in = in[n*step:]
	}
}

// pull makes as many samples as there is input for, up to len(out), and returns how many that were. All channels have come by the same
// samples, so that they have as many to give.
func (c *converter) pull(out []int16) (made int) {
	step := len(c.channels)
	for made+step <= len(out) {
		n := 0
		want := min((len(out)-made)/step, len(c.one))
		for channel, r := range c.channels {
			n = r.Pull(c.one[:want])
			for i := range n {
				out[made+i*step+channel] = c.one[i]
			}
		}
		made += n * step
		if n < want {
			break
		}
	}
	return made
}

// spread lets all channels of out have the samples of one.
func spread(out, one []int16, channels int) {
	for i, s := range one {
		for channel := range channels {
			out[i*channels+channel] = s
		}
	}
}
