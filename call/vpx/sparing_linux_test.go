package vpx_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"parley/call/coded"
	"parley/call/coded/codedtest"
	"parley/call/vpx"
)

// An encoder is opened in a process of its own, where glibc gives large blocks mappings of their own, and in one where it never does, so
// that nothing is found and spared.
func TestAnEncoderTakesNoMemoryThatItDoesNotUse(t *testing.T) {
	if os.Getenv("PARLEY_TEST_ENCODES") != "" {
		encodeAndTell(t)
		return
	}
	spared, sparing := encodeElsewhere(t, "131072")
	kept, plain := encodeElsewhere(t, "1073741824")
	if sparing != plain {
		t.Error("frames are others when memory is given back")
	}
	if given := kept - spared; given < 15_000 {
		t.Errorf("%d kB are given back; it takes %d kB instead of %d", given, spared, kept)
	}
}

// encodeElsewhere is encodeAndTell in a process in which blocks of that many bytes get their own mappings.
func encodeElsewhere(t *testing.T, ownMapping string) (kilobytes int, frames string) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	c.Env = append(os.Environ(), "PARLEY_TEST_ENCODES=1", "GLIBC_TUNABLES=glibc.malloc.mmap_threshold="+ownMapping)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := fmt.Sscanf(string(out), "%d kB, frames %s", &kilobytes, &frames); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return kilobytes, frames
}

// encodeAndTell prints what memory an encoder takes and a sum of its frames.
func encodeAndTell(t *testing.T) {
	const width, height = 1280, 720
	before := codedtest.OwnMemory(t)
	encoder, err := vpx.VP8.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: 2_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	takes := codedtest.OwnMemory(t) - before
	sum := sha256.New()
	for i := range 8 {
		frame, err := encoder.Encode(page(width, height, i), int64(i)*3000, i == 4)
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(frame.Data)
	}
	fmt.Printf("%d kB, frames %x\n", takes, sum.Sum(nil))
}
