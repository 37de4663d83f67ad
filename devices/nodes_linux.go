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

	"golang.org/x/sys/unix"
)

// node is a camera as V4L2 shows it: /dev/video0 and so on. A camera has further nodes that give no picture.
// https://docs.kernel.org/userspace-api/media/v4l/open.html
type node struct {
	Device
	path    string        // "/dev/video0"
	changed unix.Timespec // when its permissions changed last, or it was made
}

func (n node) name() string { return filepath.Base(n.path) }

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
		seen, changed, ok := theSights.look(path)
		if !ok {
			continue
		}
		d := Device{Kind: KindCamera, Label: names.unique(seen.card), Err: seen.err}
		nodes = append(nodes, node{Device: d, path: path, changed: changed})
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
	card    string
	picture bool  // it gives pictures of a kind that is known here
	err     error // why it cannot be opened
}

// sighting is a look at a node, under way or done.
type sighting struct {
	changed unix.Timespec // of the node, before
	done    chan struct{} // closed when sight is known
	sight   sight
	slow    bool // somebody has waited for it in vain; guarded by sights.mu
}

// sights remembers nodes that were looked at: opening one wakes the camera's USB port up. A driver that hangs while it is opened
// keeps one goroutine, and holds a caller up once.
type sights struct {
	examine func(path string) sight
	mu      sync.Mutex
	of      map[string]*sighting
}

var theSights = sights{examine: examine, of: map[string]*sighting{}}

// look returns what is known of a node and when it had changed; false when it gives no pictures.
func (s *sights) look(path string) (sight, unix.Timespec, bool) {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.of, path)
		return sight{}, unix.Timespec{}, false // it has just gone
	}
	g, wait := s.at(path, st.Ctim)
	if wait && !endsInTime(g.done) {
		s.mu.Lock()
		g.slow = true
		s.mu.Unlock()
	}
	select {
	case <-g.done:
		return g.sight, g.changed, g.sight.picture
	default:
		hung := unseen(path, fmt.Errorf("%w: its driver does not answer", ErrNotReadable))
		return hung, g.changed, hung.picture
	}
}

// at returns the sighting of a node that last changed then, which it starts if need be, and whether to wait for it.
func (s *sights) at(path string, changed unix.Timespec) (g *sighting, wait bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g = s.of[path]
	if g != nil {
		select {
		case <-g.done:
		default:
			return g, !g.slow
		}
	}
	// A permission may change without the node changing, so what was refused is tried again.
	if g == nil || g.changed != changed || g.sight.err != nil {
		g = &sighting{changed: changed, done: make(chan struct{})}
		s.of[path] = g
		go func() {
			defer close(g.done)
			g.sight = s.examine(path)
		}()
	}
	return g, true
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

// pixelFormat is struct v4l2_fmtdesc.
// https://docs.kernel.org/userspace-api/media/v4l/vidioc-enum-fmt.html
type pixelFormat struct {
	index       uint32
	bufferType  uint32
	flags       uint32
	description [32]byte
	fourCC      [4]byte
	mediaBus    uint32
	reserved    [3]uint32
}

const (
	queryCapability = 0x80685600 // VIDIOC_QUERYCAP
	enumFormats     = 0xc0405602 // VIDIOC_ENUM_FMT

	capVideoCapture = 0x00000001
	capStreaming    = 0x04000000
	capMediaCentric = 0x20000000 // a part of a pipeline that is to be put together first
	capDeviceCaps   = 0x80000000

	bufferTypeCapture = 1
	maxPixelFormats   = 128 // that a driver is asked about
)

// knownFormats are those that mediadevices decodes.
var knownFormats = []string{"YU12", "NV21", "NV12", "YUYV", "UYVY", "MJPG"}

func examine(path string) sight {
	s := sight{card: sysfs(path, "name")}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENOENT):
		return s // its device has gone
	case err != nil:
		return unseen(path, asCameraError(fmt.Errorf("opening %s: %w", path, err)))
	}
	defer unix.Close(fd)
	var c capability
	if control(fd, queryCapability, unsafe.Pointer(&c)) != nil {
		return s
	}
	caps := c.capabilities
	if caps&capDeviceCaps != 0 {
		caps = c.deviceCaps
	}
	const needed = capVideoCapture | capStreaming
	s.picture = caps&needed == needed && caps&capMediaCentric == 0 && hasKnownFormat(fd)
	if s.card == "" {
		s.card = unix.ByteSliceToString(c.card[:])
	}
	return s
}

// unseen is what is known of a node that cannot be asked. By convention the first node of a camera gives the pictures.
func unseen(path string, err error) sight {
	return sight{card: sysfs(path, "name"), picture: sysfs(path, "index") == "0", err: err}
}

// hasKnownFormat tells a camera from its further nodes, which give depth, infrared or another coding of the same picture.
func hasKnownFormat(fd int) bool {
	for i := range uint32(maxPixelFormats) {
		f := pixelFormat{index: i, bufferType: bufferTypeCapture}
		if control(fd, enumFormats, unsafe.Pointer(&f)) != nil {
			return false
		}
		if slices.Contains(knownFormats, string(f.fourCC[:])) {
			return true
		}
	}
	return false
}

// control is ioctl(2).
func control(fd int, request uintptr, data unsafe.Pointer) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(data))
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return errno
		}
	}
}

// sysfs reads what the kernel says of a node to everybody; empty when it does not.
func sysfs(path, attribute string) string {
	text, err := os.ReadFile(filepath.Join("/sys/class/video4linux", filepath.Base(path), attribute))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
