package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a test waits for what must happen. It ends a test that hangs, and judges nothing.
const Patience = 90 * time.Second

// binaries is where Build put the programs.
var binaries string

// Build builds parley and parleyd into dir, for the tests of this process.
func Build(dir string) error {
	for name, pkg := range map[string]string{"parley": "parley", "parleyd": "parley/app/parleyd"} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, name), pkg)
		if name == "parleyd" {
			build.Env = append(os.Environ(), "CGO_ENABLED=0")
		}
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, out)
		}
	}
	binaries = dir
	return nil
}

// UseBuilt takes the programs that were built into dir.
func UseBuilt(dir string) { binaries = dir }

// Program is a program that a test started. It is stopped with the test.
type Program struct {
	t    testing.TB
	name string
	cmd  *exec.Cmd
	done chan struct{}

	mu  sync.Mutex
	out bytes.Buffer
}

// Start runs a program with more variables in its environment.
func Start(t testing.TB, env []string, name string, args ...string) *Program {
	t.Helper()
	return start(t, nil, env, name, args...)
}

// StartAs is Start as another user of this machine, which root may do.
func StartAs(t testing.TB, account string, env []string, name string, args ...string) *Program {
	t.Helper()
	as := credential(t, account)
	return start(t, as, append([]string{"HOME=" + home(t, as)}, env...), name, args...)
}

func start(t testing.TB, as *syscall.SysProcAttr, env []string, name string, args ...string) *Program {
	t.Helper()
	p := &Program{t: t, name: name, done: make(chan struct{})}
	if !strings.Contains(name, "/") && (name == "parley" || name == "parleyd") {
		name = filepath.Join(binaries, name)
	}
	p.cmd = exec.Command(name, args...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.SysProcAttr = as
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", name, err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("%s %s printed:\n%s", p.name, strings.Join(args, " "), p.Output())
		}
	})
	return p
}

// Write collects what the program prints.
func (p *Program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// Output returns what the program has printed so far.
func (p *Program) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// PID returns the program's process id.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Await waits until the program printed something that matches, and returns the match and its groups.
func (p *Program) Await(pattern string) []string {
	p.t.Helper()
	form := regexp.MustCompile(pattern)
	var found []string
	Eventually(p.t, p.name+" prints "+pattern, func() bool {
		found = form.FindStringSubmatch(p.Output())
		return found != nil
	})
	return found
}

// Wait waits until the program has ended, and returns its exit status.
func (p *Program) Wait() int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(Patience):
		p.t.Fatalf("%s did not end", p.name)
		return -1
	}
}

// Kill ends the program as a crash would.
func (p *Program) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Stop asks the program to end, and makes it after a while.
func (p *Program) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		p.Kill()
	}
}

// Eventually waits until the condition holds.
func Eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(Patience); !condition(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it did not come to pass that %s", what)
		}
	}
}

// StartServer runs parleyd on the port, 0 for any, and returns it with its address.
func StartServer(t testing.TB, port string) (server *Program, url string) {
	t.Helper()
	server = Start(t, nil, "parleyd", "--listen", "127.0.0.1:"+port)
	return server, server.Await(`listening on (ws://\S+)`)[1]
}

// Participant is a parley that a test started, with its report.
type Participant struct {
	*Program
	report string
}

// Join runs parley with the test sources and a report, besides the arguments given; later arguments win.
func Join(t testing.TB, env []string, args ...string) *Participant {
	t.Helper()
	return join(t, nil, env, args...)
}

// JoinAs is Join as another user of this machine, which root may do.
func JoinAs(t testing.TB, account string, env []string, args ...string) *Participant {
	t.Helper()
	return join(t, credential(t, account), env, args...)
}

