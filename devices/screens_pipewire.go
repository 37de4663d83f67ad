//go:build linux

package devices

import (
	"errors"
	"os"

	"parley/devices/pipewire"
)

// openPipeWire is the real openCast.
func openPipeWire(connection *os.File, node uint32, rate float64) (castPictures, error) {
	remote, err := pipewire.Open(connection)
	if err != nil {
		return nil, err
	}
	stream, err := remote.Stream(node, pipewire.Format{FrameRate: rate})
	if err != nil {
		_ = remote.Close() // err says more
		return nil, err
	}
	return pipeWirePictures{stream, remote}, nil
}

// pipeWirePictures is a stream with the connection that it comes over.
type pipeWirePictures struct {
	*pipewire.Stream
	remote *pipewire.Remote
}

// Close ends both.
func (p pipeWirePictures) Close() error {
	return errors.Join(p.Stream.Close(), p.remote.Close())
}
