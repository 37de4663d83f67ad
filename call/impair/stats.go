package impair

import "time"

// Stats count what happened to packets since the pipe was made. Each packet that went in is in flight, or in one of PacketsBlack,
// PacketsLost, PacketsOverflowed and, with the duplicates, PacketsOut.
type Stats struct {
	PacketsIn, BytesIn   uint64
	PacketsOut, BytesOut uint64

	PacketsBlack      uint64 // of PacketsIn, dropped by a black-out
	PacketsLost       uint64 // dropped by bad luck
	PacketsOverflowed uint64 // dropped because the queue was full
	PacketsReordered  uint64 // held back
	PacketsDuplicated uint64 // that come twice

	BytesBeside uint64 // that passed of downloads

	Queue      time.Duration // that the latest packet waits for its turn
	QueueMost  time.Duration // that any did
	QueueTotal time.Duration // of all those that were not dropped
}

// wait notes how long a packet waits for its turn.
func (s *Stats) wait(d time.Duration) {
	s.Queue, s.QueueMost = d, max(s.QueueMost, d)
	s.QueueTotal += d
}

// plus adds the counts of two pipes. The queue is the longer one.
func (s Stats) plus(o Stats) Stats {
	s.PacketsIn += o.PacketsIn
	s.BytesIn += o.BytesIn
	s.PacketsOut += o.PacketsOut
	s.BytesOut += o.BytesOut
	s.PacketsBlack += o.PacketsBlack
	s.PacketsLost += o.PacketsLost
	s.PacketsOverflowed += o.PacketsOverflowed
	s.PacketsReordered += o.PacketsReordered
	s.PacketsDuplicated += o.PacketsDuplicated
	s.BytesBeside += o.BytesBeside
	s.Queue, s.QueueMost = max(s.Queue, o.Queue), max(s.QueueMost, o.QueueMost)
	s.QueueTotal += o.QueueTotal
	return s
}
