package audio

import "parley/call/opus"

// deepLook is how many packets are asked for a lost frame before them. Of those that follow a gap, the first may be copies out of RED, which
// bring nothing but themselves.
const deepLook = mostCopies + 2

// deep finds lost frames in the deep redundancy (DRED) of later packets. Where libopus has none, it finds nothing and costs nothing.
type deep struct {
	reader *opus.DRED
	loaded bool  // what the packet of ts describes
	ts     int64 // in samples since the first packet of the timeline
}

// reach says how many samples before a packet its redundancy begins.
func (d *deep) reach(payload []byte) int64 {
	d.loaded = false
	return int64(d.reader.Reach(payload))
}

// load finds one of the packets, oldest first, that describes the sound from ts on, and says how many samples before it that is. What is described
// is read once for all frames of a gap.
func (d *deep) load(packets []*packet, ts int64) (before int, ok bool) {
	if d.reader == nil {
		return 0, false
	}
	for _, p := range packets[:min(len(packets), deepLook)] {
		before := p.ts - ts
		if before > opus.MaxDRED {
			break
		}
		if d.loaded && d.ts == p.ts {
			return int(before), true
		}
		if d.reach(p.payload) >= before {
			d.reader.Load(p.payload, int(before))
			d.loaded, d.ts = true, p.ts
			return int(before), true
		}
	}
	return 0, false
}
