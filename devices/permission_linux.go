package devices

import "parley/devices/portal"

// thePortal hands out the cameras in a sandbox.
var thePortal = portalCameras{access: portal.AccessCamera}

// servesCameras says whether cameras come from the portal, and not from device files.
func (p *portalCameras) servesCameras() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.absent && portal.Sandboxed()
}

// cameraPermission asks the user where this program runs in a sandbox. Elsewhere the answer comes from each device's node, with the
// opening.
func cameraPermission() error {
	if portal.Sandboxed() {
		return thePortal.permission()
	}
	return nil
}

// microphonePermission returns nil: the sound system lets a program in, or does not.
func microphonePermission() error { return nil }
