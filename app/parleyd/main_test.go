package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	parley "parley/call/signal"
)

// TestMain runs the program itself where a test starts this binary as parleyd.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_PARLEYD") == "1" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for something that must come. Nothing is judged by it.
const patience = 30 * time.Second

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), "RUN_PARLEYD=1")
	return cmd
}

// start runs parleyd, and returns the address that it prints.
func start(t *testing.T, args ...string) (cmd *exec.Cmd, address string) {
	t.Helper()
	cmd = command(t, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill() // where the test has not ended it
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "parleyd: listening on ")
	if err != nil || !ok {
		t.Fatalf("parleyd printed %q, %v", line, err)
	}
	return cmd, address
}

func TestItServesARoomAndDrainsOnSIGTERM(t *testing.T) {
	cmd, address := start(t, "--listen", "127.0.0.1:0", "--ice", "turn:u:p@192.0.2.1:3478?transport=tcp")
	events := make(chan parley.Event, 100)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := parley.Dial(ctx, parley.Config{URL: address, Room: "standup", Name: "Ada", OnEvent: func(e parley.Event) { events <- e }})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if ice := client.ICE(); len(ice) != 1 || ice[0].URLs[0] != "turn:192.0.2.1:3478?transport=tcp" || ice[0].Username != "u" || ice[0].Credential != "p" {
		t.Errorf("ICE = %+v", ice)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("parleyd ended with %v, want status 0", err)
	}
	for {
		select {
		case e := <-events:
			if lost, ok := e.(parley.Disconnected); ok {
				if lost.Err != parley.ErrStopping {
					t.Errorf("the client was told %v, want that the server stops", lost.Err)
				}
				return
			}
		case <-ctx.Done():
			t.Fatal("the client heard nothing")
		}
	}
}

func TestItListensOnIPv6(t *testing.T) {
	if ln, err := net.Listen("tcp6", "[::1]:0"); err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	} else {
		ln.Close()
	}
	_, address := start(t, "--listen", "[::1]:0")
	if !strings.HasPrefix(address, "ws://[::1]:") {
		t.Errorf("listens on %s", address)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := parley.Dial(ctx, parley.Config{URL: address, Room: "standup", Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestAWrongCommandLineIsOneLineAndStatus2(t *testing.T) {
	for _, args := range [][]string{
		{"--listen", "nonsense"},
		{"--listen", "127.0.0.1:99999"},
		{"--listen"},
		{"--bogus"},
		{"surplus"},
		{"--max-people", "1"},
		{"--max-people", "many"},
		{"--ice", "http://192.0.2.1"},
		{"--ice", "turn:192.0.2.1"},
	} {
		var out, errs bytes.Buffer
		if status := run(args, &out, &errs); status != exitUsage {
			t.Errorf("%q: status %d, want %d", args, status, exitUsage)
		}
		if text := errs.String(); strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "parleyd: ") || out.Len() > 0 {
			t.Errorf("%q printed %q and %q, want one line on stderr", args, out.String(), text)
		}
	}
}

func TestAnAddressInUseIsASentenceAndStatus1(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var errs bytes.Buffer
	if status := run([]string{"--listen", ln.Addr().String()}, io.Discard, &errs); status != exitFailed {
		t.Errorf("status %d, want %d", status, exitFailed)
	}
	if want := "in use by another program"; !strings.Contains(errs.String(), want) {
		t.Errorf("printed %q, want that it is %s", errs.String(), want)
	}
}

func TestItPrintsItsVersion(t *testing.T) {
	var out bytes.Buffer
	if status := run([]string{"--version"}, &out, io.Discard); status != 0 || out.String() != "parleyd "+version+"\n" {
		t.Errorf("status %d, printed %q", status, out.String())
	}
}

func TestTheAddressItPrintsCanBeDialled(t *testing.T) {
	_, address := start(t, "--listen", "127.0.0.1:0")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "ws" || u.Path != "/ws" || u.Port() == "0" {
		t.Errorf("printed %q", address)
	}
}
