package congestion

import "time"

// meter counts bytes in slots of time, to tell the rate of the last moments. The zero value is ready. Time may stand still, and small
// steps back are taken for that; after a long step it begins anew.
type meter struct {
	slots [slotCount]int
	last  int64 // the newest slot
	first int64 // the oldest that was counted
	begun bool
}

const (
	slotLength = 25 * time.Millisecond
	slotCount  = 48 // 1.2 s
)

func (m *meter) add(at time.Duration, bytes int) {
	slot := int64(at / slotLength)
	if !m.begun || slot-m.last > 10*slotCount || m.last-slot > slotCount/2 {
		*m = meter{begun: true, last: slot, first: slot}
	}
	for ; m.last < slot; m.last++ {
		*m.slot(m.last + 1) = 0
	}
	*m.slot(m.last) += bytes
}

// rate returns the bit rate of the window before now, and false when less than that is known.
func (m *meter) rate(now, window time.Duration) (float64, bool) {
	n := int64(window / slotLength)
	end := int64(now / slotLength) // this slot is not over yet
	if !m.begun || end-n < m.first {
		return 0, false
	}
	bytes := 0
	for i := max(end-n, m.last-slotCount+1); i < end && i <= m.last; i++ {
		bytes += *m.slot(i)
	}
	return float64(8*bytes) / (time.Duration(n) * slotLength).Seconds(), true
}

// recent is rate over as much of the window as is known; 0 where that is nothing.
func (m *meter) recent(now, window time.Duration) float64 {
	if m.begun {
		window = min(window, time.Duration(int64(now/slotLength)-m.first)*slotLength)
	}
	if window < slotLength {
		return 0
	}
	rate, _ := m.rate(now, window)
	return rate
}

// slot returns the counter of a slot, whose number is below 0 where a peer's clock is absurd.
func (m *meter) slot(n int64) *int { return &m.slots[(n%slotCount+slotCount)%slotCount] }
