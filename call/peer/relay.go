package peer

import (
	"context"
	"crypto/tls"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

// relayTimeout is how long it may take to connect to a relay.
const relayTimeout = 10 * time.Second

// relayDialer connects to TURN servers by TCP and by TLS, in place of pion. Whoever writes to pion's own connections waits while the network takes
// nothing, and those who write here are the goroutines that make sound and pictures for everybody in the call.
type relayDialer struct {
	secure map[string]string // by address, of the servers that are reached by TLS, the name that their certificate must have
}

func newRelayDialer(servers []webrtc.ICEServer) relayDialer {
	d := relayDialer{secure: map[string]string{}}
	for _, server := range servers {
		for _, text := range server.URLs {
			if u, err := stun.ParseURI(text); err == nil && u.Scheme == stun.SchemeTypeTURNS && u.Proto == stun.ProtoTypeTCP {
				d.secure[net.JoinHostPort(u.Host, strconv.Itoa(u.Port))] = u.Host
			}
		}
	}
	return d
}

// Dial is for pion, which closes the connection.
func (d relayDialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), relayTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if name, ok := d.secure[address]; ok {
		secure := tls.Client(conn, &tls.Config{ServerName: name})
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		conn = secure
	}
	return newRelayConn(conn), nil
}

// relayConn is a connection on which Write waits for nothing. What does not fit the queue is dropped, a whole message at a time, as pion
// writes them.
type relayConn struct {
	net.Conn
	wake chan struct{} // holds a token when something waits
	quit chan struct{}
	done chan struct{}
	once sync.Once

	mu      sync.Mutex
	waiting []byte
	err     error // nothing can be written any more
}

func newRelayConn(conn net.Conn) *relayConn {
	c := &relayConn{Conn: conn, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go c.run()
	return c
}

// Write queues a message, or drops it.
func (c *relayConn) Write(message []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	if len(c.waiting)+len(message) <= tcpWriteBuffer {
		c.waiting = append(c.waiting, message...)
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return len(message), nil
}

// run writes what waits. It ends with the connection.
func (c *relayConn) run() {
	defer close(c.done)
	var written []byte
	for open := true; open; {
		select {
		case <-c.wake:
		case <-c.quit:
			open = false // what waits is still written
		}
		c.mu.Lock()
		written, c.waiting = c.waiting, written[:0]
		c.mu.Unlock()
		if len(written) == 0 {
			continue
		}
		if _, err := c.Conn.Write(written); err != nil {
			c.mu.Lock()
			c.err = err
			c.mu.Unlock()
			return
		}
	}
}

// lastWords is how long what waits may take to be written when the connection is closed: that the relay is not needed any more.
const lastWords = 100 * time.Millisecond

// Close ends the connection and its goroutine. A second call does nothing.
func (c *relayConn) Close() (err error) {
	c.once.Do(func() {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(lastWords))
		close(c.quit)
		<-c.done
		err = c.Conn.Close()
	})
	return err
}
