package signal_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"parley/call/signal"
)

func TestAnAddressIsTakenAsPeopleWriteIt(t *testing.T) {
	for in, want := range map[string]string{
		"ws://192.168.1.5:1337/ws":    "ws://192.168.1.5:1337/ws",
		"wss://call.example.com/ws":   "wss://call.example.com/ws",
		" HTTPS://Call.Example.com/ ": "wss://call.example.com/ws",
		"http://call.example.com:80":  "ws://call.example.com:80/ws",
		"call.example.com":            "wss://call.example.com/ws",
		"call.example.com:8443/ws":    "wss://call.example.com:8443/ws",
		"192.168.1.5":                 "ws://192.168.1.5:1337/ws",
		"192.168.1.5:4000":            "ws://192.168.1.5:4000/ws",
		"localhost":                   "ws://localhost:1337/ws",
		"desk.local":                  "ws://desk.local:1337/ws",
		"desk:4000":                   "ws://desk:4000/ws",
		"::1":                         "ws://[::1]:1337/ws",
		"[2001:db8::1]:4000":          "ws://[2001:db8::1]:4000/ws",
		"https://[2001:db8::1]":       "wss://[2001:db8::1]/ws",
	} {
		if got, err := signal.ParseURL(in); err != nil || got != want {
			t.Errorf("ParseURL(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	for _, in := range []string{
		"", " ", "ftp://host", "parley://host/room", "ws://", "ws:///ws", "host name", "ho!st.com", "a..b", "host:", "host:0", "host:65536", "host:x",
		"https://host/room", "https://user@host", "https://host/?x", "https://host/ws#x", "[::1", "fe80::1%eth0", "überall.de", "x\x00y",
	} {
		got, err := signal.ParseURL(in)
		if !errors.Is(err, signal.ErrBadAddress) {
			t.Errorf("ParseURL(%q) = %q, %v; want ErrBadAddress", in, got, err)
		} else if strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("ParseURL(%q): the error is not one line: %q", in, err)
		}
	}
}

func TestALinkLeadsToARoom(t *testing.T) {
	for in, want := range map[string][2]string{
		"parley://192.168.1.5/standup":             {"ws://192.168.1.5:1337/ws", "standup"},
		"PARLEY://call.example.com:8443/a%20b":     {"wss://call.example.com:8443/ws", "a b"},
		"https://call.example.com/%E6%9D%8E/":      {"wss://call.example.com/ws", "李"},
		"http://call.example.com:1337/100%25+sure": {"ws://call.example.com:1337/ws", "100%+sure"},
	} {
		server, room, err := signal.ParseLink(in)
		if err != nil || server != want[0] || room != want[1] {
			t.Errorf("ParseLink(%q) = %q, %q, %v; want %q", in, server, room, err, want)
		}
	}
	for in, want := range map[string]error{
		"standup":               signal.ErrBadAddress,
		"parley:///standup":     signal.ErrBadAddress,
		"mailto://host/standup": signal.ErrBadAddress,
		"parley://host":         signal.ErrBadRoom,
		"parley://host/":        signal.ErrBadRoom,
		"parley://host/a/b":     signal.ErrBadRoom,
		"parley://host/a%2Fb":   signal.ErrBadRoom,
		"parley://host/a%0Ab":   signal.ErrBadRoom,
	} {
		if server, room, err := signal.ParseLink(in); !errors.Is(err, want) {
			t.Errorf("ParseLink(%q) = %q, %q, %v; want %v", in, server, room, err, want)
		}
	}
}

func TestALinkThatWasMadeLeadsBack(t *testing.T) {
	for _, address := range []string{"192.168.1.5", "192.168.1.5:4000", "call.example.com", "ws://call.example.com:1337", "wss://192.168.1.5", "[::1]:4000", "localhost"} {
		server, err := signal.ParseURL(address)
		if err != nil {
			t.Fatal(err)
		}
		for _, room := range []string{"standup", "a b", "100% sure?", "#1", "李雷", "a:b@c"} {
			link := signal.Link(server, room)
			if s, r, err := signal.ParseLink(link); err != nil || s != server || r != room {
				t.Errorf("%s of %s and %q leads to %s and %q, %v", link, server, room, s, r, err)
			}
		}
	}
	if got := signal.Link("ws://192.168.1.5:1337/ws", "standup"); got != "parley://192.168.1.5:1337/standup" {
		t.Errorf("Link = %s", got)
	}
}

func TestAnICEServerIsTakenAsOnTheCommandLine(t *testing.T) {
	for in, want := range map[string]signal.ICEServer{
		"stun:stun.example.com:3478":               {URLs: []string{"stun:stun.example.com:3478"}},
		"turn:ada:pa:ss@w@turn.example.com:3478":   {URLs: []string{"turn:turn.example.com:3478"}, Username: "ada", Credential: "pa:ss@w"},
		"turns:ada:p@[2001:db8::1]?transport=tcp":  {URLs: []string{"turns:[2001:db8::1]?transport=tcp"}, Username: "ada", Credential: "p"},
		"TURN:1700000000:ada@h:3478?transport=udp": {URLs: []string{"turn:h:3478?transport=udp"}, Username: "1700000000", Credential: "ada"},
	} {
		got, err := signal.ParseICEServer(in)
		if err != nil || len(got.URLs) != 1 || got.URLs[0] != want.URLs[0] || got.Username != want.Username || got.Credential != want.Credential {
			t.Errorf("ParseICEServer(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "stun:", "http://x", "turn:host", "turn:user@host", "turn:u:secret@", "turn:u:secret@h:0", "stun:h?transport=tcp", "turn:u:secret@h?x", "stun:a b"} {
		if got, err := signal.ParseICEServer(in); !errors.Is(err, signal.ErrBadICE) || strings.Contains(err.Error(), "secret") {
			t.Errorf("ParseICEServer(%q) = %+v, %v; want ErrBadICE, without the password", in, got, err)
		}
	}
}

func TestAnAddressOfAnotherMachineIsNotOurs(t *testing.T) {
	for ip, want := range map[string]bool{"127.0.0.1": true, "::1": true, "203.0.113.77": false, "2001:db8::77": false} {
		if got := signal.HasAddress(&net.TCPAddr{IP: net.ParseIP(ip), Port: 1}); got != want {
			t.Errorf("%s: %v, want %v", ip, got, want)
		}
	}
}
