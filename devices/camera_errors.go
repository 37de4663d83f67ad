package devices

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// accessDenied is how Windows' E_ACCESSDENIED is written.
const accessDenied = "0x80070005"

// asCameraError returns a driver's error as one of this package's.
func asCameraError(err error) error {
	for _, known := range []error{ErrNotAllowed, ErrNotFound, ErrNotReadable, ErrOverconstrained} {
		if errors.Is(err, known) {
			return err
		}
	}
	err = unflatten(err)
	kind := ErrNotReadable
	switch {
	case errors.Is(err, fs.ErrPermission), strings.Contains(strings.ToLower(err.Error()), accessDenied):
		kind = ErrNotAllowed
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		kind = ErrNotFound
	case errors.Is(err, syscall.EINVAL):
		kind = ErrOverconstrained
	}
	return fmt.Errorf("%w (%w)", kind, err)
}

// unflatten finds the error number that a driver made text of: "Failed to map request buffers: device or resource busy".
func unflatten(err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return err
	}
	for _, number := range []syscall.Errno{
		syscall.EACCES, syscall.EPERM, syscall.EBUSY, syscall.ENODEV, syscall.ENXIO, syscall.ENOENT, syscall.EINVAL,
	} {
		if before, found := strings.CutSuffix(err.Error(), number.Error()); found {
			return fmt.Errorf("%s%w", before, number)
		}
	}
	return err
}

// endsCamera says whether a camera's reader that gave this error has ended. After others the next picture may come.
// https://docs.kernel.org/userspace-api/media/v4l/vidioc-qbuf.html#return-value
func endsCamera(err error) bool {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return false
	}
	return number != syscall.EAGAIN && number != syscall.EINTR && number != syscall.EIO
}
