package signal

import (
	"fmt"
	"strings"
)

// ParseICEServer reads a STUN or TURN server as it is written on a command line:
//
//	stun:HOST[:PORT]
//	turn:USER:PASSWORD@HOST[:PORT][?transport=udp|tcp]
//
// with stuns and turns for TLS. The user's name has no colon, and the password may have anything. The URL that comes out is as
// RFC 7064 and 7065 have it, without user and password. The error wraps ErrBadICE and is a sentence for the user that does
// not repeat the password.
func ParseICEServer(s string) (ICEServer, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	scheme = strings.ToLower(scheme)
	isTURN := scheme == "turn" || scheme == "turns"
	if !ok || (!isTURN && scheme != "stun" && scheme != "stuns") {
		return ICEServer{}, badICE("it begins with stun: or turn:")
	}
	var server ICEServer
	if isTURN {
		at := strings.LastIndexByte(rest, '@')
		user, password, ok := strings.Cut(rest[:max(at, 0)], ":")
		if !ok || user == "" || password == "" {
			return ICEServer{}, badICE("a TURN server needs a user and a password: turn:USER:PASSWORD@HOST:PORT")
		}
		server.Username, server.Credential, rest = user, password, rest[at+1:]
	}
	hostPort, query, hasQuery := strings.Cut(rest, "?")
	if hasQuery && (!isTURN || (query != "transport=udp" && query != "transport=tcp")) {
		return ICEServer{}, badICE("after the question mark there can be transport=udp or transport=tcp, for TURN")
	}
	if u, err := parseHost("ws://" + hostPort); err != nil || u.Path != "" {
		return ICEServer{}, badICE("after the scheme comes HOST:PORT")
	}
	server.URLs = []string{scheme + ":" + rest}
	return server, nil
}

func badICE(why string) error {
	return fmt.Errorf("%w: %s", ErrBadICE, why)
}
