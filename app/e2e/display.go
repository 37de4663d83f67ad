package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/devices/pattern"
)

// Display is a virtual display of its own.
type Display struct {
	t    *testing.T
	name string // as in DISPLAY
}

// StartDisplay opens a display of the size WxH.
func StartDisplay(t *testing.T, size string) *Display {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	// Xvfb takes a free number and writes it when it is ready.
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", size+"x24", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{write}
	if err := x.Start(); err != nil {
		t.Fatalf("a virtual display: %v", err)
	}
	write.Close()
	t.Cleanup(func() { _ = x.Process.Kill(); _ = x.Wait() })
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("the virtual display did not start: %v", err)
	}
	return &Display{t: t, name: ":" + strings.TrimSpace(number)}
}

// Env returns what a program needs to be on the display.
func (d *Display) Env() []string {
	return []string{"DISPLAY=" + d.name, "WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1"}
}

// Shot takes a picture of the whole display.
func (d *Display) Shot() image.Image {
	d.t.Helper()
	shot := exec.Command("import", "-silent", "-window", "root", "png:-")
	shot.Env = append(os.Environ(), d.Env()...)
	data, err := shot.Output()
	if err != nil {
		d.t.Fatalf("a picture of the display: %v", err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		d.t.Fatalf("a picture of the display: %v", err)
	}
	return img
}

// Keep leaves a picture of the display where a person can look at it: in build/shots.
func (d *Display) Keep(name string) {
	d.t.Helper()
	dir := filepath.Join("..", "..", "build", "shots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		d.t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, d.Shot()); err != nil {
		d.t.Fatal(err)
	}
}

// Key presses a key in the window that is in front.
func (d *Display) Key(key string) {
	d.t.Helper()
	press := exec.Command("xdotool", "key", key)
	press.Env = append(os.Environ(), d.Env()...)
	if out, err := press.CombinedOutput(); err != nil {
		d.t.Fatalf("pressing %s: %v\n%s", key, err, out)
	}
}

// Reads returns the counter of the pattern that the camera of the program with that process id draws, read from the display.
func (d *Display) Reads(pid int) (counter uint64, ok bool) {
	d.t.Helper()
	for _, found := range pattern.Find(d.Shot()) {
		if found.Source == uint16(pid%4096) {
			return found.Counter, true
		}
	}
	return 0, false
}

// AwaitMoving waits until the display has shown two later pictures of that program's camera.
func (d *Display) AwaitMoving(pid int) {
	d.t.Helper()
	var first uint64
	seen := 0
	Eventually(d.t, fmt.Sprintf("display %s shows the moving picture of process %d", d.name, pid), func() bool {
		counter, ok := d.Reads(pid)
		if ok && (seen == 0 || counter != first) {
			first = counter
			seen++
		}
		return seen >= 3
	})
}

// Text returns the words that the display shows, as an optical character reader sees them.
func (d *Display) Text() string {
	d.t.Helper()
	var shot bytes.Buffer
	if err := png.Encode(&shot, d.Shot()); err != nil {
		d.t.Fatal(err)
	}
	read := exec.Command("tesseract", "-", "-")
	read.Stdin = &shot
	text, err := read.Output()
	if err != nil {
		d.t.Fatalf("reading the display (package tesseract-ocr): %v", err)
	}
	return string(text)
}

// AwaitText waits until the display shows the words.
func (d *Display) AwaitText(words string) {
	d.t.Helper()
	Eventually(d.t, fmt.Sprintf("display %s shows %q", d.name, words), func() bool {
		return strings.Contains(strings.Join(strings.Fields(d.Text()), " "), words)
	})
}
