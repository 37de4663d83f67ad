package video

import (
	"sync"
	"time"

	"parley/call/codec"
	"parley/devices/frame"
)

// Succession is the order in which several receivers show the pictures of one sender in one slot: while a connection is built anew, the track of
// the former and that of the next bring the same ones. The next takes over with its first picture that is newer than all that were shown, and from
// then on the former shows none. The zero value is ready; any goroutine may use it.
type Succession struct {
	mu     sync.Mutex // held while a picture is put out, which is quick
	holder *Receiver
	last   uint32 // the timestamp that was shown last
}

// sameSender is how far apart the timestamps of two tracks are at most if they are of one clock. Those of a sender that draws a new clock for each
// track are nearer than that once in 12,000 times, and then the next takes over that much later.
const sameSender = 2 * time.Second

// put puts a picture into the slot, if it is r's turn and the picture is newer than what was shown. The picture is released if not.
func (s *Succession) put(r *Receiver, timestamp uint32, out *frame.Slot, picture *frame.Frame) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder != nil && s.holder != r {
		ahead := since(timestamp, s.last, codec.ClockRate)
		if r.succeeded || ahead <= 0 && ahead > -sameSender {
			picture.Release()
			return false
		}
		s.holder.succeeded = true
	}
	s.holder, s.last = r, timestamp
	out.Put(picture)
	return true
}
