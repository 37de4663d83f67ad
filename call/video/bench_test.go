package video_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"parley/call/video"
	"parley/devices/frame"
	"parley/devices/pattern"
)

// conveyor is a source, a wire and a counter of pictures that allocate nothing, so that what the path itself allocates
// can be seen.
type conveyor struct {
	frames chan *frame.Frame
	filled chan []byte
	empty  chan []byte
}

func newConveyor() *conveyor {
	c := &conveyor{frames: make(chan *frame.Frame), filled: make(chan []byte, 1024), empty: make(chan []byte, 1024)}
	for range cap(c.empty) {
		c.empty <- make([]byte, 1500)
	}
	return c
}

func (c *conveyor) Next(ctx context.Context) (*frame.Frame, error) {
	select {
	case f := <-c.frames:
		return f, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *conveyor) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	b := <-c.empty
	n, err := h.MarshalTo(b[:1500])
	if err != nil {
		return 0, err
	}
	n += copy(b[n:1500], payload)
	c.filled <- b[:n]
	return n, nil
}

func (c *conveyor) Write([]byte) (int, error) { panic("the sender writes header and payload") }

func (c *conveyor) Read(b []byte) (int, interceptor.Attributes, error) {
	raw, ok := <-c.filled
	if !ok {
		return 0, nil, io.EOF
	}
	n := copy(b, raw)
	c.empty <- raw
	return n, nil, nil
}

func (c *conveyor) SetReadDeadline(time.Time) error { return nil }

// BenchmarkCaptureToPicture takes one picture at a time from the source through encoder, packets and decoder to the slot.
func BenchmarkCaptureToPicture(b *testing.B) {
	for _, height := range []int{360, 720} {
		b.Run(fmt.Sprintf("%dp", height), func(b *testing.B) {
			var pictures []*frame.Frame
			for n := range 8 {
				f := frame.New(height*16/9, height)
				pattern.Draw(f.YCbCr, time.Duration(n)*frameTime, source)
				pictures = append(pictures, f)
			}
			c := newConveyor()
			sender := video.NewSender(video.SenderConfig{BitRate: 50_000_000}) // so that no frame is dropped
			bind(b, sender, "peer", c)
			sender.SetSource(c)
			arrived := make(chan struct{}, 1)
			var slot frame.Slot
			slot.Watch(func() { arrived <- struct{}{} })
			receiver := video.NewReceiver(video.ReceiverConfig{Track: c, Out: &slot, RequestKeyFrame: sender.RequestKeyFrame})
			done := make(chan error)
			go func() { done <- receiver.Run() }()

			captured := time.Now()
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				f := pictures[n%len(pictures)].Retain()
				captured = captured.Add(frameTime)
				f.Captured = captured
				c.frames <- f
				<-arrived
				slot.Take().Release()
			}
			sender.Close()
			close(c.filled)
			if err := <-done; err != nil {
				b.Error(err)
			}
		})
	}
}

// sink is a connection that takes every packet.
type sink struct{}

func (sink) WriteRTP(_ *rtp.Header, payload []byte) (int, error) { return len(payload), nil }
func (sink) Write([]byte) (int, error)                           { panic("the sender writes header and payload") }

// BenchmarkFanOut takes one picture after the other from the source to the connections of so many people, encryption and the network apart.
func BenchmarkFanOut(b *testing.B) {
	for _, people := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			var pictures []*frame.Frame
			for n := range 8 {
				f := frame.New(640, 360)
				pattern.Draw(f.YCbCr, time.Duration(n)*frameTime, source)
				pictures = append(pictures, f)
			}
			c := newConveyor()
			sender := video.NewSender(video.SenderConfig{})
			for n := range people {
				bind(b, sender, fmt.Sprint(n), sink{})
			}
			sender.SetSource(c)
			captured := time.Now()
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				f := pictures[n%len(pictures)].Retain()
				captured = captured.Add(frameTime)
				f.Captured = captured
				c.frames <- f
			}
			sender.Close()
		})
	}
}
