package video

import (
	"testing"
	"time"

	"parley/call/payload"
)

// bufferOf returns a buffer with a packet for each letter: K begins a key frame, k one that this packet ends too, F begins another frame, m is in the
// middle of one, e its end, and one that is missing is a space. Frames are told apart by their times.
func bufferOf(packets string, now time.Time) *buffer {
	b := new(buffer)
	timestamp := uint32(0)
	for i, letter := range packets {
		if letter == ' ' {
			continue
		}
		start := letter == 'K' || letter == 'k' || letter == 'F'
		if start && letter != 'K' {
			timestamp += 3000
		}
		b.insert(&packet{
			sequence: uint16(i), timestamp: timestamp, size: 1, arrived: now, marker: letter == 'k' || letter == 'e', codec: &codecs[0],
			part: payload.Part{Start: start, KeyFrame: letter == 'K' || letter == 'k', Data: []byte{0}},
		})
	}
	return b
}

func TestTheFirstWholeKeyFrameBehindAGapIsFound(t *testing.T) {
	for packets, want := range map[string]int64{
		"F  k":        3,
		"F  FmKmk":    7, // the first one breaks off
		"F  Kmm memk": 10,
		"F  KKKKK":    0, // none has come to its end
		"F  KKKKe":    3,
		"F  KKK KKe":  7,
		"F  FmeFme":   0,
	} {
		b := bufferOf(packets, time.Unix(1, 0))
		first := b.end - int64(len(packets))
		at, due := b.wholeKeyFrameAfter(first + 1)
		if want != 0 && at-first != want || due.IsZero() != (want == 0) {
			t.Errorf("%q: at %d, due %v, want %d", packets, at-first, due, want)
		}
	}
}

// BenchmarkKeyFramesThatNeverEnd looks for a whole key frame where one begins with each packet.
func BenchmarkKeyFramesThatNeverEnd(b *testing.B) {
	packets := []byte("F ")
	for len(packets) < bufferSize-1 {
		packets = append(packets, 'K')
	}
	in := bufferOf(string(packets), time.Unix(1, 0))
	for b.Loop() {
		in.wholeKeyFrameAfter(in.end - int64(len(packets)) + 1)
	}
}
