package rigtest

import (
	"fmt"
	"os"
	"testing"

	"parley/app/e2e"
)

// TestMain runs the tests in the guest, where .ci/rig has said which folder the programs are in, and nowhere else.
func TestMain(m *testing.M) {
	programs := os.Getenv("PARLEY_RIG")
	if programs == "" {
		fmt.Println("left out: these tests unplug the machine's devices; make test-devices runs them in a machine of their own")
		return
	}
	e2e.UseBuilt(programs)
	os.Exit(m.Run())
}
