// Package soundtest gives a test a sound system of its own, on a machine without a sound card.
//
// [Start] runs a PulseAudio server that no other program knows of. Its speakers are null sinks, which play in real time to nobody;
// [Server.Record] records what one plays, and a microphone made by [Server.AddMicrophone] hears what one plays. Programs use the server when
// they run with [Server.Env]; a test that uses it in its own process sets those with t.Setenv.
package soundtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// T is what the server needs of a [testing.TB], or of a program that measures and is no test.
type T interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Setenv(name, value string)
	Cleanup(func())
}

// Server is a PulseAudio server. Its methods belong to the goroutine of the test.
type Server struct {
	t      T
	home   string
	server string // as PULSE_SERVER wants it
	cmd    *exec.Cmd
	log    bytes.Buffer
	ended  chan struct{}
	sinks  map[string]string // label to name
	loaded map[string]string // label to the number of the module
	added  int               // speakers and microphones so far
}

// Start starts a server without any device and waits until it answers. It ends with the test.
func Start(t T) *Server {
	t.Helper()
	// Not t.TempDir: the path of a socket may have 107 bytes only.
	home, err := os.MkdirTemp("", "sound")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, home: home, server: "unix:" + filepath.Join(home, "s"), sinks: map[string]string{}, loaded: map[string]string{}}
	t.Cleanup(func() {
		s.Kill()
		os.RemoveAll(home)
	})
	s.run()
	return s
}

// run starts the server and waits until it answers.
func (s *Server) run() {
	s.t.Helper()
	socket := filepath.Join(s.home, "s")
	s.log.Reset()
	s.ended = make(chan struct{})
	s.cmd = exec.Command("pulseaudio", "-n", "--daemonize=no", "--system=false", "--exit-idle-time=-1", "--use-pid-file=no",
		"--disable-shm=yes", "--realtime=no", "--high-priority=no", "--log-target=stderr",
		"-L", "module-native-protocol-unix socket="+socket+" auth-anonymous=1")
	s.cmd.Env = append(os.Environ(), "HOME="+s.home, "XDG_RUNTIME_DIR="+s.home, "PULSE_RUNTIME_PATH="+s.home, "PULSE_STATE_PATH="+s.home)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		close(s.ended)
		s.t.Fatalf("a sound server (package pulseaudio): %v", err)
	}
	go await(s.cmd, s.ended)
	s.awaitAnswer()
}

// Describe logs which devices there are, and who plays and records where. A test that fails may want to defer it.
func (s *Server) Describe() {
	for _, what := range []string{"sinks", "sink-inputs", "sources", "source-outputs"} {
		cmd := exec.Command("timeout", "5", "pactl", "list", "short", what)
		cmd.Env = append(os.Environ(), s.Env()...)
		out, err := cmd.CombinedOutput()
		s.t.Logf("%s of the sound server (error: %v):\n%s", what, err, out)
	}
}

func await(cmd *exec.Cmd, ended chan<- struct{}) {
	defer close(ended)
	_ = cmd.Wait() // it is killed, which is an error to Wait
}

func (s *Server) awaitAnswer() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		cmd := exec.CommandContext(ctx, "pactl", "info")
		cmd.Env = append(os.Environ(), s.Env()...)
		if cmd.Run() == nil {
			return
		}
		select {
		case <-s.ended:
			s.t.Fatalf("the sound server ended: %s", s.log.String())
		case <-ctx.Done():
			s.t.Fatal("the sound server does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Env returns what a program that is to use the server needs in its environment.
func (s *Server) Env() []string {
	return []string{"PULSE_SERVER=" + s.server, "PULSE_COOKIE=" + filepath.Join(s.home, "cookie"), "PULSE_RUNTIME_PATH=" + s.home}
}

// Use sets Env in the environment of the test's own process, until the test ends.
func (s *Server) Use() {
	s.t.Helper()
	for _, e := range s.Env() {
		name, value, _ := strings.Cut(e, "=")
		s.t.Setenv(name, value)
	}
}

// Kill ends the server at once, as a crash does, and waits for that. A second call does nothing.
func (s *Server) Kill() {
	if s.cmd.Process == nil {
		return // it never ran
	}
	_ = s.cmd.Process.Kill() // an error says that it has ended already
	<-s.ended
}

// Restart starts the server again after Kill, at the same address and without any device.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	clear(s.sinks)
	clear(s.loaded)
	s.run()
}

// Freeze lets the server hang: it does not answer, and does not end, until Thaw.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(which syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(which); err != nil {
		s.t.Fatal(err)
	}
}

// AddSpeaker adds a speaker under that label, which must not contain quotes. The first becomes the default.
func (s *Server) AddSpeaker(label string) {
	s.t.Helper()
	s.AddSpeakerOf(label, 48000, "mono")
}

