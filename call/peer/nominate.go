package peer

import (
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"
)

// Who offers takes a path when a check of it was answered (RFC 8445 section 8.1.1). Pion looks for that when it learns of an address, and otherwise each
// 200 ms, which cannot be set: whoever joins would wait as long for the first picture. So it is told of addresses at which there is nobody.
// https://github.com/pion/ice/blob/v4.4.8/agent.go#L663-L739
const (
	lookFirst = 5 * time.Millisecond // after an address of the other side came, and then twice as long each time
	looks     = 5                    // until pion looks by itself
	mostLooks = 4 * looks            // for addresses that come later; each costs a check of all that have not answered
)

// lookForAnswers has pion look soon, and again, for what has answered.
func (c *Conn) lookForAnswers(l *link) {
	d := l.pc.RemoteDescription()
	if l.looking || l.looked >= mostLooks || c.fruitless || d.Type != webrtc.SDPTypeAnswer {
		return
	}
	l.looking = true
	l.readers.Go(func() {
		wait := lookFirst
		for range looks {
			select {
			case <-time.After(wait):
			case <-l.gone:
				return
			}
			wait *= 2
			c.onBehalf(l, func() { c.look(l) })
		}
		c.onBehalf(l, func() { l.looking = false })
	})
}

func (c *Conn) look(l *link) {
	if l.path.Load() != nil {
		return
	}
	l.looked++
	if err := l.pc.AddICECandidate(nobody(l.looked)); err != nil {
		c.cfg.Logger.Debug("no look could be had", "err", err)
	}
}

// nobody returns an address at which there is nobody (RFC 6666), of a kind that is neither called nor listened to where no TCP is: both sides would have to call
// each other at once (RFC 6544 section 4.5).
func nobody(port int) webrtc.ICECandidateInit {
	return webrtc.ICECandidateInit{Candidate: fmt.Sprintf("candidate:0 1 tcp 1 100:: %d typ host tcptype so", port)}
}
