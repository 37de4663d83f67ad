package codedtest

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// OwnMemory returns how much memory this process has written to and still has, in kB.
func OwnMemory(t testing.TB) int {
	t.Helper()
	data, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		t.Fatal(err)
	}
	var kilobytes int
	_, after, _ := bytes.Cut(data, []byte("Private_Dirty:"))
	if _, err := fmt.Sscanf(string(after), "%d kB", &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes
}

// GivesNothingBack is for the environment of a process whose C library, if it is glibc, is to have one store of memory and to give nothing of it back to
// the system by itself.
const GivesNothingBack = "GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=1073741824"
