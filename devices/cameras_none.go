//go:build !linux && !darwin && !windows

package devices

// listCameras returns nothing: there is no camera driver for this system.
func listCameras() []Device { return nil }

func openCameraHardware(string, Format) (grabber, error) { return nil, ErrNotFound }
