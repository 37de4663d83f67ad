package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/call/signal/server"
	"parley/call/signal/wire"
)

// host is the signaling server inside the program, for calls that need no other. It starts with the first call, and can
// then be reached from this machine alone; see [host.share].
type host struct {
	log  *slog.Logger
	want int // the port to listen on when it is free; 0 for any

	mu     sync.Mutex
	server *server.Server
	port   int // where it listens
	shared bool
	work   sync.WaitGroup
}

// errOtherHost: another program on this machine serves the call, and it alone can open it to others.
var errOtherHost = errors.New("the Parley that was started first on this computer serves this call; invite others there")

// start runs the server unless it runs, and returns the address to dial it at from this machine. When another Parley on this machine is
// the server already, that is the address: two windows on one desk meet in one room.
func (h *host) start() (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server != nil {
		return h.local(), nil
	}
	listener, err := net.Listen("tcp", loopback(h.want))
	if err != nil && isParley(loopback(h.want)) {
		h.log.Info("another Parley on this machine is the server")
		return "ws://" + loopback(h.want) + "/ws", nil
	}
	if err != nil {
		listener, err = net.Listen("tcp", loopback(0))
	}
	if err != nil {
		return "", fmt.Errorf("the server in this program could not start: %w", err)
	}
	h.port = listener.Addr().(*net.TCPAddr).Port
	h.server = server.New(server.Config{Logger: h.log})
	h.serve(listener)
	return h.local(), nil
}

// share lets other machines reach the server. It is called when the user gives the call's link to somebody, and not before: a call on one
// machine opens no port to the network.
func (h *host) share() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.shared:
		return nil
	case h.server == nil:
		return errOtherHost
	}
	address, err := lanAddress()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(h.port)))
	if err != nil {
		return fmt.Errorf("the call could not be opened to others: %w", err)
	}
	h.shared = true
	h.serve(listener)
	return nil
}

// address returns HOST:PORT as other machines dial it once the call is shared, and as this one does where it is on no network; and
// whether it is shared.
func (h *host) address() (address string, shared bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	port := h.port
	if h.server == nil {
		port = h.want // that of the other Parley on this machine
	}
	if public, err := lanAddress(); err == nil {
		return net.JoinHostPort(public, strconv.Itoa(port)), h.shared
	}
	return loopback(port), h.shared
}

// serve answers on a listener until the server closes. It is called with mu held.
func (h *host) serve(listener net.Listener) {
	h.log.Info("listening", "address", listener.Addr())
	server := h.server
	h.work.Go(func() {
		if err := server.Serve(context.Background(), listener); err != nil {
			h.log.Warn("the server in this program stopped", "err", err)
		}
	})
}

func (h *host) local() string { return "ws://" + loopback(h.port) + "/ws" }

// close tells whoever is connected that the server goes, and ends it.
func (h *host) close() {
	h.mu.Lock()
	s := h.server
	h.mu.Unlock()
	if s == nil {
		return
	}
	_ = s.Close()
	h.work.Wait()
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// isParley says whether a Parley server answers there.
func isParley(address string) bool {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + address + "/ws") // it says what it is to whoever speaks something else
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	return err == nil && strings.Contains(string(body), wire.Subprotocol)
}

// lanAddress returns the address of this machine that others are most likely to reach: the one it would reach them from.
func lanAddress() (string, error) {
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	var best net.IP
	for _, a := range interfaces {
		network, ok := a.(*net.IPNet)
		if !ok || !network.IP.IsGlobalUnicast() {
			continue
		}
		if best == nil || best.To4() == nil && network.IP.To4() != nil {
			best = network.IP
		}
	}
	if best == nil {
		return "", errors.New("this machine is on no network, so only programs on it can join")
	}
	return best.String(), nil
}
