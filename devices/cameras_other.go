//go:build darwin || windows

package devices

import (
	"slices"
	"strings"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/driver/camera"
)

// found is a camera and its driver.
type found struct {
	Device
	driver driver.Driver
}

// scanCameras asks the system anew: mediadevices knows only what was there the last time.
func scanCameras() []found {
	manager := driver.GetManager()
	isCamera := func(d driver.Driver) bool { return d.Info().DeviceType == driver.Camera }
	for _, d := range manager.Query(isCamera) {
		manager.Delete(d.ID())
	}
	camera.Initialize()
	drivers := manager.Query(isCamera)
	slices.SortFunc(drivers, func(a, b driver.Driver) int { return strings.Compare(a.Info().Label, b.Info().Label) })
	var list []found
	names := newLabels()
	for i, d := range drivers {
		name := d.Info().Name
		if name == "" {
			name = d.Info().Label
		}
		list = append(list, found{Device{Kind: KindCamera, Label: names.unique(name), Default: i == 0}, d})
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

// findDriver returns the driver of the camera with that label, not open.
func findDriver(label string) (driver.Driver, error) {
	for _, f := range scanCameras() {
		if f.Label == label {
			return f.driver, nil
		}
	}
	return nil, ErrNotFound
}
