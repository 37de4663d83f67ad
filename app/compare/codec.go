package main

import (
	"errors"
	"fmt"
	"image"
	"runtime"
	"slices"
	"sync"
	"time"

	"parley/call/codec"
	"parley/call/coded"
	"parley/devices/pattern"
)

// besideCodec is what a call without a window costs beside the codec alone, which in the same run encodes and decodes as many pictures of the
// same size at the same rates. The call has sound besides, and its camera is drawn by the program itself.
func besideCodec(s seat) func(*call) []flow {
	return func(c *call) []flow {
		c.begin(nil, s)
		time.Sleep(settle)
		before, from := c.costs(), c.both()
		time.Sleep(c.seconds)
		after, to := c.costs(), c.both()
		for _, side := range c.sides {
			side.(*parleySide).p.Stop() // the codec is alone now
		}
		var used, alone, drawn float64
		var works [2]work
		for i := range c.sides {
			used += (after[i].program - before[i].program) / (after[i].at - before[i].at)
			works[i] = workBetween(from[i], to[i])
		}
		for _, b := range bareBoth(works) {
			c.check(b.err)
			alone, drawn = alone+b.coding, drawn+b.drawing
		}
		return []flow{{"Parley – Parley", sample{
			"cpu": used / 2, "cpuCodec": alone / 2, "besideCodec": used / alone,
			"cpuCamera": drawn / 2, "besideCodecOnly": (used - drawn) / alone,
		}}}
	}
}

// work is what a side encoded and decoded within a time.
type work struct {
	mimeType         string // of the codec
	width, height    int
	seconds          float64
	encoded, decoded float64 // frames
	rate             float64 // bit/s of what was encoded
}

func workBetween(from, to line) work {
	a, b := from.outVideo(), to.outVideo()
	w := work{
		mimeType: to.video().MimeType, width: int(b.FrameWidth), height: int(b.FrameHeight), seconds: to.T - from.T,
		encoded: b.FramesEncoded - a.FramesEncoded, decoded: to.video().FramesDecoded - from.video().FramesDecoded,
	}
	w.rate = (b.BytesSent - a.BytesSent) * 8 / w.seconds
	return w
}

// bareCost is the CPU that work takes of the codec alone, and that of drawing the test camera's pictures, in s a second.
type bareCost struct {
	coding, drawing float64
	err             error
}

// bareBoth does the work of both sides at once, as they did: they shared the machine's caches and cores too.
func bareBoth(works [2]work) (costs [2]bareCost) {
	var both sync.WaitGroup
	for i, w := range works {
		both.Go(func() { costs[i] = w.bare() })
	}
	both.Wait()
	return costs
}

var errNoWork = errors.New("nothing was encoded or decoded")

// bare does the work at the pace at which it was done, on a thread of its own.
func (w work) bare() (b bareCost) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	one, ok := codec.ByMIMEType(w.mimeType)
	if w.encoded == 0 || w.decoded == 0 || !ok {
		return bareCost{err: fmt.Errorf("%w by %q", errNoWork, w.mimeType)}
	}
	encoder, err := one.NewEncoder(coded.Settings{Width: w.width, Height: w.height, BitRate: int(w.rate)})
	if err != nil {
		return bareCost{err: err}
	}
	defer encoder.Close()
	decoder, err := one.NewDecoder()
	if err != nil {
		return bareCost{err: err}
	}
	defer decoder.Close()
	const drawn = 60
	start := threadSeconds()
	film := drawFilm(w.width, w.height, drawn)
	b.drawing = (threadSeconds() - start) / drawn * w.encoded / w.seconds

	interval := time.Duration(w.seconds / w.encoded * float64(time.Second))
	start = threadSeconds()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for n := range int(w.encoded) {
		<-tick.C
		pts := int64(float64(n) * interval.Seconds() * 90_000)
		frame, err := encoder.Encode(film[n%len(film)], pts, false)
		if err != nil {
			return bareCost{err: err}
		}
		if frame.Data == nil {
			continue
		}
		picture, err := decoder.Decode(frame.Data)
		if err != nil {
			return bareCost{err: err}
		}
		picture.Release()
	}
	b.coding = (threadSeconds() - start) / w.seconds
	return b
}

// drawFilm returns that many pictures of the test camera, 30 a second, and then those between the last and the first.
func drawFilm(width, height, pictures int) []*image.YCbCr {
	var film []*image.YCbCr
	for i := range pictures {
		picture := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
		pattern.Draw(picture, time.Duration(i)*time.Second/30, 1)
		film = append(film, picture)
	}
	back := slices.Clone(film)
	slices.Reverse(back)
	return append(film, back...)
}

// threadSeconds is the CPU that the calling thread has used, to 10 ms.
func threadSeconds() float64 {
	_, _, seconds := stat("/proc/thread-self/stat")
	return seconds
}
