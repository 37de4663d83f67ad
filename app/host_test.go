package app

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"go.uber.org/goleak"
)

func newHost(port int) *host { return &host{log: slog.New(slog.DiscardHandler), want: port} }

func TestTheHostIsReachedFromThisMachineAloneUntilItIsShared(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent()) // Fyne has some from the start
	h := newHost(0)
	defer h.close()
	address, err := h.start()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if _, shared := h.address(); u.Hostname() != "127.0.0.1" || shared {
		t.Errorf("before it is shared the host is at %s (shared: %v)", u.Host, shared)
	}
	if again, err := h.start(); err != nil || again != address {
		t.Errorf("a second start leads to %s, %v", again, err)
	}
	outside, err := lanAddress()
	if err != nil {
		t.Skip("this machine is on no network")
	}
	public := net.JoinHostPort(outside, u.Port())
	if c, err := net.Dial("tcp", public); err == nil {
		c.Close()
		t.Fatal("the host can be reached from the network before it is shared")
	}
	if err := h.share(); err != nil {
		t.Fatal(err)
	}
	if address, shared := h.address(); address != public || !shared || !isParley(public) {
		t.Errorf("after it was shared the host says that it is at %s (shared: %v), and is there: %v", address, shared, isParley(public))
	}
}

func TestASecondProgramOnTheMachineUsesTheFirstOnesHost(t *testing.T) {
	first := newHost(0)
	defer first.close()
	one, err := first.start()
	if err != nil {
		t.Fatal(err)
	}
	second := newHost(first.port)
	defer second.close()
	if two, err := second.start(); err != nil || two != one {
		t.Errorf("the second program's host is at %s (%v), want %s", two, err, one)
	}
	if err := second.share(); !errors.Is(err, errOtherHost) {
		t.Errorf("the second program opened the first one's call to others: %v", err)
	}
}

func TestAHostGoesToAnotherPortWhereSomethingElseIs(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	taken := other.Listener.Addr().(*net.TCPAddr).Port
	h := newHost(taken)
	defer h.close()
	if address, err := h.start(); err != nil || h.port == taken {
		t.Errorf("the host is at %s (%v)", address, err)
	}
}

func TestAnotherServerIsNotTakenForParley(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if isParley(other.Listener.Addr().String()) {
		t.Error("a web server passes for Parley")
	}
}
