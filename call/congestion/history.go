package congestion

import "time"

// historySize is in packets: four seconds of 5 Mbit/s. What is older is of no interest when it is reported.
const historySize = 2048

// fate is what is known of a packet.
type fate uint8

const (
	unknown fate = iota
	lost
	received
)

// record is one packet that was sent.
type record struct {
	number  int64         // counts without wrapping
	at      time.Duration // that was lived
	stood   time.Duration // that was not, until then
	before  int64         // bytes that were sent before it, in all
	size    int
	cluster int // of the probe that it was part of; 0 is none
	kind    Kind
	fate    fate
}

// real returns when it was sent by the clock.
func (r *record) real() time.Duration { return r.at + r.stood }

// history remembers what was sent under which number.
type history struct {
	records [historySize]record
	next    int64 // number of the next packet
	bytes   int64 // of all so far
}

// add notes a packet and returns its number.
func (h *history) add(r record) int64 {
	r.number, r.before = h.next, h.bytes
	h.bytes += int64(r.size)
	h.records[r.number%historySize] = r
	h.next++
	return r.number
}

// find returns the packet with that number, or nil when it was never sent or is too long ago.
func (h *history) find(number int64) *record {
	if number < 0 || number >= h.next || number < h.next-historySize {
		return nil
	}
	return &h.records[number%historySize]
}

// unwrap returns the number of those that were sent lately which has these lower bits.
func (h *history) unwrap(sequence uint16) int64 {
	last := h.next - 1
	return last - int64(uint16(last)-sequence)
}
