package devices

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// mayUse returns why this process may not open a device's node, as far as the node's mode says.
func mayUse(node string) error {
	const readAndWrite = 4 | 2 // R_OK | W_OK, see access(2)
	if err := syscall.Access(node, readAndWrite); errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: %s is for the group audio", ErrNotAllowed, node)
	}
	return nil
}
