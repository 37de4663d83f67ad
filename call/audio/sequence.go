package audio

import "math"

// maxSeqStep is the distance of sequence numbers beyond which the sender is taken to have started afresh (RFC 3550
// appendix A.1).
const maxSeqStep = 3000

// sequence counts lost packets by their sequence numbers, as RFC 3550 section 6.4.1 defines it: those expected
// less those received, where one that came twice counts as two.
type sequence struct {
	started  bool
	highest  uint16
	expected int64
	received int64
}

func (s *sequence) add(seq uint16) {
	s.received++
	step := int64(int16(seq - s.highest))
	switch {
	case !s.started, step > maxSeqStep || step < -maxSeqStep:
		s.started, s.highest = true, seq
		s.expected++
	case step > 0:
		s.highest = seq
		s.expected += step
	}
}

// restart says that the numbers to come have nothing to do with those before.
func (s *sequence) restart() { s.started = false }

func (s *sequence) lost() int64 { return s.expected - s.received }

// seenWindow is how many of the last packets are known one by one.
const seenWindow = 64

// seen remembers which of the last packets of a person are there, as themselves or as copies.
type seen struct {
	started bool
	highest uint16
	bits    uint64 // bit n is that of highest-n
}

// add remembers a packet, and says whether it was there already.
func (s *seen) add(seq uint16) (again bool) {
	step := int(int16(seq - s.highest))
	switch {
	case !s.started: // what was before it is nothing that was lost, though copies of it may come
		*s = seen{started: true, highest: seq, bits: math.MaxUint64}
	case step >= seenWindow, step < -maxSeqStep:
		*s = seen{started: true, highest: seq, bits: 1}
	case step > 0:
		s.highest, s.bits = seq, s.bits<<step|1
	case step > -seenWindow:
		again = s.bits&(1<<-step) != 0
		s.bits |= 1 << -step
	}
	return again
}

// missing says whether a packet is one of the last, and not there.
func (s *seen) missing(seq uint16) bool {
	back := int(int16(s.highest - seq))
	return s.started && back > 0 && back < seenWindow && s.bits&(1<<back) == 0
}
