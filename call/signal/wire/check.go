package wire

import (
	"fmt"
	"strings"
	"unicode"
)

// short checks a member that is a code, a token or an id.
func short(member, s string) error {
	if len(s) > maxShort {
		return fmt.Errorf("%w: %s has %d bytes", ErrMessage, member, len(s))
	}
	return nil
}

func (m *Join) check() error {
	if err := CheckRoom(m.Room); err != nil {
		return err
	}
	if err := CheckName(m.Name); err != nil {
		return err
	}
	if m.Key != "" && !isHex(m.Key, keyLength) {
		return fmt.Errorf("%w: key must be %d lower-case hexadecimal digits", ErrMessage, keyLength)
	}
	return short("resume", m.Resume)
}

func (*Leave) check() error    { return nil }
func (*SetState) check() error { return nil }
func (*Draining) check() error { return nil }

func (m *Relay) check() error {
	if err := short("to", m.To); err != nil {
		return err
	}
	if err := short("from", m.From); err != nil {
		return err
	}
	if (m.To == "") == (m.From == "") {
		return fmt.Errorf("%w: a signal goes either to somebody or comes from somebody", ErrMessage)
	}
	return m.Signal.Check()
}

func (m *Joined) check() error {
	if len(m.Peers) > MaxPeople || len(m.Left) > MaxPeople {
		return fmt.Errorf("%w: more than %d people", ErrMessage, MaxPeople)
	}
	if err := m.You.check(); err != nil {
		return err
	}
	for i := range m.Peers {
		if err := m.Peers[i].check(); err != nil {
			return err
		}
	}
	for i := range m.Left {
		if err := m.Left[i].check(); err != nil {
			return err
		}
	}
	if err := short("resume.token", m.Resume.Token); err != nil {
		return err
	}
	return checkICE(m.ICE)
}

func (p *Peer) check() error {
	if !isHex(p.Instance, instanceLength) || p.ID != ID(p.Instance) {
		return fmt.Errorf("%w: a peer whose id and instance do not fit", ErrMessage)
	}
	return CheckName(p.Name)
}

func (m *PeerJoined) check() error  { return m.Peer.check() }
func (m *PeerUpdated) check() error { return m.Peer.check() }

func (m *PeerLeft) check() error {
	if err := short("id", m.ID); err != nil {
		return err
	}
	return short("reason", string(m.Reason))
}

func (m *ICE) check() error { return checkICE(m.ICE) }

func checkICE(servers []ICEServer) error {
	if len(servers) > maxICE {
		return fmt.Errorf("%w: %d ICE servers", ErrMessage, len(servers))
	}
	for _, s := range servers {
		if len(s.URLs) == 0 || len(s.URLs) > maxICE || len(s.Username) > maxText || len(s.Credential) > maxText {
			return fmt.Errorf("%w: an ICE server with %d URLs", ErrMessage, len(s.URLs))
		}
		for _, u := range s.URLs {
			if len(u) > maxText {
				return fmt.Errorf("%w: the URL of an ICE server has %d bytes", ErrMessage, len(u))
			}
		}
	}
	return nil
}

// check refuses what could not be shown to a user as one line.
func (m *Error) check() error {
	if len(m.Text) > maxText || strings.ContainsFunc(m.Text, unicode.IsControl) {
		return fmt.Errorf("%w: an error's text must be one line of at most %d bytes", ErrMessage, maxText)
	}
	return short("code", m.Code)
}
