package devices

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/driver/camera"
	"golang.org/x/sys/unix"
)

// node is a camera as V4L2 shows it: /dev/video0 and so on. A camera has further nodes that give no picture.
// https://docs.kernel.org/userspace-api/media/v4l/open.html
type node struct {
	Device
	name string // "video0"
}

func listCameras() []Device {
	var list []Device
	for _, n := range scanNodes() {
		list = append(list, n.Device)
	}
	return list
}

// findDriver returns the driver of the camera with that label, not open.
func findDriver(label string) (driver.Driver, error) {
	nodes := scanNodes()
	at := slices.IndexFunc(nodes, func(n node) bool { return n.Label == label })
	if at < 0 {
		return nil, ErrNotFound
	}
	if nodes[at].Err != nil {
		return nil, nodes[at].Err
	}
	camera.Initialize() // it knows only what was there the last time
	found := driver.GetManager().Query(func(d driver.Driver) bool {
		return d.Info().DeviceType == driver.Camera && strings.HasSuffix(d.Info().Label, camera.LabelSeparator+nodes[at].name)
	})
	if len(found) == 0 {
		return nil, ErrNotFound
	}
	return found[0], nil
}

// scanNodes returns the nodes that give pictures, in the order of their numbers.
func scanNodes() []node {
	paths, err := filepath.Glob("/dev/video*")
	if err != nil {
		return nil // only a malformed pattern
	}
	slices.SortFunc(paths, func(a, b string) int { return nodeNumber(a) - nodeNumber(b) })
	var nodes []node
	names := newLabels()
	for _, path := range paths {
		seen, ok := look(path)
		if !ok {
			continue
		}
		d := Device{Kind: KindCamera, Label: names.unique(seen.card), Err: seen.err, Default: len(nodes) == 0}
		nodes = append(nodes, node{Device: d, name: filepath.Base(path)})
	}
	return nodes
}

func nodeNumber(path string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(path, "/dev/video"))
	if err != nil {
		return -1
	}
	return n
}

// sight is what is known of a node without streaming from it.
type sight struct {
	changed unix.Timespec // of the node: permission or device
	card    string
	picture bool
	err     error // why it cannot be opened
}

// sights remembers nodes that were looked at: opening one wakes the camera's USB port up.
var sights = struct {
	sync.Mutex
	of map[string]sight
}{of: map[string]sight{}}

// look returns what is known of a node; false when it gives no pictures.
func look(path string) (sight, bool) {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return sight{}, false // it has just gone
	}
	sights.Lock()
	defer sights.Unlock()
	s, known := sights.of[path]
	if !known || s.changed != st.Ctim {
		s = examine(path)
		s.changed = st.Ctim
		if s.err == nil {
			sights.of[path] = s // a permission may change without the node changing
		}
	}
	return s, s.picture
}

// capability is struct v4l2_capability.
// https://docs.kernel.org/userspace-api/media/v4l/vidioc-querycap.html
type capability struct {
	driver       [16]byte
	card         [32]byte
	bus          [32]byte
	version      uint32
	capabilities uint32
	deviceCaps   uint32
	reserved     [3]uint32
}

const (
	queryCapability = 0x80685600 // VIDIOC_QUERYCAP

	capVideoCapture = 0x00000001
	capStreaming    = 0x04000000
	capDeviceCaps   = 0x80000000
)

func examine(path string) sight {
	s := sight{card: sysfs(path, "name")}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		// What it is cannot be asked. By convention the first node of a camera gives the pictures.
		s.picture = sysfs(path, "index") == "0" && !errors.Is(err, unix.ENODEV) && !errors.Is(err, unix.ENXIO)
		s.err = classifyCamera(fmt.Errorf("opening %s: %w", path, err))
		return s
	}
	defer unix.Close(fd)
	var c capability
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), queryCapability, uintptr(unsafe.Pointer(&c))); errno != 0 {
		return s
	}
	caps := c.capabilities
	if caps&capDeviceCaps != 0 {
		caps = c.deviceCaps
	}
	s.picture = caps&capVideoCapture != 0 && caps&capStreaming != 0
	if s.card == "" {
		s.card = unix.ByteSliceToString(c.card[:])
	}
	return s
}

// sysfs reads what the kernel says of a node to everybody; empty when it does not.
func sysfs(path, attribute string) string {
	text, err := os.ReadFile(filepath.Join("/sys/class/video4linux", filepath.Base(path), attribute))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
