package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"parley/app/e2e"
)

// niceness returns that of the threads of a process by their names, the highest of each; its first thread, which paints, is named main.
func niceness(t *testing.T, pid int) map[string]int {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		begin, end := strings.IndexByte(string(stat), '('), strings.LastIndexByte(string(stat), ')')
		const nice = 16 // proc_pid_stat(5): the 19th field, the first after the name being the third
		var n int
		if _, err := fmt.Sscan(strings.Fields(string(stat[end+1:]))[nice], &n); err != nil {
			t.Fatal(err)
		}
		name := string(stat[begin+1 : end])
		if filepath.Base(filepath.Dir(file)) == strconv.Itoa(pid) {
			name = "main"
		}
		if most, ok := found[name]; !ok || n > most {
			found[name] = n
		}
	}
	return found
}

func TestACallGoesBeforeThePaintingOfItsWindow(t *testing.T) {
	window := e2e.StartDisplay(t, "1280x800")
	_, url := e2e.StartServer(t, "0")
	ann := e2e.Join(t, window.Env(), "--microphone", "none", "--speaker", "none", "--server", url, "--name", "Ann", "standup")
	priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	before := 20 - priority // the system call has it as 20 less the niceness
	e2e.Eventually(t, "the threads that paint are nicer than the program's own", func() bool {
		nice := niceness(t, ann.PID())
		own, begun := nice["parley"]
		if begun && own != before {
			t.Fatalf("the program's own threads have the niceness %d, not the %d of this test", own, before)
		}
		want := min(19, before+5)
		return begun && nice["main"] == want && nice["llvmpipe-0"] == want
	})
}
