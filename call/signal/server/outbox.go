package server

import (
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"parley/call/signal/wire"
)

// outgoing is a frame on its way to a participant. From is the seat whose signal it is, or nil for what the server says.
type outgoing struct {
	frame []byte
	from  *seat
	since time.Time
}

// queue is what waits for one participant. It is bounded by cfg.QueueMessages and cfg.QueueBytes.
type queue struct {
	cfg   *Config
	items []outgoing // oldest first
	bytes int
}

// verdict is what became of a frame that was to be queued.
type verdict int

const (
	queued   verdict = iota
	refused          // too much from the same sender waits already; the frame was dropped
	overflow         // the reader is too far behind
)

// add puts a frame at the end. One sender gets half of the room there is, so that nobody can have another cut off by flooding
// them.
func (q *queue) add(o outgoing) verdict {
	if o.from != nil && q.over(2, len(o.frame)) {
		count, bytes := 0, len(o.frame)
		for _, other := range q.items {
			if other.from == o.from {
				count++
				bytes += len(other.frame)
			}
		}
		if count >= q.cfg.QueueMessages/2 || bytes > q.cfg.QueueBytes/2 {
			return refused
		}
	}
	if q.over(1, len(o.frame)) {
		return overflow
	}
	q.items = append(q.items, o)
	q.bytes += len(o.frame)
	return queued
}

// over reports whether n bytes more would fill the queue beyond its limits divided by share.
func (q *queue) over(share, n int) bool {
	return len(q.items) >= q.cfg.QueueMessages/share || q.bytes+n > q.cfg.QueueBytes/share
}

// next takes the oldest frame out.
func (q *queue) next() (o outgoing, ok bool) {
	if len(q.items) == 0 {
		return o, false
	}
	o = q.items[0]
	n := copy(q.items, q.items[1:]) // a queue is short
	q.items[n] = outgoing{}
	q.items = q.items[:n]
	q.bytes -= len(o.frame)
	return o, true
}

// clear empties the queue and returns what was in it.
func (q *queue) clear() []outgoing {
	items := q.items
	q.items, q.bytes = nil, 0
	return items
}

// outbox is what goes out on one connection. Its methods never block, and may be called under any lock. A goroutine writes while there
// is something to write; an idle connection has none.
type outbox struct {
	ws  *websocket.Conn
	cfg *Config

	writer sync.WaitGroup

	mu      sync.Mutex
	queue   queue
	writing bool
	ping    bool   // one is due
	closing []byte // the close frame's payload, once the connection ends
	closed  bool   // nothing more goes out
	pinger  *time.Timer
	cut     *time.Timer // closes the connection of somebody who does not answer the close frame
}

// push queues a frame.
func (o *outbox) push(frame []byte, from *seat) verdict {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing != nil || o.closed {
		return queued // it would be lost anyhow
	}
	v := o.queue.add(outgoing{frame, from, time.Now()})
	if v == queued {
		o.wake()
	}
	return v
}

// keepAlive sends a ping each cfg.Ping from now on.
func (o *outbox) keepAlive() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.pinger = time.AfterFunc(o.cfg.Ping, o.pingNow)
	}
}

func (o *outbox) pingNow() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing == nil && !o.closed {
		o.ping = true
		o.wake()
		o.pinger.Reset(o.cfg.Ping)
	}
}

// end closes the connection with that code, after what is queued and, where it is not nil, a last frame. A reader who is too
// slow does not get what is queued.
func (o *outbox) end(code int, last []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing != nil || o.closed {
		return
	}
	if code == wire.CloseSlow {
		o.queue.clear()
	}
	if last != nil {
		o.queue.items = append(o.queue.items, outgoing{frame: last, since: time.Now()}) // beyond the limit: it is the last
	}
	o.closing = websocket.FormatCloseMessage(code, "")
	o.wake()
}

// stop ends the outbox without a word, and its goroutine and timers, and returns the signals that did not go out. The
// connection is closed by then.
func (o *outbox) stop() []outgoing {
	o.mu.Lock()
	o.closed = true
	for _, t := range []*time.Timer{o.pinger, o.cut} {
		if t != nil {
			t.Stop()
		}
	}
	items := o.queue.clear()
	o.mu.Unlock()
	o.writer.Wait()
	return slices.DeleteFunc(items, func(item outgoing) bool { return item.from == nil })
}

// wake starts the writer unless it runs. The caller holds the lock.
func (o *outbox) wake() {
	if !o.writing {
		o.writing = true
		o.writer.Go(o.write)
	}
}

// write is the writer's goroutine. It ends when there is nothing left to write.
func (o *outbox) write() {
	for {
		item, ping, closing, ok := o.take()
		if !ok {
			return
		}
		var err error
		if ping {
			err = o.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(o.cfg.QueueTime))
		}
		switch {
		case err != nil:
		case item.frame != nil:
			err = o.writeFrame(item)
		case closing != nil:
			o.writeClose(closing)
			return // writing stays set: nothing is written any more
		}
		if err != nil {
			o.ws.Close() // the reader sees it and ends the connection
			return
		}
	}
}

// take returns what to write next; the close frame comes when nothing else is left.
func (o *outbox) take() (item outgoing, ping bool, closing []byte, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	item, more := o.queue.next()
	ping, closing = o.ping, o.closing
	o.ping = false
	if o.closed || (!more && !ping && closing == nil) {
		o.writing = false
		return outgoing{}, false, nil, false
	}
	return item, ping, closing, true
}

// writeFrame writes a frame, or begins to close the connection when it waited for too long.
func (o *outbox) writeFrame(item outgoing) error {
	deadline := item.since.Add(o.cfg.QueueTime)
	if time.Now().After(deadline) {
		o.end(wire.CloseSlow, nil)
		return nil
	}
	o.ws.SetWriteDeadline(deadline)
	return o.ws.WriteMessage(websocket.TextMessage, item.frame)
}

// writeClose sends the close frame and gives the other side a second to answer it; RFC 6455, section 7.1.1. The connection
// must not be closed before: data that is still coming in would reset it, and the close frame would be lost.
func (o *outbox) writeClose(payload []byte) {
	const grace = time.Second
	if err := o.ws.WriteControl(websocket.CloseMessage, payload, time.Now().Add(grace)); err != nil {
		o.ws.Close()
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.cut = time.AfterFunc(grace, func() { o.ws.Close() })
	}
}
