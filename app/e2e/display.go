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
	"slices"
	"strings"
	"testing"
	"time"

	"parley/devices/pattern"
)

// Display is a virtual display of its own.
type Display struct {
	t    testing.TB
	name string // as in DISPLAY
}

// StartDisplay opens a display of the size WxH.
func StartDisplay(t testing.TB, size string) *Display {
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
	img, err := d.shot()
	if err != nil {
		d.t.Fatalf("a picture of the display: %v", err)
	}
	return img
}

func (d *Display) shot() (image.Image, error) {
	take := exec.Command("import", "-silent", "-window", "root", "png:-")
	take.Env = append(os.Environ(), d.Env()...)
	data, err := take.Output()
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(data))
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

// Do lets the display's window manager do something to the window of a call: a command of xdotool's, such as windowminimize.
func (d *Display) Do(command string) {
	d.t.Helper()
	do := exec.Command("xdotool", "search", "--name", "– Parley", command)
	do.Env = append(os.Environ(), d.Env()...)
	if out, err := do.CombinedOutput(); err != nil {
		d.t.Fatalf("%s: %v\n%s", command, err, out)
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

// Text returns the words in a picture, as an optical character reader sees them.
func Text(t testing.TB, shot image.Image) string {
	t.Helper()
	var data bytes.Buffer
	if err := png.Encode(&data, shot); err != nil {
		t.Fatal(err)
	}
	read := exec.Command("tesseract", "-", "-")
	read.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1") // its threads wait for each other by spinning
	read.Stdin = &data
	text, err := read.Output()
	if err != nil {
		t.Fatalf("reading the display (package tesseract-ocr): %v", err)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// AwaitText waits until the display shows the words. They must stay there: reading a picture takes seconds, on a busy machine many.
func (d *Display) AwaitText(words string) {
	d.t.Helper()
	Eventually(d.t, fmt.Sprintf("display %s shows %q", d.name, words), func() bool {
		return strings.Contains(Text(d.t, d.Shot()), words)
	})
}

// Film takes a few pictures of the display, a second apart, to be read when there is time: what is shown for a moment only is in one of them.
func (d *Display) Film() []image.Image {
	d.t.Helper()
	var film []image.Image
	for range 5 {
		film = append(film, d.Shot())
		time.Sleep(time.Second)
	}
	return film
}

// FilmShows asserts that the words are on one of the pictures.
func FilmShows(t testing.TB, film []image.Image, words string) {
	t.Helper()
	var last string
	for _, shot := range slices.Backward(film) {
		if last = Text(t, shot); strings.Contains(last, words) {
			return
		}
	}
	t.Errorf("no picture of the film shows %q; one that does not: %s", words, last)
}
