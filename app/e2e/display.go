package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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
func Text(t *testing.T, shot image.Image) string {
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

// AwaitText waits until the display shows the words. What is shown for a few seconds only is not missed, however long reading takes: pictures
// are taken meanwhile, and those that were taken in time are read to the last.
func (d *Display) AwaitText(words string) {
	d.t.Helper()
	film := &film{}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	var taking sync.WaitGroup
	taking.Go(func() { film.take(ctx, d) })
	defer taking.Wait()
	defer cancel()
	for {
		over := ctx.Err() != nil // asked before the film: what is added later is not waited for
		img := film.next()
		switch {
		case img != nil && strings.Contains(Text(d.t, img), words):
			return
		case img == nil && over:
			d.t.Fatalf("it did not come to pass that display %s shows %q", d.name, words)
		case img == nil:
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// film is what a display has shown since reading it began, in pictures that were not read yet.
type film struct {
	mu       sync.Mutex
	pictures []image.Image
}

// take takes pictures until ctx ends.
func (f *film) take(ctx context.Context, d *Display) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		if img, err := d.shot(); err != nil {
			d.t.Errorf("a picture of the display: %v", err)
		} else {
			f.add(img)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// add keeps a picture. Where many wait to be read, every second one goes: none of the time is lost, only its resolution.
func (f *film) add(img image.Image) {
	const most = 32
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pictures = append(f.pictures, img)
	if len(f.pictures) > most {
		kept := f.pictures[:0]
		for i := 0; i < len(f.pictures); i += 2 {
			kept = append(kept, f.pictures[i])
		}
		clear(f.pictures[len(kept):])
		f.pictures = kept
	}
}

// next returns the oldest picture that was not read; nil when there is none.
func (f *film) next() image.Image {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pictures) == 0 {
		return nil
	}
	img := f.pictures[0]
	f.pictures = f.pictures[1:]
	return img
}
