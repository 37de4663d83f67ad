package devices

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"
)

func TestErrorsOfDriversAreToldApart(t *testing.T) {
	for _, c := range []struct{ err, want error }{
		{syscall.EACCES, ErrNotAllowed},
		{syscall.EPERM, ErrNotAllowed},
		{errors.New("failed to open device: HRESULT 0x80070005"), ErrNotAllowed},
		{fmt.Errorf("open: %w", syscall.ENOENT), ErrNotFound},
		{syscall.ENODEV, ErrNotFound},
		{syscall.ENXIO, ErrNotFound},
		{errors.New("Failed to map request buffers: " + syscall.ENODEV.Error()), ErrNotFound},
		{syscall.EBUSY, ErrNotReadable},
		{errors.New("Failed to map request buffers: " + syscall.EBUSY.Error()), ErrNotReadable},
		{errors.New("it just does not work"), ErrNotReadable},
		{syscall.EINVAL, ErrOverconstrained},
		{errors.New("Failed to start streaming: " + syscall.EINVAL.Error()), ErrOverconstrained},
	} {
		if got := asCameraError(c.err); !errors.Is(got, c.want) {
			t.Errorf("%v is taken for %v, want %v", c.err, got, c.want)
		}
	}
}

func TestAnErrorThatIsClassedAlreadyStays(t *testing.T) {
	err := fmt.Errorf("%w: its driver does not answer (%w)", ErrNotReadable, syscall.EINVAL)
	if got := asCameraError(err); got != err {
		t.Errorf("%v becomes %v", err, got)
	}
}

func TestTheErrorNumberIsFoundInTheText(t *testing.T) {
	if err := asCameraError(errors.New("Failed to map request buffers: " + syscall.EBUSY.Error())); !errors.Is(err, syscall.EBUSY) {
		t.Errorf("%v is not known to be EBUSY", err)
	}
}

func TestOnlyLastingErrorsEndACamera(t *testing.T) {
	for err, ends := range map[error]bool{
		syscall.ENODEV: true, syscall.EBADF: true, fmt.Errorf("reading: %w", syscall.EINVAL): true,
		syscall.EAGAIN: false, syscall.EINTR: false, syscall.EIO: false, io.ErrUnexpectedEOF: false,
	} {
		if endsCamera(err) != ends {
			t.Errorf("%v ends it: %v, want %v", err, !ends, ends)
		}
	}
}
