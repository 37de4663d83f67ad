package peer

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/pion/webrtc/v4"
)

func TestWhoOffersTriesTheOtherSidesAddressesOneAfterTheOther(t *testing.T) {
	api, err := NewAPI(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var pcs [2]*webrtc.PeerConnection
	for i := range pcs {
		if pcs[i], err = api.NewPeerConnection(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = pcs[i].GracefulClose() })
	}
	if _, err := pcs[0].CreateDataChannel("any", nil); err != nil {
		t.Fatal(err)
	}
	agree(t, pcs[0], pcs[1])
	for i, left := range [][]int{{2, 2, 1, 0}, {0}} {
		c := &Conn{cfg: Config{Logger: slog.New(slog.DiscardHandler)}, inbox: make(chan func(), 1), ctx: t.Context()}
		l := &link{pc: pcs[i], gone: make(chan struct{})}
		for n := range 3 {
			l.untried = append(l.untried, webrtc.ICECandidateInit{Candidate: fmt.Sprintf("candidate:%d 1 udp 2130706431 192.0.2.%d 9 typ host", n, n)})
		}
		for step, want := range left {
			if step < 2 {
				c.tryNext(l) // the second one comes too soon
			} else {
				(<-c.inbox)()
			}
			if len(l.untried) != want {
				t.Errorf("side %d, step %d: %d are left, want %d", i, step, len(l.untried), want)
			}
		}
		close(l.gone)
		l.readers.Wait()
	}
}
