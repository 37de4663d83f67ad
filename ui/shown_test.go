package ui_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"parley/call"
)

// size is how large others' pictures were last said to be shown; it fails when nothing was said.
func (c *fakeCall) size(t *testing.T, what string) (width, height int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	size, ok := c.shown[what]
	if !ok {
		t.Fatalf("nobody said how large %s is shown", what)
	}
	return size[0], size[1]
}

func TestAPersonIsToldHowLargeTheirPictureIsShown(t *testing.T) {
	d, c := inCall(t, ben)
	alone, _ := c.size(t, ben.ID)
	if alone < 1000 || alone > 1280 {
		t.Errorf("alone in a window of 1280 pixels it is %d wide", alone)
	}
	cara := call.Person{ID: "p3", Name: "Cara", State: call.PersonConnected, Camera: true}
	c.join(cara)
	d.settle()
	beside, _ := c.size(t, ben.ID)
	if beside < 500 || beside > 640 {
		t.Errorf("beside another it is %d wide", beside)
	}
	d.win.Resize(fyne.NewSize(640, 400))
	d.settle()
	if small, _ := c.size(t, ben.ID); small >= beside {
		t.Errorf("in half the window it is %d wide, after %d", small, beside)
	}
}

func TestNobodyIsAskedForAPictureThatIsNotShown(t *testing.T) {
	d, c := inCall(t, ben)
	c.size(t, ben.ID)
	off := ben
	off.Camera = false
	c.update(off)
	d.settle()
	if w, h := c.size(t, ben.ID); w != 0 || h != 0 {
		t.Errorf("a camera that is off is shown in %d by %d pixels", w, h)
	}
}

func TestAMinimisedWindowAsksForNoPictures(t *testing.T) {
	d, c := inCall(t, ben)
	sharing := dora
	sharing.Camera, sharing.Screen = true, true
	c.join(sharing)
	d.settle()
	stage, _ := c.size(t, dora.ID+"/")
	if stage < 640 {
		t.Errorf("what is on the stage is %d wide", stage)
	}
	d.window.SetHidden(true)
	d.settle()
	cara := call.Person{ID: "p3", Name: "Cara", State: call.PersonConnected, Camera: true}
	c.join(cara)
	d.settle()
	for _, what := range []string{ben.ID, dora.ID, dora.ID + "/", cara.ID} {
		if w, h := c.size(t, what); w != 0 || h != 0 {
			t.Errorf("%s is shown in %d by %d pixels", what, w, h)
		}
	}
	d.window.SetHidden(false)
	d.settle()
	for _, what := range []string{ben.ID, dora.ID, dora.ID + "/", cara.ID} {
		if w, _ := c.size(t, what); w == 0 {
			t.Errorf("%s is not asked for again", what)
		}
	}
}
