//go:build unix

package server_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parley/call/signal/server"
	"parley/call/signal/wire"
)

// BenchmarkRelay passes descriptions of 4 KiB from one person to another, each before the next. The CPU time is that of the
// server and of both clients.
func BenchmarkRelay(b *testing.B) {
	_, host := start(b, server.Config{Rate: 1e9, Burst: 1e9})
	ada, _ := join(b, host, "standup", "Ada")
	bob, _ := join(b, host, "standup", "Bob")
	expect[*wire.PeerJoined](ada)
	ada.ws.SetReadDeadline(time.Time{})
	frame := []byte(`{"t":"signal","to":"` + ada.you.ID + `","d":{"session":"s","description":{"type":"offer","sdp":"` + long(4<<10) + `"}}}`)
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	before := cpuSeconds(b)
	for b.Loop() {
		if err := bob.ws.WriteMessage(websocket.TextMessage, frame); err != nil {
			b.Fatal(err)
		}
		if _, _, err := ada.ws.ReadMessage(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/(cpuSeconds(b)-before), "messages/cpu-s")
}

func cpuSeconds(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
