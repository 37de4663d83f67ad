package wire_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"parley/call/signal/wire"
)

var (
	mid   = "0"
	line  = uint16(0)
	ada   = peer("Ada", strings.Repeat("a", 32))
	state = wire.State{Microphone: true, Camera: true}
)

func peer(name, key string) wire.Peer {
	instance := wire.Instance(key)
	return wire.Peer{ID: wire.ID(instance), Name: name, Instance: instance}
}

var messages = []wire.Message{
	&wire.Join{Room: "standup", Name: "Ada", State: state, Key: wire.NewKey(), Resume: "token"},
	&wire.Leave{},
	&wire.SetState{State: state},
	&wire.Relay{To: ada.ID, Signal: wire.Signal{Session: "s1", Description: &wire.Description{Type: "offer", SDP: "v=0\r\n"}}},
	&wire.Relay{From: ada.ID, Signal: wire.Signal{Session: "s1", Candidate: &wire.Candidate{Candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", SDPMid: &mid, SDPMLineIndex: &line}}},
	&wire.Relay{To: ada.ID, Signal: wire.Signal{Session: "s1", EndOfCandidates: true}},
	&wire.Relay{To: ada.ID, Signal: wire.Signal{Session: "s1", Bye: true}},
	&wire.Relay{To: ada.ID, Signal: wire.Signal{Session: "s1", View: &wire.View{Camera: &wire.Size{Width: 640, Height: 360}, Screen: &wire.Size{}, BitRate: 1}}},
	&wire.Joined{You: ada, Peers: []wire.Peer{peer("Bob", strings.Repeat("b", 32))}, ICE: []wire.ICEServer{{URLs: []string{"stun:192.0.2.1"}}}, Resume: wire.Resume{Token: "t", Seconds: 30}, Mode: "mesh"},
	&wire.PeerJoined{Peer: ada},
	&wire.PeerUpdated{Peer: ada},
	&wire.PeerLeft{ID: ada.ID, Reason: wire.ReasonLeft},
	&wire.ICE{ICE: []wire.ICEServer{{URLs: []string{"turn:192.0.2.1"}, Username: "u", Credential: "c"}}},
	&wire.Draining{},
	&wire.Error{Code: wire.CodeRoomFull, Text: "The room is full.", Fatal: true},
}

func TestAMessageComesOutAsItWentIn(t *testing.T) {
	for _, m := range messages {
		frame, err := wire.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(frame), `{"t":"`+m.Type()+`"`) {
			t.Errorf("the type is not first in %s", frame)
		}
		got, err := wire.Decode(frame)
		if err != nil {
			t.Errorf("%s: %v", frame, err)
		} else if !reflect.DeepEqual(got, m) {
			t.Errorf("%s came out as %+v, want %+v", frame, got, m)
		}
	}
}

func TestUnknownMembersAreIgnored(t *testing.T) {
	m, err := wire.Decode([]byte(`{"t":"state","later":{"x":[1]},"state":{"camera":true,"mood":"good"}}`))
	if err != nil || !m.(*wire.SetState).State.Camera {
		t.Errorf("Decode = %+v, %v; want the camera on", m, err)
	}
}

func TestWhatIsWrongWithAFrameIsTold(t *testing.T) {
	tests := []struct {
		frame string
		want  error
	}{
		{``, wire.ErrMessage},
		{`null`, wire.ErrUnknownType},
		{`[]`, wire.ErrMessage},
		{`{"t":"jump"}`, wire.ErrUnknownType},
		{"{\"t\":\"leave\",\"x\":\"\xff\"}", wire.ErrMessage},
		{`{"t":"join","room":"a/b","name":"Ada"}`, wire.ErrBadRoom},
		{`{"t":"join","room":"a","name":" "}`, wire.ErrBadName},
		{`{"t":"join","room":"a","name":"Ada","key":"short"}`, wire.ErrMessage},
		{`{"t":"join","room":7,"name":"Ada"}`, wire.ErrMessage},
		{`{"t":"peer-joined","peer":{"id":"x","name":"Ada","instance":"x"}}`, wire.ErrMessage},
		{`{"t":"error","code":"x","text":"two\nlines"}`, wire.ErrMessage},
		{`{"t":"signal","to":"x"}`, wire.ErrSignal},
		{`{"t":"signal","d":{"session":"s","bye":true}}`, wire.ErrMessage},
		{`{"t":"signal","to":"x","d":{"session":"s"}}`, wire.ErrSignal},
		{`{"t":"signal","to":"x","d":{"bye":true}}`, wire.ErrSignal},
		{`{"t":"signal","to":"x","d":{"session":"s","bye":true,"candidate":null}}`, wire.ErrSignal},
		{`{"t":"signal","to":"x","d":{"session":"s","description":{"type":"rollback","sdp":""}}}`, wire.ErrSignal},
		{`{"t":"signal","to":"x","d":{"session":"s","candidate":7}}`, wire.ErrSignal},
		{`{"t":"signal","to":"x","d":{"session":"s","view":{"camera":{"width":-1,"height":9}}}}`, wire.ErrSignal},
		{`{"t":"signal","to":"x","d":{"session":"s","view":{"screen":{"width":1,"height":99999}}}}`, wire.ErrSignal},
		{`{"t":"signal","to":"x","d":{"session":"s","view":{"bitRate":-5}}}`, wire.ErrSignal},
		{`{"t":"signal","to":"x","d":{"session":"s","candidate":{"candidate":"` + strings.Repeat("x", wire.MaxCandidate+1) + `"}}}`, wire.ErrTooLarge},
		{`{"t":"leave","x":"` + strings.Repeat("x", wire.MaxFromHost) + `"}`, wire.ErrTooLarge},
	}
	for _, test := range tests {
		if m, err := wire.Decode([]byte(test.frame)); !errors.Is(err, test.want) {
			t.Errorf("Decode(%.100s) = %v, %v; want %v", test.frame, m, err, test.want)
		}
	}
}

func TestADescriptionThatFillsAFrameIsTooLarge(t *testing.T) {
	m := &wire.Relay{To: ada.ID, Signal: wire.Signal{Session: "s", Description: &wire.Description{Type: "offer", SDP: strings.Repeat("x", wire.MaxFrame)}}}
	if _, err := wire.Encode(m); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("Encode = %v, want ErrTooLarge", err)
	}
}

func TestTheLongestListOfPeopleFitsAFrame(t *testing.T) {
	m := &wire.Joined{You: ada}
	for range wire.MaxPeople {
		p := peer(strings.Repeat("<", wire.MaxName), wire.NewKey()) // JSON takes six bytes for each
		m.Peers = append(m.Peers, p)
		m.Left = append(m.Left, wire.PeerLeft{ID: p.ID, Reason: wire.ReasonReplaced})
	}
	frame, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if room := wire.MaxFromHost - len(frame); room < 64<<10 {
		t.Errorf("%d bytes are left for ICE servers, want 64 KiB", room)
	}
}

func TestAnEnvelopeIsOpenedWithoutReadingTheBody(t *testing.T) {
	e, err := wire.Open([]byte(` { "t" : "signal" , "x":[{"d":1},"}"], "to":"p2", "d": {not "\"}" JSON: [x]} } `))
	if err != nil {
		t.Fatal(err)
	}
	if string(e.Type) != "signal" || string(e.To) != "p2" || string(e.Body) != `{not "\"}" JSON: [x]}` {
		t.Errorf("Open = %q, %q, %q", e.Type, e.To, e.Body)
	}
}

func TestABodyCannotReachOutOfItsPlace(t *testing.T) {
	for _, frame := range []string{
		`{"t":"signal","to":"p2","d":{},"from":"p9"}`,
		`{"t":"signal","to":"p2","d":1,"from":"p9"}`,
		`{"t":"signal","to":"p2","d":{}}{}`,
		`{"t":"signal","to":"p2","d":"x"}`,
		`{"t":"signal","to":"p2","d":{"x":"}`,
		`{"t":"signal","to":"p2","d":{"x":"\`,
		`{"d":{}}`,
		"{\"t\":\"signal\",\"to\":\"p2\",\"d\":{\"x\":\"\xff\"}}",
	} {
		if e, err := wire.Open([]byte(frame)); !errors.Is(err, wire.ErrMessage) {
			t.Errorf("Open(%s) = %s, %v; want ErrMessage", frame, e.Body, err)
		}
	}
}

func TestAHeaderIsBounded(t *testing.T) {
	frame := `{"t":"signal","x":"` + strings.Repeat("x", wire.MaxHeader) + `","to":"p2","d":{}}`
	if _, err := wire.Open([]byte(frame)); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("Open = %v, want ErrTooLarge", err)
	}
}

func TestNamesThatMisleadAreRefused(t *testing.T) {
	good := []string{"Ada", "Ada Lovelace", "Åsa", "李雷", "👩‍🚀", "a.b", "7", strings.Repeat("ß", 64)}
	bad := []string{"", " ", "Ada ", "\tAda", "a\nb", "a\x00b", "Ada\u202eadA", "\u200d", "a\u2028b", "\xff", strings.Repeat("ß", 65)}
	for _, s := range good {
		if err := errors.Join(wire.CheckName(s), wire.CheckRoom(s)); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range bad {
		if err := wire.CheckName(s); !errors.Is(err, wire.ErrBadName) {
			t.Errorf("CheckName(%q) = %v, want ErrBadName", s, err)
		}
		if err := wire.CheckRoom(s); !errors.Is(err, wire.ErrBadRoom) {
			t.Errorf("CheckRoom(%q) = %v, want ErrBadRoom", s, err)
		}
	}
	for _, s := range []string{"a/b", `a\b`, ".", ".."} {
		if err := wire.CheckRoom(s); !errors.Is(err, wire.ErrBadRoom) {
			t.Errorf("CheckRoom(%q) = %v, want ErrBadRoom", s, err)
		}
	}
}

func TestAnInstanceIsTheHashOfTheKey(t *testing.T) {
	const want = "3ba3f5f43b92602683c19aee62a20342b084dd5971ddd33808d81a328879a547" // printf %032d 0 | tr 0 a | sha256sum
	got := wire.Instance(strings.Repeat("a", 32))
	if got != want {
		t.Errorf("Instance = %s, want %s", got, want)
	}
	if id := wire.ID(got); id != want[:20] {
		t.Errorf("ID = %s", id)
	}
	if a, b := wire.NewKey(), wire.NewKey(); a == b || len(a) != 32 {
		t.Errorf("NewKey = %s, then %s", a, b)
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range messages {
		frame, err := wire.Encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Add([]byte(`{"t":"signal","from":"p1","d":{"session":"s","candidate":{}}}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := wire.Decode(frame)
		if err != nil {
			if !errors.Is(err, wire.ErrMessage) && !errors.Is(err, wire.ErrUnknownType) && !errors.Is(err, wire.ErrSignal) &&
				!errors.Is(err, wire.ErrBadRoom) && !errors.Is(err, wire.ErrBadName) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		again, err := wire.Encode(m)
		if errors.Is(err, wire.ErrTooLarge) { // what JSON writes in another way can grow
			return
		}
		if err != nil {
			t.Fatalf("decoded %+v and cannot encode it: %v", m, err)
		}
		if back, err := wire.Decode(again); err != nil || back.Type() != m.Type() {
			t.Fatalf("%s became %s: %v", frame, again, err)
		}
	})
}

// FuzzOpen holds what Open promises: of a frame that is JSON, the body is JSON, and what is stamped names the true sender.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"t":"signal","to":"p2","d":{"session":"s","bye":true}}`))
	f.Add([]byte(`{"t":"signal","to":"p2","d":{"a":"\"}","b":[{},"\\"]},"from":"p9"}`))
	f.Add([]byte(`{"t":"signal","to":"p2","d":{"a":1}} `))
	f.Add([]byte(`{"\u0064":{},"t":"signal","to":"p2","d":{"from":"p9"}}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		e, err := wire.Open(frame)
		if err != nil || e.Body == nil {
			return
		}
		stamped := wire.Stamp("p1", e.Body)
		if !wire.FromPeer(stamped) {
			t.Fatalf("not recognised: %s", stamped)
		}
		if json.Valid(frame) && !json.Valid(stamped) {
			t.Fatalf("%s became %s", frame, stamped)
		}
		var got map[string]json.RawMessage
		if json.Unmarshal(stamped, &got) != nil {
			return // whoever receives it refuses it
		}
		if len(got) != 3 || string(got["from"]) != `"p1"` || string(got["t"]) != `"signal"` {
			t.Fatalf("%s became %s", frame, stamped)
		}
	})
}