// AddSpeakerOf is like AddSpeaker, for a speaker of that rate and of those channels, as PulseAudio names them: mono, or front-left and
// front-right.
func (s *Server) AddSpeakerOf(label string, rate int, channels ...string) {
	s.t.Helper()
	s.added++
	name := fmt.Sprintf("speaker%d", s.added) // never one that another speaker had
	// norewinds: without it an idle sink plays two seconds at once, and a microphone that hears it gets nothing meanwhile.
	s.load(label, "module-null-sink", "sink_name="+name, fmt.Sprintf("rate=%d", rate), fmt.Sprintf("channels=%d", len(channels)),
		"channel_map="+strings.Join(channels, ","), "norewinds=1", fmt.Sprintf(`sink_properties='device.description="%s"'`, label))
	s.sinks[label] = name
}

// AddMicrophone adds a microphone under that label, which must not contain quotes. It hears what the speaker of the other label plays.
func (s *Server) AddMicrophone(label, hears string) {
	s.t.Helper()
	s.added++
	name := fmt.Sprintf("microphone%d", s.added)
	s.load(label, "module-remap-source", "source_name="+name, "master="+s.sink(hears)+".monitor",
		fmt.Sprintf(`source_properties='device.description="%s"'`, label))
	s.pactl("set-default-source", name)
}

// load makes a device of that label.
func (s *Server) load(label, module string, args ...string) {
	s.t.Helper()
	s.loaded[label] = strings.TrimSpace(s.pactl(append([]string{"load-module", module}, args...)...))
}

// Streams returns how many streams programs play to the server's devices, and record from them.
func (s *Server) Streams() int {
	s.t.Helper()
	return strings.Count(s.pactl("list", "short", "sink-inputs"), "\n") + strings.Count(s.pactl("list", "short", "source-outputs"), "\n")
}

// Remove takes a speaker or a microphone away, as if unplugged. What hears that speaker goes with it.
func (s *Server) Remove(label string) {
	s.t.Helper()
	module, ok := s.loaded[label]
	if !ok {
		s.t.Fatalf("there is no device %q", label)
	}
	s.pactl("unload-module", module)
	delete(s.loaded, label)
	delete(s.sinks, label)
}

func (s *Server) sink(label string) string {
	s.t.Helper()
	name, ok := s.sinks[label]
	if !ok {
		s.t.Fatalf("there is no speaker %q", label)
	}
	return name
}

func (s *Server) pactl(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("pactl", args...)
	cmd.Env = append(os.Environ(), s.Env()...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("pactl %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Play lets a speaker play samples of that rate and those channels, which take turns. It does not wait; the end of the test ends it.
func (s *Server) Play(speaker string, samples []int16, rate int, channels ...string) {
	s.t.Helper()
	cmd := exec.Command("pacat", "--playback", "--device="+s.sink(speaker), "--format=s16le", "--latency-msec=50", fmt.Sprintf("--rate=%d", rate),
		fmt.Sprintf("--channels=%d", len(channels)), "--channel-map="+strings.Join(channels, ","))
	cmd.Env = append(os.Environ(), s.Env()...)
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("playing (package pulseaudio-utils): %v", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = binary.Write(in, binary.LittleEndian, samples) // an error says that it was killed
		_ = in.Close()
		_ = cmd.Wait()
	}()
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill() // an error says that it has ended already
		<-ended
	})
}

// Recording is what a speaker plays, from when it was started.
type Recording struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu  sync.Mutex
	pcm []int16
}

// Record starts to record what a speaker plays. The recording ends with the test at the latest.
func (s *Server) Record(speaker string) *Recording {
	s.t.Helper()
	return s.RecordOf(speaker, 48000, "mono")
}

// RecordOf is like Record, at that rate and with those channels, whose samples take turns. Those of the speaker are recorded as they are played.
func (s *Server) RecordOf(speaker string, rate int, channels ...string) *Recording {
	s.t.Helper()
	cmd := exec.Command("parec", "--device="+s.sink(speaker)+".monitor", "--format=s16le", "--latency-msec=20", fmt.Sprintf("--rate=%d", rate),
		fmt.Sprintf("--channels=%d", len(channels)), "--channel-map="+strings.Join(channels, ","))
	cmd.Env = append(os.Environ(), s.Env()...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("recording (package pulseaudio-utils): %v", err)
	}
	r := &Recording{cmd: cmd, ended: make(chan struct{})}
	go r.gather(out)
	s.t.Cleanup(func() { r.Stop() })
	return r
}

func (r *Recording) gather(out io.Reader) {
	defer close(r.ended)
	var block [960]byte
	for {
		n, err := io.ReadFull(out, block[:])
		r.mu.Lock()
		for at := 0; at+1 < n; at += 2 {
			r.pcm = append(r.pcm, int16(binary.LittleEndian.Uint16(block[at:])))
		}
		r.mu.Unlock()
		if err != nil {
			break
		}
	}
	_ = r.cmd.Wait() // it is killed, which is an error to Wait
}

// Samples returns what was recorded so far: 16-bit, mono, 48000 a second.
func (r *Recording) Samples() []int16 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]int16(nil), r.pcm...)
}

// Stop ends the recording and returns all of it. It may be called again.
func (r *Recording) Stop() []int16 {
	_ = r.cmd.Process.Kill() // an error says that it has ended already
	<-r.ended
	return r.Samples()
}
