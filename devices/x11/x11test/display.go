//go:build linux

package x11test

import (
	"bufio"
	"image"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// Display is a virtual display. Its methods belong to the goroutine of the test.
type Display struct {
	// Name is what DISPLAY is for it.
	Name string

	t    testing.TB
	kill func()
	x    *xgb.Conn // made with the first window
}

// Start starts a display of the size WxH with that many bits a pixel, 24 on usual ones. The options are Xvfb's. It ends with the test.
func Start(t testing.TB, size string, depth string, options ...string) *Display {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	// Xvfb takes a free number and writes it when it is ready.
	args := append([]string{"-displayfd", "3", "-screen", "0", size + "x" + depth, "-nolisten", "tcp", "-noreset"}, options...)
	server := exec.Command("Xvfb", args...)
	server.ExtraFiles = []*os.File{write}
	if err := server.Start(); err != nil {
		t.Fatalf("a virtual display (package xvfb): %v", err)
	}
	write.Close()
	d := &Display{t: t, kill: sync.OnceFunc(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed, which is an error to Wait
	})}
	t.Cleanup(d.Kill)
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("the virtual display did not start: %v", err)
	}
	d.Name = ":" + strings.TrimSpace(number)
	return d
}

// Kill ends the X server, as if it had crashed, and waits until it has ended.
func (d *Display) Kill() {
	d.Disconnect()
	d.kill()
}

// Disconnect ends the program of the display's windows, as if it had crashed: they are closed.
func (d *Display) Disconnect() {
	if d.x == nil {
		return
	}
	d.x.Close()
	for { // until what reads from the connection has ended
		if ev, err := d.x.WaitForEvent(); ev == nil && err == nil {
			break
		}
	}
	d.x = nil
}

// X is the connection of the program whose windows [Display.Open] opens.
func (d *Display) X() *xgb.Conn {
	d.t.Helper()
	if d.x == nil {
		x, err := xgb.NewConnDisplay(d.Name)
		if err != nil {
			d.t.Fatal(err)
		}
		d.x = x
	}
	return d.x
}

// Root is the window behind all others.
func (d *Display) Root() xproto.Window { return d.screen().Root }

func (d *Display) screen() *xproto.ScreenInfo { return xproto.Setup(d.X()).DefaultScreen(d.X()) }

// MovePointer moves the mouse pointer to a point of the display.
func (d *Display) MovePointer(x, y int) {
	d.t.Helper()
	d.check(xproto.WarpPointerChecked(d.X(), 0, d.Root(), 0, 0, 0, 0, int16(x), int16(y)).Check())
}

// SetMonitor puts a monitor on a part of the display, beside the one that is there from the start.
func (d *Display) SetMonitor(name string, bounds image.Rectangle, primary bool) {
	d.t.Helper()
	d.randr()
	d.check(randr.SetMonitorChecked(d.X(), d.Root(), randr.MonitorInfo{
		Name: xproto.Atom(d.Atom(name)), Primary: primary, X: int16(bounds.Min.X), Y: int16(bounds.Min.Y),
		Width: uint16(bounds.Dx()), Height: uint16(bounds.Dy()), WidthInMillimeters: 300, HeightInMillimeters: 200,
	}).Check())
}

// DeleteMonitor takes a monitor away.
func (d *Display) DeleteMonitor(name string) {
	d.t.Helper()
	d.randr()
	d.check(randr.DeleteMonitorChecked(d.X(), d.Root(), xproto.Atom(d.Atom(name))).Check())
}

// randr makes the extension ready. Its Init is not called, for the reason given in package x11.
func (d *Display) randr() {
	d.t.Helper()
	const name = "RANDR"
	found, err := xproto.QueryExtension(d.X(), uint16(len(name)), name).Reply()
	d.check(err)
	d.x.ExtLock.Lock()
	d.x.Extensions[name] = found.MajorOpcode
	d.x.ExtLock.Unlock()
	_, err = randr.QueryVersion(d.x, 1, 5).Reply()
	d.check(err)
}

// SetProperty sets a property of a window to bytes of that type.
func (d *Display) SetProperty(w xproto.Window, name, kind string, value []byte) {
	d.t.Helper()
	d.setProperty(w, name, kind, 8, len(value), value)
}

// SetNumbers sets a property of a window to numbers of that type.
func (d *Display) SetNumbers(w xproto.Window, name, kind string, numbers ...uint32) {
	d.t.Helper()
	value := make([]byte, 4*len(numbers))
	for i, n := range numbers {
		xgb.Put32(value[4*i:], n)
	}
	d.setProperty(w, name, kind, 32, len(numbers), value)
}

func (d *Display) setProperty(w xproto.Window, name, kind string, format byte, units int, value []byte) {
	d.t.Helper()
	d.check(xproto.ChangePropertyChecked(d.X(), xproto.PropModeReplace, w, xproto.Atom(d.Atom(name)), xproto.Atom(d.Atom(kind)),
		format, uint32(units), value).Check())
}

// Atom returns the number of a name.
func (d *Display) Atom(name string) uint32 {
	d.t.Helper()
	reply, err := xproto.InternAtom(d.X(), false, uint16(len(name)), name).Reply()
	d.check(err)
	return uint32(reply.Atom)
}

func (d *Display) check(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatalf("display %s: %v", d.Name, err)
	}
}
