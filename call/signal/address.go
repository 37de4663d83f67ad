package signal

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// DefaultPort is where a Parley server listens unless it is told otherwise.
const DefaultPort = "1337"

// ParseURL returns the WebSocket address of a server, from what people write or paste:
//
//	ws://HOST[:PORT][/ws], wss://…       as it is
//	http://HOST[:PORT], https://…        ws and wss
//	HOST[:PORT]                          wss, for a name of the Internet
//	HOST[:PORT]                          ws, port 1337 if none is given, for an IP address, localhost, a name under .local, or
//	                                     one without a dot: such hosts cannot have a certificate that others trust
//
// The error wraps ErrBadAddress and is a sentence for the user.
func ParseURL(s string) (string, error) {
	u, err := parseHost(strings.TrimSpace(s))
	if err != nil {
		return "", err
	}
	if u.Path != "" && u.Path != "/" && u.Path != "/ws" {
		return "", badAddress(s, "a server's address ends with the host, or with /ws")
	}
	return u.Scheme + "://" + u.Host + "/ws", nil
}

// ParseLink takes a link to a room apart: parley://HOST[:PORT]/ROOM, or https://HOST[:PORT]/ROOM. The server comes as ParseURL returns
// it. The error wraps ErrBadAddress or ErrBadRoom and is a sentence for the user.
func ParseLink(s string) (server, room string, err error) {
	s = strings.TrimSpace(s)
	rest := s
	if scheme, after, ok := strings.Cut(s, "://"); ok && strings.EqualFold(scheme, "parley") {
		rest = after
	} else if !ok {
		return "", "", badAddress(s, "a link begins with parley:// or https://")
	}
	u, err := parseHost(rest)
	if err != nil {
		return "", "", err
	}
	room = strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/")
	if room == "" {
		return "", "", fmt.Errorf("%w: the link %.80q names no room", ErrBadRoom, s)
	}
	if err := CheckRoom(room); err != nil {
		return "", "", err
	}
	return u.Scheme + "://" + u.Host + "/ws", room, nil
}

// IsLink reports whether s is meant as a link rather than as the name of a room.
func IsLink(s string) bool { return strings.Contains(s, "://") }

// Link returns a link to a room, from which ParseLink gets the server, as ParseURL returned it, and the room back. It begins with parley://
// where that says how to reach the server, and with http:// or https:// where not.
func Link(server, room string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	path := "/" + url.PathEscape(room)
	if bare, err := ParseURL(u.Host); err == nil && bare == server {
		return "parley://" + u.Host + path
	}
	return map[string]string{"ws": "http", "wss": "https"}[u.Scheme] + "://" + u.Host + path
}

// parseHost returns a URL with scheme ws or wss, a host that can be dialled, and the path that was there.
func parseHost(s string) (*url.URL, error) {
	if s == "" {
		return nil, fmt.Errorf("%w: it is empty", ErrBadAddress)
	}
	if ip, err := netip.ParseAddr(s); err == nil && ip.Is6() {
		s = "[" + s + "]"
	}
	bare := !strings.Contains(s, "://")
	full := s
	if bare {
		full = "wss://" + s
	}
	u, err := url.Parse(full)
	if err != nil {
		return nil, badAddress(s, "it cannot be read as one")
	}
	switch u.Scheme {
	case "ws", "wss":
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	default:
		return nil, badAddress(s, "it begins with wss:// or https://, or ws:// or http:// where there is no encryption")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, badAddress(s, "it has more than a host, a port and a path")
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if !isHost(host) {
		return nil, badAddress(s, "the host's name cannot be one")
	}
	if strings.HasSuffix(u.Host, ":") {
		return nil, badAddress(s, "the port is missing after the colon")
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return nil, badAddress(s, "a port is a number from 1 to 65535")
	}
	if bare && isLocal(host) {
		u.Scheme = "ws"
		if port == "" {
			port = DefaultPort
		}
	}
	u.Host = host
	if strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	}
	if port != "" {
		u.Host = net.JoinHostPort(host, port)
	}
	return u, nil
}

func badAddress(s, why string) error {
	return fmt.Errorf("%w: %.80q: %s", ErrBadAddress, s, why)
}

// isHost reports whether host is an IP address or could be a name in the DNS.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return !strings.Contains(host, "%") // a zone means something else on each machine
	}
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// isLocal reports whether the host is one for which nobody can get a certificate.
func isLocal(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".localhost")
}
