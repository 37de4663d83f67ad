package impair_test

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
	"go.uber.org/goleak"

	"parley/call/impair"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listen(t *testing.T, c impair.Conditions) *impair.Relay {
	t.Helper()
	r, err := impair.Listen(impair.Config{Seed: 1, Conditions: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// plain is a peer that is not relayed.
func plain(t *testing.T) net.PacketConn {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func client(t *testing.T, r *impair.Relay, username, password string) *turn.Client {
	t.Helper()
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	c, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: r.Address(), TURNServerAddr: r.Address(), Username: username, Password: password,
		Conn: plain(t), LoggerFactory: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	return c
}

// relayed is a peer with an address at the relay, that expects packets of the others.
func relayed(t *testing.T, r *impair.Relay, username string) net.PacketConn {
	t.Helper()
	c := client(t, r, username, r.Password())
	conn, err := c.Allocate()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := c.CreatePermission(&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}); err != nil {
		t.Fatal(err)
	}
	return conn
}

func send(t *testing.T, from net.PacketConn, to net.Addr, words string) {
	t.Helper()
	if _, err := from.WriteTo([]byte(words), to); err != nil {
		t.Fatal(err)
	}
}

// awaitCount waits for what the relay gets from a client that has sent already.
func awaitCount(t *testing.T, count func() uint64, want uint64) {
	t.Helper()
	for end := time.Now().Add(time.Minute); count() != want; time.Sleep(ms) {
		if time.Now().After(end) {
			t.Fatalf("the relay got %d, want %d", count(), want)
		}
	}
}

// receive returns what comes next.
func receive(t *testing.T, at net.PacketConn) (words string, from net.Addr) {
	t.Helper()
	var data [1600]byte
	if err := at.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, from, err := at.ReadFrom(data[:])
	if err != nil {
		t.Fatalf("nothing came: %v", err)
	}
	return string(data[:n]), from
}

func TestWhatIsRelayedGoesThroughOnePipe(t *testing.T) {
	const delay = 40 * ms
	r := listen(t, impair.Conditions{Delay: delay})
	ann, ben, other := relayed(t, r, "ann"), relayed(t, r, "ben"), plain(t)
	for _, way := range []struct {
		name     string
		from, to net.PacketConn
		pipe     string
	}{
		{"from allocation to allocation", ann, ben, "ann"},
		{"and back", ben, ann, "ben"},
		{"from an allocation to anybody", ann, other, "ann"},
		{"from anybody to an allocation", other, ann, "ann"},
	} {
		t.Run(way.name, func(t *testing.T) {
			before, beforeAll, start := r.StatsFrom(way.pipe), r.Stats(), time.Now()
			send(t, way.from, way.to.LocalAddr(), "hello")
			words, from := receive(t, way.to)
			took := time.Since(start)
			if words != "hello" || from.String() != way.from.LocalAddr().String() {
				t.Errorf("got %q from %v", words, from)
			}
			if took < delay {
				t.Errorf("it took %v, less than the delay", took)
			}
			if n := r.StatsFrom(way.pipe).PacketsIn - before.PacketsIn; n != 1 {
				t.Errorf("it went %d times through the pipe of %s, want once", n, way.pipe)
			}
			if n := r.Stats().PacketsIn - beforeAll.PacketsIn; n != 1 {
				t.Errorf("it went through %d pipes, want one", n)
			}
		})
	}
}

func TestPacketsComeInTheOrderAndNumberOfThePipe(t *testing.T) {
	r := listen(t, impair.Conditions{Loss: 0.3, Delay: 5 * ms, Jitter: 5 * ms, Duplicate: 0.2})
	ann, ben := relayed(t, r, "ann"), relayed(t, r, "ben")
	const packets = 300
	for i := range packets {
		send(t, ann, ben.LocalAddr(), fmt.Sprintf("%03d", i))
	}
	awaitCount(t, func() uint64 { return r.StatsFrom("ann").PacketsIn }, packets)
	r.Set(impair.Conditions{})
	send(t, ann, ben.LocalAddr(), "end")
	got, last := 0, ""
	for {
		words, _ := receive(t, ben)
		if words == "end" {
			break
		}
		if words < last {
			t.Fatalf("%s came after %s", words, last)
		}
		got, last = got+1, words
	}
	s := r.StatsFrom("ann")
	if s.PacketsIn != packets+1 || int(s.PacketsOut) != got+1 || s.PacketsLost == 0 || s.PacketsDuplicated == 0 {
		t.Errorf("%d packets came, and the relay says %+v", got, s)
	}
	if s.BytesIn <= 3*packets+28*packets {
		t.Errorf("%d bytes are counted, which leaves the headers out", s.BytesIn)
	}
}

func TestConditionsChangeWhileItRunsForOneSideAlone(t *testing.T) {
	r := listen(t, impair.Conditions{})
	ann, ben := relayed(t, r, "ann"), relayed(t, r, "ben")
	r.SetFrom("ann", impair.Conditions{Black: true})
	send(t, ann, ben.LocalAddr(), "into the dark")
	send(t, ben, ann.LocalAddr(), "by day")
	if words, _ := receive(t, ann); words != "by day" {
		t.Errorf("got %q", words)
	}
	awaitCount(t, func() uint64 { return r.StatsFrom("ann").PacketsBlack }, 1)
	cleo := relayed(t, r, "ann") // the name counts, not the connection
	send(t, cleo, ben.LocalAddr(), "into the dark, too")
	awaitCount(t, func() uint64 { return r.StatsFrom("ann").PacketsBlack }, 2)
	r.Set(impair.Conditions{})
	send(t, ann, ben.LocalAddr(), "day again")
	if words, _ := receive(t, ben); words != "day again" {
		t.Errorf("got %q", words)
	}
}

func TestStatisticsOutliveTheirAllocation(t *testing.T) {
	r := listen(t, impair.Conditions{})
	ann, ben := relayed(t, r, "ann"), relayed(t, r, "ben")
	send(t, ann, ben.LocalAddr(), "hello")
	receive(t, ben)
	if err := ann.Close(); err != nil {
		t.Fatal(err)
	}
	awaitCount(t, func() uint64 { return uint64(r.Allocations()) }, 1)
	if s := r.StatsFrom("ann"); s.PacketsOut != 1 {
		t.Errorf("%d packets are remembered, want 1", s.PacketsOut)
	}
}

func TestTheRelayServesThisMachineAlone(t *testing.T) {
	r := listen(t, impair.Conditions{})
	host, _, err := net.SplitHostPort(r.Address())
	if err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("it listens on %s", r.Address())
	}
	c := client(t, r, "ann", r.Password())
	conn, err := c.Allocate()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := c.CreatePermission(&net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 9}); err == nil {
		t.Error("it lets a client reach 192.0.2.1")
	}
}

func TestTheRelayAsksForThePassword(t *testing.T) {
	r := listen(t, impair.Conditions{})
	if conn, err := client(t, r, r.Username(), "guess").Allocate(); err == nil {
		conn.Close()
		t.Error("a client with a wrong password got an address")
	}
}

func TestClosingEndsAllocationsThatAreInUse(t *testing.T) {
	r := listen(t, impair.Conditions{Delay: time.Second})
	ann, ben := relayed(t, r, "ann"), relayed(t, r, "ben")
	for i := range 100 {
		send(t, ann, ben.LocalAddr(), fmt.Sprint(i)) // they are under way when it closes
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); !errors.Is(err, impair.ErrClosed) {
		t.Errorf("closing again: %v", err)
	}
	// TestMain sees that no goroutine is left.
}

func TestARelayWithConditionsThatCannotBeIsRefused(t *testing.T) {
	if _, err := impair.Listen(impair.Config{Conditions: impair.Conditions{Loss: 2}}); !errors.Is(err, impair.ErrConditions) {
		t.Errorf("%v, want ErrConditions", err)
	}
}
