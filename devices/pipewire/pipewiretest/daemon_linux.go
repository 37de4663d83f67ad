package pipewiretest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// config is a daemon without devices. https://docs.pipewire.org/page_man_pipewire_conf_5.html
const config = `
context.properties = { core.daemon = true, core.name = pipewire-0, support.dbus = false }
context.spa-libs = { support.* = support/libspa-support }
context.modules = [
  { name = libpipewire-module-protocol-native }
  { name = libpipewire-module-spa-node-factory }
  { name = libpipewire-module-client-node }
  { name = libpipewire-module-access }
  { name = libpipewire-module-adapter }
  { name = libpipewire-module-link-factory }
]
context.objects = []
context.exec = []
`

// Daemon is a PipeWire daemon. Its methods belong to the goroutine of the test, but Connect and Kill, which any may call.
type Daemon struct {
	t     testing.TB
	home  string
	cmd   *exec.Cmd
	log   bytes.Buffer
	ended chan struct{}
}

// Start starts a daemon without any source and waits until it answers. It ends with the test.
func Start(t testing.TB) *Daemon {
	t.Helper()
	// Not t.TempDir: the path of a socket may have 107 bytes only.
	home, err := os.MkdirTemp("", "pw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	file := filepath.Join(home, "pipewire.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &Daemon{t: t, home: home, cmd: exec.Command("pipewire", "-c", file), ended: make(chan struct{})}
	d.cmd.Env = d.env()
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // also when the test is killed
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	if err := d.cmd.Start(); err != nil {
		t.Fatalf("a PipeWire daemon (package pipewire): %v", err)
	}
	go func() {
		defer close(d.ended)
		_ = d.cmd.Wait() // it is killed, which is an error to Wait
	}()
	t.Cleanup(d.Kill)
	d.awaitSocket()
	d.startLinking()
	return d
}

func (d *Daemon) env() []string {
	return append(os.Environ(), "HOME="+d.home, "XDG_RUNTIME_DIR="+d.home, "PIPEWIRE_RUNTIME_DIR="+d.home, "PIPEWIRE_REMOTE=pipewire-0")
}

func (d *Daemon) awaitSocket() {
	d.t.Helper()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for {
		file, err := d.Connect()
		if err == nil {
			file.Close()
			return
		}
		select {
		case <-d.ended:
			d.t.Fatalf("the PipeWire daemon ended: %s", d.log.String())
		case <-patience.C:
			d.t.Fatalf("the PipeWire daemon does not answer: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Connect opens a connection, as a portal hands one out. The caller closes it.
func (d *Daemon) Connect() (*os.File, error) {
	conn, err := net.Dial("unix", filepath.Join(d.home, "pipewire-0"))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.(*net.UnixConn).File()
}

// Kill ends the daemon at once, as a crash does, and waits for that. A second call does nothing.
func (d *Daemon) Kill() {
	_ = d.cmd.Process.Kill() // an error says that it has ended already
	<-d.ended
}

// startLinking runs what links streams to sources, until the test ends.
func (d *Daemon) startLinking() {
	d.t.Helper()
	dump := exec.Command("pw-dump", "--monitor", "--no-colors")
	dump.Env = d.env()
	dump.SysProcAttr = d.cmd.SysProcAttr
	out, err := dump.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := dump.Start(); err != nil {
		d.t.Fatalf("watching PipeWire (package pipewire-bin): %v", err)
	}
	var linking sync.WaitGroup
	linking.Go(func() {
		newLinker(d.env()).follow(out)
		_ = dump.Wait() // it is killed, which is an error to Wait
	})
	d.t.Cleanup(func() {
		_ = dump.Process.Kill()
		linking.Wait()
	})
}
