//go:build darwin || windows

package devices

import (
	"slices"
	"strings"
	"sync"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/driver/camera"
)

// found is a camera and its driver.
type found struct {
	Device
	driver driver.Driver
}

// scanning is held while the drivers are counted anew: mediadevices knows only what was there the last time.
var scanning sync.Mutex

func scanCameras() []found {
	scanning.Lock()
	defer scanning.Unlock()
	manager := driver.GetManager()
	isCamera := func(d driver.Driver) bool { return d.Info().DeviceType == driver.Camera }
	for _, d := range manager.Query(isCamera) {
		manager.Delete(d.ID())
	}
	camera.Initialize()
	drivers := manager.Query(isCamera)
	slices.SortFunc(drivers, func(a, b driver.Driver) int { return strings.Compare(a.Info().Label, b.Info().Label) })
	refused := cameraRefused()
	var list []found
	names := newLabels()
	for _, d := range drivers {
		name := d.Info().Name
		if name == "" {
			name = d.Info().Label
		}
		list = append(list, found{Device{Kind: KindCamera, Label: names.unique(name), Err: refused}, d})
	}
	return list
}

func listCameras() []Device {
	var list []Device
	for _, f := range scanCameras() {
		list = append(list, f.Device)
	}
	return list
}

// openCameraHardware opens and starts the camera of that label.
func openCameraHardware(label string, want Format) (grabber, error) {
	for _, f := range scanCameras() {
		if f.Label == label {
			return startDriver(f.driver, want)
		}
	}
	return nil, ErrNotFound
}
