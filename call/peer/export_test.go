package peer

import (
	"slices"

	"github.com/pion/webrtc/v4"
)

// ControlOpen says whether the data channel to the other side is open.
func (c *Conn) ControlOpen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current != nil && c.current.control.ReadyState() == webrtc.DataChannelStateOpen
}

// NewPeerConnection makes a connection without a Conn.
func (a *API) NewPeerConnection() (*webrtc.PeerConnection, error) {
	return a.Connect(webrtc.Configuration{})
}

// Connect makes one with that configuration.
func (a *API) Connect(config webrtc.Configuration) (*webrtc.PeerConnection, error) {
	pc, _, err := a.connect(config, false, newGuard())
	return pc, err
}

// Links returns how many connections there are, and the session of the one in use.
func (c *Conn) Links() (n int, session string) {
	done := make(chan struct{})
	c.post(func() {
		defer close(done)
		for _, l := range []*link{c.link, c.next, c.former} {
			if l != nil {
				n++
			}
		}
		if c.link != nil {
			session = c.link.session
		}
	})
	select {
	case <-done:
	case <-c.done:
	}
	return n, session
}

// Sections returns how many sections the connection in use has come to have.
func (c *Conn) Sections() (n int) {
	if l := c.inUse(); l != nil {
		n = len(l.pc.GetTransceivers())
	}
	return n
}

// MaxSections is how many sections one description may have.
const MaxSections = maxSections

// RebuildsAMinute is how many connections the other side may ask for.
const RebuildsAMinute = rebuildsAMinute

// TriedInVain notes that a connection was tried for long and found no path: the next one is tried by whatever there is.
func (c *Conn) TriedInVain() { c.post(func() { c.fruitless = true }) }

// Listens says whether a port is open at which connections may come in by TCP.
func (a *API) Listens() bool { return a.listener.open() != nil }

// RemoteCandidates returns the protocols of the other side's addresses that are tried on the connection in use.
func (c *Conn) RemoteCandidates() (protocols []string) {
	if l := c.inUse(); l != nil {
		for _, s := range l.pc.GetStats() {
			if candidate, ok := s.(webrtc.ICECandidateStats); ok && candidate.Type == webrtc.StatsTypeRemoteCandidate {
				protocols = append(protocols, candidate.Protocol)
			}
		}
	}
	slices.Sort(protocols)
	return protocols
}
