package server

import (
	"log/slog"
	"time"

	"parley/call/signal/wire"
)

// Config says how a Server behaves. The zero value is good: each limit that is zero takes the default beside it.
type Config struct {
	// ICE is told to everybody who joins. See SetICE for how long it may be.
	ICE []wire.ICEServer

	// Origins lists the web pages that may connect, as browsers write them in the Origin header: "https://example.com",
	// with the port where it is not the scheme's own. "*" lets every page in. Programs send no Origin and are always let in, and so
	// are pages from this machine (http or https on localhost, 127.0.0.0/8, [::1]).
	Origins []string

	// Logger gets one line for what an operator wants to know. Nil: none.
	Logger *slog.Logger

	MaxPeople    int // in a room: 64; at most wire.MaxPeople
	MaxSockets   int // on the whole server, with the places that are kept for people who are away: 10000
	AddressRooms int // new rooms an hour from one address: 10

	// AddressSockets is how many connections, and places that are kept, one address may have: 20. An address is an IPv4 address
	// or an IPv6 /64. This and AddressRooms do not apply to this machine's own loopback addresses, which is where the
	// connections come from when a reverse proxy stands in front, unless LimitLoopback is set.
	AddressSockets int
	LimitLoopback  bool

	Rate  float64 // messages a second from one connection: 50
	Burst int     // messages at once: 200

	JoinTimeout time.Duration // from the connection to join: 5 s
	Ping        time.Duration // between pings: 10 s
	LostAfter   time.Duration // without a sign of life a connection is lost: 25 s
	KeepSeat    time.Duration // a person whose connection was lost may come back for that long: 30 s

	// A reader who is further behind than one of these is cut off.
	QueueMessages int           // 512: one sender may have half of it waiting, and so all of a Burst
	QueueBytes    int           // 256 KiB
	QueueTime     time.Duration // 5 s
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.MaxPeople = min(or(c.MaxPeople, 64), wire.MaxPeople)
	c.MaxSockets = or(c.MaxSockets, 10000)
	c.AddressRooms = or(c.AddressRooms, 10)
	c.AddressSockets = or(c.AddressSockets, 20)
	c.Rate = or(c.Rate, 50)
	c.Burst = or(c.Burst, 200)
	c.JoinTimeout = or(c.JoinTimeout, 5*time.Second)
	c.Ping = or(c.Ping, 10*time.Second)
	c.LostAfter = or(c.LostAfter, 25*time.Second)
	c.KeepSeat = or(c.KeepSeat, 30*time.Second)
	c.QueueMessages = or(c.QueueMessages, 512)
	c.QueueBytes = or(c.QueueBytes, 256<<10)
	c.QueueTime = or(c.QueueTime, 5*time.Second)
	return c
}

// or returns v, or the default where v is not set.
func or[T int | float64 | time.Duration](v, preset T) T {
	if v <= 0 {
		return preset
	}
	return v
}
