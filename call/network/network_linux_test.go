package network_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call/network"
)

// inside says that this process has a network of its own.
const inside = "PARLEY_TEST_OWN_NETWORK"

// TestMain lets the test below run once more in a network of its own, where it may do as it likes.
func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" {
		os.Exit(roam())
	}
	os.Exit(m.Run())
}

// roam gives its machine an address and takes it away again, and says what it is told.
func roam() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told, ended := make(chan struct{}, 16), make(chan struct{})
	go func() {
		defer close(ended)
		network.Watch(ctx, func() { told <- struct{}{} })
	}()
	for _, change := range []string{
		"link add parley0 type veth peer name parley1", "link set parley0 up", "link set parley1 up",
		"addr add 192.0.2.5/24 dev parley0", "wait",
		"addr add 2001:db8::5/64 dev parley0 nodad", "wait", "addr del 192.0.2.5/24 dev parley0", "wait",
	} {
		if change != "wait" {
			if out, err := exec.Command("ip", strings.Fields(change)...).CombinedOutput(); err != nil {
				fmt.Printf("%s: %v: %s\n", change, err, out)
				return 2
			}
			continue
		}
		select {
		case <-told:
		case <-time.After(time.Minute):
			fmt.Println("nothing was told")
			return 1
		}
	}
	cancel()
	<-ended
	if err := goleak.Find(); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func TestTheSystemTellsOfAddressesThatComeAndGo(t *testing.T) {
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("there is no ip to change addresses with")
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), inside+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := child.CombinedOutput()
	exit, ran := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
	case !ran || exit.ExitCode() == 2:
		t.Skipf("no network of one's own can be had here: %v: %s", err, out)
	default:
		t.Errorf("%v: %s", err, out)
	}
}
