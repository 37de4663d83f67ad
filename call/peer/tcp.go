package peer

import (
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"golang.org/x/net/netutil"
)

// ICE over TCP (RFC 6544) is for two who cannot exchange UDP at all. Media over it stutters where packets are lost, since each waits
// for the one before, so it is tried last: this side listens once a connection found no path without, and uses an address of
// the other side only when a connection has waited for tcpAfter.
const (
	tcpAfter       = 2 * time.Second
	tcpConnections = 32       // at once, from whomever
	tcpReadBuffer  = 64       // packets
	tcpWriteBuffer = 64 << 10 // bytes; what does not fit is dropped, since it would come too late; to a relay likewise
	tcpFirstPacket = 5 * time.Second
)

// isTCP says whether a candidate, in the words of RFC 8839 5.1, is one of TCP: "candidate:foundation component tcp …".
func isTCP(candidate string) bool {
	fields := strings.Fields(candidate)
	return len(fields) > 2 && strings.EqualFold(fields[2], "tcp")
}

// tryTCP uses the other side's TCP addresses when the link has had time enough to connect without.
func (c *Conn) tryTCP(l *link) {
	if len(l.tcp) == 0 || time.Since(l.made) < tcpAfter || l.pc.RemoteDescription() == nil {
		return
	}
	for _, candidate := range l.tcp {
		c.addCandidate(l, candidate)
	}
	l.tcp = nil
}

// tcpListener waits on one TCP port for all connections that are a last resort. It listens only while there is one that gathers addresses of
// TCP: where the settings allow none, or relays alone, no port is open.
type tcpListener struct {
	log logging.LeveledLogger

	mu    sync.Mutex
	users int
	mux   *ice.TCPMuxDefault // nil until one of them asks for it, and when no port could be had
}

var _ ice.TCPMux = (*tcpListener)(nil)

// use lets the port be opened, and returns a function that is to be called once, when the connection has ended.
func (t *tcpListener) use() (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.users++
	return t.end
}

func (t *tcpListener) end() {
	t.mu.Lock()
	t.users--
	var last *ice.TCPMuxDefault
	if t.users == 0 {
		last, t.mux = t.mux, nil
	}
	t.mu.Unlock()
	if last != nil {
		_ = last.Close()
	}
}

// listen opens the port, unless it is open.
func (t *tcpListener) listen() (*ice.TCPMuxDefault, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.mux != nil {
		return t.mux, nil
	}
	if t.users == 0 {
		return nil, io.ErrClosedPipe
	}
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.log.Warnf("listening: %v", err)
		return nil, err
	}
	t.mux = ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: netutil.LimitListener(listener, tcpConnections), Logger: t.log,
		ReadBufferSize: tcpReadBuffer, WriteBufferSize: tcpWriteBuffer,
		FirstStunBindTimeout: tcpFirstPacket, AliveDurationForConnFromStun: tcpFirstPacket,
	})
	return t.mux, nil
}

func (t *tcpListener) open() *ice.TCPMuxDefault {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mux
}

// GetConnByUfrag is for pion, which asks once for each address at which it may be called by TCP: what comes in for one connection.
func (t *tcpListener) GetConnByUfrag(ufrag string, isIPv6 bool, local net.IP) (net.PacketConn, error) {
	mux, err := t.listen()
	if err != nil {
		return nil, err
	}
	return mux.GetConnByUfrag(ufrag, isIPv6, local)
}

// RemoveConnByUfrag is for pion: a connection has ended.
func (t *tcpListener) RemoveConnByUfrag(ufrag string) {
	if mux := t.open(); mux != nil {
		mux.RemoveConnByUfrag(ufrag)
	}
}

// Close is for pion; the listener ends with its last connection.
func (t *tcpListener) Close() error { return nil }
