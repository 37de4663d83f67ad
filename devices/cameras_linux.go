package devices

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/driver/camera"
	"golang.org/x/sys/unix"
)

func listCameras() []Device {
	if thePortal.servesCameras() {
		return thePortal.list()
	}
	var list []Device
	for _, n := range scanNodes() {
		list = append(list, n.Device)
	}
	return list
}

// openCameraHardware opens and starts the camera of that label.
func openCameraHardware(label string, want Format) (grabber, error) {
	if thePortal.servesCameras() {
		return thePortal.open(label, want)
	}
	nodes := scanNodes()
	at := slices.IndexFunc(nodes, func(n node) bool { return n.Label == label })
	if at < 0 {
		return nil, ErrNotFound
	}
	n := nodes[at]
	if n.Err != nil {
		return nil, n.Err
	}
	d, err := drivers.of(n)
	if err != nil {
		return nil, err
	}
	g, err := startDriver(d, want)
	if err != nil {
		return nil, nameHolder(err, n.path)
	}
	closeOnExec(n.path)
	return g, nil
}

// nameHolder adds to an error which program has the device, where that is why.
func nameHolder(err error, path string) error {
	if !isBusy(err) {
		return err
	}
	program, pid, found := holderOf(path)
	if !found {
		return err
	}
	return &InUseError{Program: program, PID: pid, Err: syscall.EBUSY}
}

// drivers are those that mediadevices has made, one a node.
var drivers = driverTable{made: map[string]unix.Timespec{}}

type driverTable struct {
	mu   sync.Mutex
	made map[string]unix.Timespec // when the node that a driver was made for had last changed, by path
}

// of returns the driver of a node, not open. It has mediadevices look at all nodes, which opens each, only for one that is new.
func (t *driverTable) of(n node) (driver.Driver, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	made, known := t.made[n.path]
	d := query(n)
	if !known || made != n.changed || d == nil || d.Status() != driver.StateClosed {
		camera.Initialize()
		if d = query(n); d == nil {
			return nil, fmt.Errorf("%w: %s has gone", ErrNotFound, n.path)
		}
		t.made[n.path] = n.changed
	}
	return d, nil
}

func query(n node) driver.Driver {
	found := driver.GetManager().Query(func(d driver.Driver) bool {
		return d.Info().DeviceType == driver.Camera && strings.HasSuffix(d.Info().Label, camera.LabelSeparator+n.name())
	})
	if len(found) == 0 {
		return nil
	}
	return found[0]
}
