package call_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"

	"parley/call/signal/wire"
)

// mostBuffered is how many bytes may wait on the data channel: it is Ann who is to be flooded, and not Mallory's memory.
const mostBuffered = 1 << 20

// say sends a message on the data channel.
func (m *mallory) say(message string) {
	if m.control.BufferedAmount() > mostBuffered {
		return
	}
	if err := m.control.SendText(message); err != nil {
		m.wide.Add(1)
	}
}

// tell sends a signal on the data channel.
func (m *mallory) tell(s wire.Signal) {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	m.say(string(raw))
}

func (m *mallory) views(camera, screen *wire.Size) wire.Signal {
	return wire.Signal{Session: m.session, View: &wire.View{Camera: camera, Screen: screen}}
}

func addressNo(n int) string {
	return fmt.Sprintf("candidate:%d 1 udp %d 198.51.100.%d %d typ host", n, 2_000_000_000-n, n%256, 1024+n%60_000)
}

func TestWhoFloodsTheDataChannelHarmsNobodyElse(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	suffer(t, map[string]attack{
		"another size a thousand times a second": {blow: func(m *mallory, n int) {
			m.tell(m.views(&wire.Size{Width: 1 + n*37%16383, Height: 1 + n*53%16383}, &wire.Size{Width: n % 2000, Height: n % 1000}))
		}},
		"hides and shows": {blow: func(m *mallory, n int) {
			m.tell(m.views(&wire.Size{Width: n % 2 * 320, Height: n % 2 * 180}, nil))
		}},
		"large and small": {blow: func(m *mallory, n int) {
			m.tell(m.views(&wire.Size{Width: 80 + n%2*240, Height: 45 + n%2*135}, nil))
		}},
		"a limit that changes": {blow: func(m *mallory, n int) {
			m.tell(wire.Signal{Session: m.session, View: &wire.View{BitRate: []int{1, 1 << 40, 20_000, 200_000}[n%4]}})
		}},
		"too long":  {blow: func(m *mallory, n int) { m.say(strings.Repeat("x", 65_000+n%2000)) }},
		"no JSON":   {blow: func(m *mallory, n int) { m.say(string(noise(random, 1+n%2000))) }},
		"deep JSON": {blow: func(m *mallory, n int) { m.say(strings.Repeat("[", 20_000)) }},
		"what nobody knows": {blow: func(m *mallory, n int) {
			m.say(fmt.Sprintf(`{"session":%q,"dance":{"%d":[1,2,3]}}`, m.session, n))
		}},
		"numbers that are none": {blow: func(m *mallory, n int) {
			m.say(fmt.Sprintf(`{"session":%q,"view":{"camera":{"width":1e%d,"height":-1}}}`, m.session, n%400))
		}},
		"addresses": {blow: func(m *mallory, n int) {
			m.tell(wire.Signal{Session: m.session, Candidate: &wire.Candidate{Candidate: addressNo(n)}})
		}},
		"good-bye to others": {blow: func(m *mallory, n int) { m.tell(wire.Signal{Session: fmt.Sprint(n), Bye: true}) }},
		"data channels without end": {refused: true, blow: func(m *mallory, n int) {
			if n < 40 { // each costs Mallory as much
				_, _ = m.pc.CreateDataChannel(fmt.Sprint("more", n), &webrtc.DataChannelInit{})
			}
		}},
	})
}

// stuffed returns a description with as many lines put into its last section as it may have bytes.
func stuffed(text string, line func(n int) string) string {
	var b strings.Builder
	b.WriteString(text)
	for n := 0; ; n++ {
		more := line(n) + "\r\n"
		if b.Len()+len(more) > 48<<10 {
			return b.String()
		}
		b.WriteString(more)
	}
}

func TestWhoNegotiatesWithoutEndHarmsNobodyElse(t *testing.T) {
	again := func(m *mallory) string { return m.pc.LocalDescription().SDP }
	offering := func(text func(m *mallory, n int) string) attack {
		return attack{blow: func(m *mallory, n int) {
			if n%blowsAtOnce == 0 { // it is as dear for Mallory
				m.tell(m.describe("offer", text(m, n)))
			}
		}}
	}
	suffer(t, map[string]attack{
		"the same offer": offering(func(m *mallory, n int) string { return again(m) }),
		"offers of other connections": {blow: func(m *mallory, n int) {
			if n%blowsAtOnce == 0 {
				m.tell(wire.Signal{Session: fmt.Sprint("more", n), Description: &wire.Description{Type: "offer", SDP: again(m)}})
			}
		}},
		"offers through the server": {blow: func(m *mallory, n int) {
			if n%blowsAtOnce == 0 { // as fast as the server lets
				_ = m.client.Signal(m.ann, wire.Signal{Session: fmt.Sprint("more", n), Description: &wire.Description{Type: "offer", SDP: again(m)}})
			}
		}},
		"answers to nothing": {blow: func(m *mallory, n int) {
			if n%blowsAtOnce == 0 {
				m.tell(m.describe("answer", again(m)))
			}
		}},
		"thousands of streams": offering(func(m *mallory, n int) string {
			return stuffed(again(m), func(i int) string { return fmt.Sprintf("a=ssrc:%d cname:x", 1_000_000+5000*n+i) })
		}),
		"thousands of formats": offering(func(m *mallory, n int) string {
			return stuffed(again(m), func(i int) string { return fmt.Sprintf("a=rtpmap:%d VP8/90000", i%128) })
		}),
		"thousands of addresses": offering(func(m *mallory, n int) string {
			return stuffed(again(m), func(i int) string { return "a=" + addressNo(i) })
		}),
		"thousands of simulcast layers": offering(func(m *mallory, n int) string {
			return stuffed(again(m), func(i int) string { return fmt.Sprintf("a=rid:r%d send", i) })
		}),
		"hundreds of sections": offering(func(m *mallory, n int) string {
			return stuffed(again(m), func(i int) string { return fmt.Sprintf(section, i, i) })
		}),
		"sixteen sections": offering(func(m *mallory, n int) string {
			text := again(m)
			for i := range 12 {
				text += fmt.Sprintf(section, 12*n+i, 2_000_000+12*n+i) + "\r\n"
			}
			return text
		}),
	})
}

// section is one of video, of that name and stream.
const section = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:x%d\r\na=sendrecv\r\na=rtpmap:96 VP8/90000\r\na=ssrc:%d cname:x"
