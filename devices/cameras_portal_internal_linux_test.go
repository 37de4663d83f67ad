package devices

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices/pipewire/pipewiretest"
	"parley/devices/portal"
	"parley/devices/portaltest"
)

// sandbox is what a program in a sandbox sees: a portal, and a PipeWire daemon behind it.
type sandbox struct {
	*portaltest.Portal
	daemon  *pipewiretest.Daemon
	cameras *portalCameras
	table   *cameraTable
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	d := pipewiretest.Start(t)
	p := &portalCameras{access: portal.AccessCamera}
	t.Cleanup(func() {
		if p.remote != nil {
			p.remote.Close()
		}
	})
	table := &cameraTable{feeds: map[string]*feed{}, open: p.open}
	return &sandbox{Portal: portaltest.Start(t, 0, d.Connect), daemon: d, cameras: p, table: table}
}

// addCamera plugs a camera in that shows a grey picture.
func (s *sandbox) addCamera(name string) *pipewiretest.Source {
	const w, h = 64, 48
	source := s.daemon.AddSource(pipewiretest.Offer{Name: name, Format: "YUY2", Width: w, Height: h, Rate: 30})
	source.Show(pipewiretest.Picture{Pix: bytes.Repeat([]byte{150, 128}, w*h), Stride: 2 * w})
	return source
}

func (s *sandbox) allow(t *testing.T) {
	t.Helper()
	if err := s.cameras.permission(); err != nil {
		t.Fatal(err)
	}
}

func (s *sandbox) listed() []string {
	var labels []string
	for _, d := range s.cameras.list() {
		labels = append(labels, d.Label)
	}
	return labels
}

// asked counts the questions to the user.
func (s *sandbox) asked() int {
	n := 0
	for _, c := range s.Calls() {
		if c.Method == "AccessCamera" {
			n++
		}
	}
	return n
}

func TestInASandboxTheUserIsAskedOnceAndThenCamerasHaveNames(t *testing.T) {
	s := newSandbox(t)
	s.addCamera("Desk Camera")
	s.addCamera("Desk Camera")
	if got := s.listed(); !slices.Equal(got, []string{anyCamera}) || s.asked() > 0 {
		t.Errorf("before it was asked for: %q, asked %d times", got, s.asked())
	}
	s.allow(t)
	s.allow(t)
	if got := s.listed(); !slices.Equal(got, []string{"Desk Camera", "Desk Camera (2)"}) {
		t.Errorf("listed %q", got)
	}
	if n := s.asked(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestInASandboxACameraGivesItsPicturesAndItsEnd(t *testing.T) {
	s := newSandbox(t)
	source := s.addCamera("Desk Camera")
	s.allow(t)
	c, err := s.table.attach("Desk Camera", Format{Width: 64, Height: 48, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f, err := c.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if w, h := f.Size(); w != 64 || h != 48 || f.Y[0] != 150 || f.Cb[0] != 128 {
		t.Errorf("the picture is %dx%d, %d, %d", w, h, f.Y[0], f.Cb[0])
	}
	f.Release()
	source.Close() // unplugged
	for err == nil {
		f, err = c.Next(context.Background())
		f.Release()
	}
	if !errors.Is(err, ErrGone) {
		t.Errorf("unplugged, it says %v", err)
	}
	if _, err := s.table.attach("Desk Camera", Format{}.orUsual()); !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrNotReadable) {
		t.Errorf("opened once more: %v", err)
	}
}

func TestInASandboxTheUsersNoIsNotAllowedAndMayBecomeAYes(t *testing.T) {
	s := newSandbox(t)
	s.addCamera("Desk Camera")
	s.Answer("AccessCamera", portaltest.Declined)
	if err := s.cameras.permission(); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("declined: %v", err)
	}
	list := s.cameras.list()
	if len(list) != 1 || !errors.Is(list[0].Err, ErrNotAllowed) {
		t.Errorf("listed %+v", list)
	}
	s.Answer("AccessCamera", portaltest.Answer{})
	s.allow(t)
	if got := s.listed(); !slices.Equal(got, []string{"Desk Camera"}) {
		t.Errorf("once allowed: %q", got)
	}
}

func TestInASandboxWithoutACameraThereIsNone(t *testing.T) {
	s := newSandbox(t)
	s.Set("Camera", "IsCameraPresent", false)
	if err := s.cameras.permission(); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestInASandboxAPortalThatFailsIsNotReadable(t *testing.T) {
	s := newSandbox(t)
	s.Answer("AccessCamera", portaltest.Failed)
	if err := s.cameras.permission(); !errors.Is(err, ErrNotReadable) {
		t.Errorf("got %v", err)
	}
}

func TestInASandboxWithoutAPortalTheDeviceFilesDecide(t *testing.T) {
	s := newSandbox(t)
	s.Withhold("Camera")
	if err := s.cameras.permission(); err != nil || !s.cameras.absent {
		t.Errorf("without the portal: %v, absent %v", err, s.cameras.absent)
	}
}

func TestInASandboxADeadPipeWireIsAskedForAgain(t *testing.T) {
	s := newSandbox(t)
	s.addCamera("Desk Camera")
	s.allow(t)
	c, err := s.table.attach("Desk Camera", Format{}.orUsual())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.daemon.Kill()
	for err == nil {
		f, failed := c.Next(context.Background())
		f.Release()
		err = failed
	}
	if !errors.Is(err, ErrGone) {
		t.Errorf("its camera says %v", err)
	}
	for patience := time.Now().Add(time.Minute); !slices.Equal(s.listed(), []string{anyCamera}); {
		if time.Now().After(patience) {
			t.Fatalf("still listed: %q", s.listed())
		}
	}
	if err := s.cameras.permission(); err == nil {
		t.Error("a connection to nobody is taken for cameras")
	}
	if n := s.asked(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}
