package e2e

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
	"testing"
)

// credential makes a program run as another user, with the groups of that user and no others.
func credential(t testing.TB, account string) *syscall.SysProcAttr {
	t.Helper()
	u, err := user.Lookup(account)
	if err != nil {
		t.Fatal(err)
	}
	groups, err := u.GroupIds()
	if err != nil {
		t.Fatal(err)
	}
	as := &syscall.Credential{Uid: number(t, u.Uid), Gid: number(t, u.Gid)}
	for _, g := range groups {
		as.Groups = append(as.Groups, number(t, g))
	}
	return &syscall.SysProcAttr{Credential: as}
}

func number(t testing.TB, id string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(n)
}

// home makes a folder that a program may fill, which belongs to whom it runs as. It is removed with the test.
func home(t testing.TB, as *syscall.SysProcAttr) string {
	t.Helper()
	if as == nil {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp("", "parley-home") // t.TempDir lies in a folder that nobody else may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chown(dir, int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
		t.Fatal(err)
	}
	return dir
}
