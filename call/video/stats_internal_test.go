package video

import (
	"testing"
	"time"

	"parley/call/coded"
)

func TestWhatFramesTookIsAddedUpUnderItsOwnNames(t *testing.T) {
	var s ReceiverStats
	began := time.Unix(1_800_000_000, 0)
	after := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	single := codedFrame{arrived: after(0), completed: after(0), packets: 1}
	parted := codedFrame{arrived: after(40), completed: after(47), packets: 3}
	s.count(single, true, 3*time.Millisecond, after(20), after(5)) // due later than it was decoded
	s.count(parted, false, 4*time.Millisecond, after(41), after(60))
	if want := (ReceiverStats{
		FramesDecoded: 2, KeyFramesDecoded: 1, TotalDecodeTime: 7 * time.Millisecond, TotalProcessingDelay: 25 * time.Millisecond,
		JitterBufferDelay: 36 * time.Millisecond, JitterBufferEmittedCount: 2,
		FramesAssembledFromMultiplePackets: 1, TotalAssemblyTime: 7 * time.Millisecond,
	}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
}

func TestAPictureThatTheEncoderLeavesOutIsToldApartAndItsTimeIsNot(t *testing.T) {
	s := NewSender(SenderConfig{})
	defer s.Close()
	l := &s.layers[0]
	s.count(l, coded.Frame{Data: []byte{1}, KeyFrame: true}, 5*time.Millisecond, 2, 1500)
	s.count(l, coded.Frame{}, 3*time.Millisecond, 0, 0)
	s.count(l, coded.Frame{Data: []byte{1}}, 4*time.Millisecond, 1, 700)
	got := s.Stats()
	if want := (SenderStats{
		FramesEncoded: 2, KeyFramesEncoded: 1, FramesSent: 2, FramesDropped: 1, PacketsSent: 3, BytesSent: 2200,
		TotalEncodeTime: 12 * time.Millisecond, FramesPerSecond: got.FramesPerSecond,
	}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