func join(t testing.TB, as *syscall.SysProcAttr, env []string, args ...string) *Participant {
	t.Helper()
	dir := home(t, as)
	p := &Participant{report: filepath.Join(dir, "report.jsonl")}
	all := append([]string{"--join", "--camera", "pattern", "--size", "640x360@15", "--report", p.report, "--verbose"}, args...)
	env = append([]string{"XDG_CONFIG_HOME=" + dir}, env...)
	if as != nil {
		env = append([]string{"HOME=" + dir}, env...)
	}
	p.Program = start(t, as, env, "parley", all...)
	return p
}

// ReportFile returns where the participant writes its report.
func (p *Participant) ReportFile() string { return p.report }

// Report is a line of a participant's report, as far as tests look at it.
type Report struct {
	State            string  `json:"state"`
	JoinToFirstFrame float64 `json:"joinToFirstFrame"`
	Encoders         int     `json:"encoders"`
	Process          struct {
		CPUSeconds float64 `json:"cpuSeconds"`
		RSSBytes   int64   `json:"rssBytes"`
		Goroutines int     `json:"goroutines"`
	} `json:"process"`
	Peers []Peer `json:"peers"`
}

// Peer is what a report says of another person.
type Peer struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	InVideo struct {
		FramesDecoded        int     `json:"framesDecoded"`
		FrameWidth           int     `json:"frameWidth"`
		FrameHeight          int     `json:"frameHeight"`
		TotalFreezesDuration float64 `json:"totalFreezesDuration"`
		CaptureToDecoded     float64 `json:"captureToDecoded"`
		CaptureToPainted     float64 `json:"captureToPainted"`
	} `json:"inVideo"`
	InAudio struct {
		TotalSamplesReceived int     `json:"totalSamplesReceived"`
		TotalAudioEnergy     float64 `json:"totalAudioEnergy"`
		FECPacketsReceived   int     `json:"fecPacketsReceived"`
	} `json:"inAudio"`
	OutVideo struct {
		ActiveEncoders int `json:"activeEncoders"`
	} `json:"outVideo"`
}

// Person returns what the report says of the person of that name; nothing when there is none.
func (r Report) Person(name string) Peer {
	for _, p := range r.Peers {
		if p.Name == name {
			return p
		}
	}
	return Peer{}
}

// Reports returns every whole line of the report so far.
func (p *Participant) Reports() []Report {
	p.t.Helper()
	data, err := os.ReadFile(p.report)
	if err != nil {
		return nil
	}
	var lines []Report
	for line := range bytes.Lines(data) {
		var r Report
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		if err := json.Unmarshal(line, &r); err != nil {
			p.t.Fatalf("a line of the report: %v\n%s", err, line)
		}
		lines = append(lines, r)
	}
	return lines
}

// Last returns the newest line of the report.
func (p *Participant) Last() Report {
	if all := p.Reports(); len(all) > 0 {
		return all[len(all)-1]
	}
	return Report{}
}

// AwaitPictures waits until that many people are connected and their decoded pictures have gone on since they were first seen.
func (p *Participant) AwaitPictures(people int) {
	p.t.Helper()
	before := map[string]int{}
	Eventually(p.t, fmt.Sprintf("%s sees %d people move", p.name, people), func() bool {
		moving := 0
		for _, peer := range p.Last().Peers {
			first, known := before[peer.Name]
			if !known {
				before[peer.Name] = peer.InVideo.FramesDecoded
			} else if peer.State == "connected" && peer.InVideo.FramesDecoded > first+5 && peer.InAudio.TotalSamplesReceived > 0 {
				moving++
			}
		}
		return moving == people
	})
}

// AwaitMore waits until what is counted in the report has grown by that much since the first look. A count that starts anew, as that of a
// new connection does, is followed.
func (p *Participant) AwaitMore(what string, count func(Report) int, more int) {
	p.t.Helper()
	first := count(p.Last())
	Eventually(p.t, fmt.Sprintf("%s (process %d) gets %s", p.name, p.PID(), what), func() bool {
		now := count(p.Last())
		first = min(first, now)
		return now >= first+more
	})
}
