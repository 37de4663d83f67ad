package peer

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// A relay that reads nothing for a while, as when the path to it is interrupted, holds up nobody who writes; what it gets in the end are
// whole messages.
func TestARelayThatReadsNothingHoldsUpNobody(t *testing.T) {
	defer goleak.VerifyNone(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := newRelayDialer(nil).Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()

	const messages = 20_000 // of 1,200 bytes: more than a system keeps for a connection
	message := make([]byte, 1200)
	for n := range uint32(messages) {
		binary.BigEndian.PutUint32(message, n)
		if _, err := near.Write(message); err != nil {
			t.Fatal(err)
		}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	defer func() { close(quit); <-ended }()
	go func() { // there is room again at some time
		defer close(ended)
		binary.BigEndian.PutUint32(message, messages)
		for {
			_, _ = near.Write(message)
			select {
			case <-time.After(time.Millisecond):
			case <-quit:
				return
			}
		}
	}()
	read, last, got := 0, -1, make([]byte, len(message))
	_ = far.SetReadDeadline(time.Now().Add(time.Minute))
	for ; last != messages; read++ {
		if _, err := io.ReadFull(far, got); err != nil {
			t.Fatalf("after %d messages: %v", read, err)
		}
		n := int(binary.BigEndian.Uint32(got))
		if n <= last || n > messages {
			t.Fatalf("message %d came after %d", n, last)
		}
		last = n
	}
	if read >= messages {
		t.Errorf("%d messages of %d were kept", read, messages)
	}
}

func TestWhatARelayIsToldLastIsSentBeforeItIsLeft(t *testing.T) {
	defer goleak.VerifyNone(t)
	near, far := net.Pipe()
	c := newRelayConn(near)
	heard := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(far)
		heard <- string(all)
	}()
	for _, word := range []string{"not needed", " any more"} {
		if _, err := c.Write([]byte(word)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if words := <-heard; words != "not needed any more" {
		t.Errorf("the relay heard %q", words)
	}
}

func TestARelayThatReadsNothingIsLeftAllTheSame(t *testing.T) {
	defer goleak.VerifyNone(t)
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		c := newRelayConn(near)
		if _, err := c.Write([]byte("nobody reads this")); err != nil {
			t.Fatal(err)
		}
		before := time.Now()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(before); took > lastWords {
			t.Errorf("leaving took %v", took)
		}
	})
}

func TestAConnectionToARelayThatIsGoneSaysSo(t *testing.T) {
	defer goleak.VerifyNone(t)
	near, far := net.Pipe()
	c := newRelayConn(near)
	_ = far.Close()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := c.Write([]byte{1}); err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("writing goes on")
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}
