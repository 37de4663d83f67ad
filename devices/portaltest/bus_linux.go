package portaltest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// config is a session bus that starts nothing by itself: https://dbus.freedesktop.org/doc/dbus-daemon.1.html
const config = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`

// Bus is a session bus of the test's own.
type Bus struct {
	// Address is what DBUS_SESSION_BUS_ADDRESS is to be.
	Address string

	cmd   *exec.Cmd
	log   bytes.Buffer
	ended chan struct{}
}

// StartBus starts a session bus with nobody on it, and waits until it listens. It ends with the test.
func StartBus(t testing.TB) *Bus {
	t.Helper()
	// Not t.TempDir: the path of a socket may have 107 bytes only.
	home, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	file := filepath.Join(home, "bus.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, filepath.Join(home, "s")), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &Bus{cmd: exec.Command("dbus-daemon", "--nofork", "--nopidfile", "--print-address", "--config-file="+file), ended: make(chan struct{})}
	b.cmd.Stderr = &b.log
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // also when the test is killed
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		t.Fatalf("a session bus (package dbus): %v", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n') // printed once it listens
	go func() {
		defer close(b.ended)
		_ = b.cmd.Wait() // it is killed, which is an error to Wait
	}()
	t.Cleanup(b.Kill)
	if err != nil {
		b.Kill()
		t.Fatalf("the session bus said no address: %v: %s", err, b.log.String())
	}
	b.Address = strings.TrimSpace(line)
	return b
}

// Use makes it the session bus of the test's own process, until the test ends.
func (b *Bus) Use(t testing.TB) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.Address)
}

// Kill ends the bus at once, as a crash does, and waits for that. A second call does nothing.
func (b *Bus) Kill() {
	_ = b.cmd.Process.Kill() // an error says that it has ended already
	<-b.ended
}
