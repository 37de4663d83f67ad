package audio

import (
	"sync"
	"time"
)

// captureDepth is how many blocks may wait for the encoder: 160 ms, many times what encoding takes.
const captureDepth = 16

// block is 10 ms of the microphone.
type block struct {
	samples  [Channels * BlockSize]int16
	captured time.Time // when the last of it was heard
	muted    bool      // the user was muted then
	hardware bool      // a microphone heard it; what a test source plays is sent as it is
	fast     float64   // by how much the clock of the microphone is fast, as a share
	lost     int64     // samples missing before it, since the queue was full
}

// captureQueue takes blocks from the device's thread to the encoder's goroutine. The device's thread never waits for the
// encoder: both hold the lock for the copy of one block only, and a full queue loses its oldest block.
type captureQueue struct {
	ready chan struct{} // holds a token when there may be a block

	mu      sync.Mutex
	blocks  [captureDepth]block
	head, n int
	dropped int64 // samples
}

func newCaptureQueue() *captureQueue {
	return &captureQueue{ready: make(chan struct{}, 1)}
}

// put copies a block of BlockSize samples of each channel; others are not ours to understand, and are counted as dropped.
func (q *captureQueue) put(samples []int16, captured time.Time, muted, hardware bool, fast float64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(samples) != Channels*BlockSize {
		q.dropped += int64(len(samples) / Channels)
		return
	}
	if q.n == captureDepth {
		lost := q.blocks[q.head].lost + BlockSize
		q.head = (q.head + 1) % captureDepth
		q.n--
		q.blocks[q.head].lost += lost
		q.dropped += BlockSize
	}
	b := &q.blocks[(q.head+q.n)%captureDepth]
	copy(b.samples[:], samples)
	b.captured, b.muted, b.hardware, b.fast, b.lost = captured, muted, hardware, fast, 0
	q.n++
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take moves the oldest block to b, and says whether there was one.
func (q *captureQueue) take(b *block) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return false
	}
	*b = q.blocks[q.head]
	q.head = (q.head + 1) % captureDepth
	q.n--
	return true
}

func (q *captureQueue) droppedSamples() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}
