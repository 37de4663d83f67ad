package giveback_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"parley/call/coded"
	"parley/call/coded/codedtest"
	"parley/call/giveback"
	"parley/call/vpx"
)

// It happens in a process of its own, in which glibc has one store and gives nothing of it back by itself.
func TestWhatCodecsLetGoOfGoesBackToTheSystem(t *testing.T) {
	if os.Getenv("PARLEY_TEST_GIVES_BACK") != "" {
		letGoAndTell(t)
		return
	}
	c := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	c.Env = append(os.Environ(), "PARLEY_TEST_GIVES_BACK=1", codedtest.GivesNothingBack)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var used, kept, left int
	if _, err := fmt.Sscanf(string(out), "%d kB used, %d kB kept, %d kB left", &used, &kept, &left); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if kept < used/2 {
		t.Fatalf("of %d kB glibc keeps %d: there is nothing to give back", used, kept)
	}
	if left > kept/2 {
		t.Errorf("of %d kB that were let go of, %d are still there", kept, left)
	}
}

// letGoAndTell lets go of three encoders that were opened before another, and prints what memory that leaves.
func letGoAndTell(t *testing.T) {
	var all [4]coded.Encoder
	before := codedtest.OwnMemory(t)
	for i := range all {
		encoder, err := vpx.VP8.NewEncoder(coded.Settings{Width: 640, Height: 360, BitRate: 500_000})
		if err != nil {
			t.Fatal(err)
		}
		defer encoder.Close()
		all[i] = encoder
	}
	used := codedtest.OwnMemory(t)
	for _, encoder := range all[:3] {
		encoder.Close()
	}
	kept := codedtest.OwnMemory(t)
	synctest.Test(t, func(*testing.T) {
		giveback.Soon()
		time.Sleep(time.Minute)
	})
	left := codedtest.OwnMemory(t)
	one := (used - before) / len(all)
	fmt.Printf("%d kB used, %d kB kept, %d kB left\n", used-before-one, kept-before-one, left-before-one)
}
