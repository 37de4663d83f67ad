package devices

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestEveryChangeOfANodeIsTold(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	changes, stop, err := watchFolder(dir, "video")
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	node, other := filepath.Join(dir, "video0"), filepath.Join(dir, "null")
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"made", func() error { return os.WriteFile(node, nil, 0o600) }},
		{"allowed", func() error { return os.Chmod(node, 0o660) }},
		{"moved away", func() error { return os.Rename(node, other) }},
		{"moved here", func() error { return os.Rename(other, node) }},
		{"removed", func() error { return os.Remove(node) }},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		<-changes
	}
}

func TestChangesOfOtherFilesAreNotTold(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	changes, stop, err := watchFolder(dir, "video")
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "tty0")
	err = errors.Join(os.WriteFile(other, []byte("x"), 0o600), os.Chmod(other, 0o660), os.Remove(other))
	if err != nil {
		t.Fatal(err)
	}
	stop()
	select {
	case <-changes:
		t.Error("a terminal is taken for a camera")
	default:
	}
	if concerns(event(t, dir, other), "video") {
		t.Error("a terminal is taken for a camera")
	}
}

// event returns what the kernel says when a file is made, as bytes.
func event(t *testing.T, dir, path string) []byte {
	t.Helper()
	file, err := openInotify(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := file.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}

func TestEventsThatAreCutOffCountAsAChange(t *testing.T) {
	dir := t.TempDir()
	whole := event(t, dir, filepath.Join(dir, "tty0"))
	if !concerns(whole[:len(whole)-1], "video") {
		t.Error("what cannot be read is ignored")
	}
}

func TestAFolderThatIsNotThereIsNotWatched(t *testing.T) {
	defer goleak.VerifyNone(t)
	if _, _, err := watchFolder(filepath.Join(t.TempDir(), "none"), "video"); err == nil {
		t.Error("it is")
	}
}
