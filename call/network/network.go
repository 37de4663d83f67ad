// Package network tells when this machine may reach others by another way than before: an address came or went, as when a laptop changes
// from the cable to Wi-Fi or a VPN is switched on, or the machine slept, after which nothing that it knew of the network need be true.
//
// Linux and macOS tell of each change at once, and elsewhere the addresses are looked at every two seconds: a path that dies with its
// address is missed after as long, so that looking more often would gain little.
package network

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"time"

	"github.com/pion/transport/v5/netchange"
)

const (
	lookEvery = 2 * time.Second
	// settleFor is how long the addresses must stay as they are: an interface that comes up gets several, one after the other.
	settleFor  = 300 * time.Millisecond
	settleMost = 2 * time.Second
	// sleepLeast is by how much the time of day runs ahead of the time that this program ran when the machine slept.
	sleepLeast = 5 * time.Second
)

// Watch calls changed, on its own goroutine, each time that the network changed, until ctx ends. It returns when nothing of it runs any more.
// Changes that follow upon each other are told once.
func Watch(ctx context.Context, changed func()) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := watcher{addresses: addresses, hints: make(chan struct{}, 1), changed: changed}
	told := make(chan struct{})
	go func() {
		defer close(told)
		w.listen(ctx)
	}()
	w.run(ctx)
	<-told
}

type watcher struct {
	addresses func() map[netip.Prefix]bool
	hints     chan struct{} // that something may have changed
	changed   func()
}

// listen gives a hint whenever the system says that an interface or an address changed. Where it cannot say, run looks by itself.
func (w *watcher) listen(ctx context.Context) {
	detector, err := netchange.NewDetector(netchange.WithPollInterval(lookEvery))
	if err != nil {
		return
	}
	defer func() { _ = detector.Close() }()
	for {
		if _, err := detector.Check(ctx); err != nil {
			return
		}
		select {
		case w.hints <- struct{}{}:
		default:
		}
	}
}

func (w *watcher) run(ctx context.Context) {
	known := w.addresses()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	settled := time.NewTimer(time.Hour)
	defer settled.Stop()
	var unsettled, last time.Time // since when, or never; when the clocks were compared
	last = time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.hints:
			if unsettled.IsZero() {
				unsettled = time.Now()
			}
			settled.Reset(min(settleFor, max(0, settleMost-time.Since(unsettled))))
		case <-settled.C:
			unsettled = time.Time{}
			if now := w.addresses(); !maps.Equal(known, now) {
				known = now
				w.changed()
			}
		case now := <-tick.C:
			if slept(now.Round(0).Sub(last.Round(0)), now.Sub(last)) {
				known = w.addresses()
				w.changed()
			} else if unsettled.IsZero() && !maps.Equal(known, w.addresses()) {
				unsettled = now
				settled.Reset(settleFor)
			}
			last = now
		}
	}
}

// slept says whether the machine slept between two looks, from the time of day that went by and from the time that the program ran. Some systems
// count sleep as running: then a look comes far too late.
func slept(ofDay, running time.Duration) bool {
	return ofDay-running > sleepLeast || running > lookEvery+2*sleepLeast
}

// addresses returns where this machine can be reached by others, as far as its interfaces know.
func addresses() map[netip.Prefix]bool {
	all := map[netip.Prefix]bool{}
	interfaces, err := net.Interfaces()
	if err != nil {
		return all
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagRunning == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		of, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range of {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().IsGlobalUnicast() {
				all[p] = true
			}
		}
	}
	return all
}
