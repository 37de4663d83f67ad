package peer

import (
	"time"

	"github.com/pion/rtp"
)

// incoming looks at the way from the peer to this side: how much comes by it, and whether packets wait there for one another. Of the way that it
// sends by, Parley's controller knows that; this is for a peer whose controller is slow to see a path become narrower, or slow to see it become wider, as those
// of browsers are. A peer that does not say when its packets are sent, as a Parley does not, is only counted. The zero value is ready. It is used with
// the lock of its arrivals held.
//
// How long a packet was under way is known up to a constant, from when it was sent by the peer's clock
// (https://webrtc.googlesource.com/src/+/main/docs/native-code/rtp-hdrext/abs-send-time/README.md) and when it came. The quickest of the last seconds stands
// for a way that is free.
type incoming struct {
	heard  heard
	begun  bool
	newest uint16 // number of a packet

	timed   bool
	epoch   time.Time        // when the first that said it came: the wall clock may be set meanwhile
	said    uint64           // of the latest packet
	clock   time.Duration    // of the peer at that, from some moment on
	quick   [2]time.Duration // of the last seconds, and of those before
	renewed time.Time        // when quick[0] was begun

	pace  pace
	jam   jam
	trial lossTrial
}

// arrival is a packet that came.
type arrival struct {
	number  uint16
	size    int                      // of RTP
	picture bool                     // it is one of video
	timed   bool                     // it says when it was sent:
	sent    rtp.AbsSendTimeExtension // then
}

const (
	// quickFor is for how long at the least the quickest packet counts; clocks drift, and paths change.
	quickFor = 5 * time.Second
	// farOff is by how many packets a number may differ from the newest.
	farOff = 1000
)

// note takes a packet that came, and says whether the way has become narrow with it.
func (i *incoming) note(p arrival, now time.Time) (narrow bool) {
	i.heard.packets++
	i.heard.bytes += p.size
	if p.picture {
		i.heard.pictures += p.size
	}
	switch step := i.ahead(p.number); {
	case !i.begun || max(step, -step) > farOff:
		i.begun, i.newest = true, p.number
	case step > 0:
		i.heard.lost += step - 1
		i.jam.miss(step - 1)
		i.newest = p.number
	default: // it was overtaken
		i.heard.lost = max(0, i.heard.lost-1)
		i.jam.miss(-1)
	}
	i.pace.note(p.size, now)
	if !p.timed {
		return false
	}
	late := i.time(p.sent.Timestamp, now)
	i.heard.time(p.size, late)
	return i.jam.note(late, p.size, i.pace.usual(), now)
}

// ahead returns by how many packets a number is ahead of the newest.
func (i *incoming) ahead(number uint16) int { return int(int16(number - i.newest)) }

// time takes when the latest packet was sent, which it says in 6.18 bits of seconds, and returns how much later it came than the quickest did.
func (i *incoming) time(said uint64, now time.Time) (late time.Duration) {
	const unused = 64 - 24 // bits
	i.clock += time.Duration(int64((said-i.said)<<unused)>>unused) * time.Second >> 18
	i.said = said
	if !i.timed {
		i.epoch = now
	}
	took := now.Sub(i.epoch) - i.clock
	if !i.timed {
		i.timed, i.quick, i.renewed = true, [2]time.Duration{took, took}, now
	}
	if now.Sub(i.renewed) > quickFor {
		i.quick, i.renewed = [2]time.Duration{took, i.quick[0]}, now
	}
	i.quick[0] = min(i.quick[0], took)
	return took - min(i.quick[0], i.quick[1])
}

// pace is the rate at which packets come, or go, second by second. The zero value is ready.
type pace struct {
	began time.Time // the second that goes by
	bytes int       // in it
	rates [2]float64
}

func (p *pace) note(size int, now time.Time) {
	if p.began.IsZero() {
		p.began = now
	}
	if lasted := now.Sub(p.began); lasted >= time.Second {
		p.rates = [2]float64{float64(8*p.bytes) / lasted.Seconds(), p.rates[0]}
		p.began, p.bytes = now, 0
	}
	p.bytes += size
}

// usual returns the bit/s of the better one of the last two seconds; 0 in the first.
func (p *pace) usual() float64 { return max(p.rates[0], p.rates[1]) }

// second returns what came within the second that has just gone by.
func (i *incoming) second(now time.Time) heard {
	h := i.heard
	i.heard = heard{}
	if i.timed {
		i.trial.note(h, now)
	}
	return h
}

// discreet says whether nothing is to be said to the peer of what was lost.
func (i *incoming) discreet() bool { return i.jam.on || i.trial.forgives }

// ceiling returns what the peer is to be told now that it may send at the most, in bit/s; false is nothing.
func (i *incoming) ceiling(now time.Time) (bitRate float64, ok bool) {
	if bitRate, ok = i.jam.ceiling(now); !ok {
		bitRate, ok = i.trial.ceiling(now)
	}
	return max(bitRate, ceilingFloor), ok
}

const (
	ceilingFloor = 60_000 // bit/s: sound
	ceilingNone  = 1e9    // bit/s
	// ceilingEnds is for how long the peer is told that there is none any more: to tell it once may get lost.
	ceilingEnds = time.Second
)

// heard is what came of a peer in some time.
type heard struct {
	bytes, pictures int // of RTP, all and of video; repairs are among them
	packets, lost   int
	waited          int // packets that were late by more than freeWay
	bySize          [sizes]sized
}

// sized is what came of packets of about the same size.
type sized struct {
	packets int
	late    time.Duration // the least
}

const (
	// freeWay is by how much packets may be late where none waits for another: the time that a large one takes on a path of 400 kbit/s.
	freeWay     = 25 * time.Millisecond
	waitedShare = 0.05 // of the packets, that may be later where nothing waits

	sizes    = 16
	sizeStep = 100                    // bytes
	sizeFew  = 3                      // packets, that say nothing
	exactly  = 300 * time.Microsecond // to which times are known
)

// time takes how late a packet was.
func (h *heard) time(size int, late time.Duration) {
	if late > freeWay {
		h.waited++
	}
	s := &h.bySize[min(size/sizeStep, sizes-1)]
	if s.packets == 0 || late < s.late {
		s.late = late
	}
	s.packets++
}

// rate returns bit/s, where it is what came within a second.
func (h *heard) rate() float64 { return float64(8 * h.bytes) }

// loss returns the share of the packets that were lost, 0 to 1.
func (h *heard) loss() float64 { return float64(h.lost) / float64(max(1, h.packets+h.lost)) }

// waits says whether packets wait on the way.
func (h *heard) waits() bool { return float64(h.waited) > waitedShare*float64(h.packets) }

// width returns how many bit/s the way passes at the most, and 0 where that cannot be told: a large packet takes longer than a small one by the time in which the
// narrowest link passes the difference, when neither has to wait.
func (h *heard) width() float64 {
	small, large := -1, -1
	for n := range h.bySize {
		if h.bySize[n].packets < sizeFew {
			continue
		}
		if small < 0 {
			small = n
		}
		large = n
	}
	if large < small+2 {
		return 0
	}
	bytes, longer := (large-small)*sizeStep, h.bySize[large].late-h.bySize[small].late
	return float64(8*bytes) / max(longer, exactly).Seconds()
}
