package devices

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// heldFile stands for a device's node, and is open in this process too.
func heldFile(t *testing.T) *os.File {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "video0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	return f
}

// hold starts this test's program once more, which has f open and, if asked, mapped, until the test ends.
func hold(t *testing.T, f *os.File, how string) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdVariable+"="+how, "GORACE=atexit_sleep_ms=0")
	cmd.ExtraFiles = []*os.File{f}
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // ends it
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "held" {
			return cmd.Process.Pid
		}
	}
	t.Fatal("it does not hold")
	return 0
}

// holdVariable says how the program that hold starts is to hold the file.
const holdVariable = "PARLEY_TEST_HOLD"

func TestMain(m *testing.M) {
	how := os.Getenv(holdVariable)
	if how == "" {
		os.Exit(m.Run())
	}
	if err := beHolder(how); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// beHolder is the program that hold starts.
func beHolder(how string) error {
	if how == "mapped" {
		if _, err := unix.Mmap(3, 0, 1, unix.PROT_READ, unix.MAP_SHARED); err != nil {
			return err
		}
	}
	fmt.Println("held")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func TestTheProgramThatHasADeviceIsFound(t *testing.T) {
	f := heldFile(t)
	if program, pid, found := holderOf(f.Name()); found {
		t.Fatalf("%s, %d, has it though only this process does", program, pid)
	}
	pid := hold(t, f, "open")
	program, got, found := holderOf(f.Name())
	if !found || got != pid || !strings.HasPrefix(filepath.Base(os.Args[0]), program) {
		t.Errorf("%q, %d, %v has it; want %d", program, got, found, pid)
	}
}

func TestAProgramThatTakesPicturesGoesBeforeOneThatHasTheDeviceOpen(t *testing.T) {
	f := heldFile(t)
	hold(t, f, "open")
	mapped := hold(t, f, "mapped")
	hold(t, f, "open")
	if _, got, found := holderOf(f.Name()); !found || got != mapped {
		t.Errorf("%d, %v has it; want %d", got, found, mapped)
	}
}

func TestOnlyABusyDeviceNamesItsHolder(t *testing.T) {
	f := heldFile(t)
	busy := asCameraError(errors.New("Failed to map request buffers: " + syscall.EBUSY.Error()))
	if err := nameHolder(busy, f.Name()); err != busy {
		t.Errorf("nobody has it: %v", err)
	}
	pid := hold(t, f, "open")
	var inUse *InUseError
	if err := nameHolder(busy, f.Name()); !errors.As(err, &inUse) || inUse.PID != pid || !errors.Is(err, ErrNotReadable) {
		t.Errorf("%d has it: %v", pid, err)
	}
	gone := asCameraError(syscall.ENODEV)
	if err := nameHolder(gone, f.Name()); err != gone {
		t.Errorf("it is not busy: %v", err)
	}
}

func TestProgramsStartedFromHereDoNotInheritTheDevice(t *testing.T) {
	f := heldFile(t)
	fd, err := unix.Open(f.Name(), unix.O_RDONLY, 0) // as the driver opens it
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	closeOnExec(f.Name())
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %#x, %v", flags, err)
	}
}
