package portal

import (
	"context"
	"fmt"
	"os"
)

// AccessCamera asks the user for the cameras, unless that was answered before. It takes until the user has answered, or
// ctx ends: that withdraws the question.
//
// The file is a connection to PipeWire on which nothing but the cameras is seen. The caller closes it, or hands it to
// pipewire.Open. Errors wrap ctx's, [ErrNoCamera], [ErrDenied], [ErrAbsent] or [ErrFailed].
func AccessCamera(ctx context.Context) (*os.File, error) {
	file, err := accessCamera(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the desktop for the cameras: %w", err)
	}
	return file, nil
}

func accessCamera(ctx context.Context) (*os.File, error) {
	b, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	present, err := b.property(ctx, camera, "IsCameraPresent")
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil: // most often: there is no such interface
		return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
	case present == false:
		return nil, ErrNoCamera
	}
	if _, err := b.request(ctx, camera+".AccessCamera", options{}); err != nil {
		return nil, err
	}
	return b.remote(ctx, camera+".OpenPipeWireRemote")
}
