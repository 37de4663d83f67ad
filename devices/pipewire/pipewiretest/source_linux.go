package pipewiretest

// #cgo pkg-config: libpipewire-0.3
// #include <stdlib.h>
// #include <spa/param/video/raw.h>
// #include "source_linux.h"
import "C"

import (
	"image"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offer is what a source is.
type Offer struct {
	Name          string        // as people call it
	Class         string        // "Video/Source" when empty: a camera, in PipeWire's words
	Format        string        // "BGRx" when empty; BGRA, RGBx, RGBA, YUY2, NV12, I420, or UYVY, which few read
	Width, Height int           // pixels
	Also          []image.Point // sizes that it has too, three at the most; they need Bytes
	Rate          int           // pictures a second; 0 for a screen, which has none
	Bytes         int           // of memory for a picture; 0 for enough
	Cut           int           // how many of those bytes exist; 0 for all
}

var formats = map[string]C.uint32_t{
	"": C.SPA_VIDEO_FORMAT_BGRx, "BGRx": C.SPA_VIDEO_FORMAT_BGRx, "BGRA": C.SPA_VIDEO_FORMAT_BGRA,
	"RGBx": C.SPA_VIDEO_FORMAT_RGBx, "RGBA": C.SPA_VIDEO_FORMAT_RGBA, "YUY2": C.SPA_VIDEO_FORMAT_YUY2,
	"NV12": C.SPA_VIDEO_FORMAT_NV12, "I420": C.SPA_VIDEO_FORMAT_I420, "UYVY": C.SPA_VIDEO_FORMAT_UYVY,
}

// Picture is what a source shows, and what it says of it.
type Picture struct {
	Pix             []byte          // what lies in memory
	Offset          int             // where it says that the picture begins there
	Size            int             // how many bytes it says there are; 0 for those of Pix
	Stride          int             // from row to row, as it says
	CorruptedChunk  bool            // it says that the picture is broken,
	CorruptedHeader bool            // in one of two ways
	Crop            image.Rectangle // the part that counts; empty for all
	Age             time.Duration   // since it was taken; negative for a source that has no clock
}

// Source is a source of pictures. Its methods may be called from any goroutine.
type Source struct {
	c    *C.struct_source
	stop chan struct{}
	sent sync.WaitGroup
	once sync.Once

	mu   sync.Mutex
	show []Picture
}

// AddSource adds a source, and waits until the daemon knows it. It shows nothing yet, and ends with the test.
func (d *Daemon) AddSource(o Offer) *Source {
	d.t.Helper()
	file, err := d.Connect()
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	if o.Class == "" {
		o.Class = "Video/Source"
	}
	if o.Bytes == 0 {
		o.Bytes = 4*o.Width*o.Height + 4096
	}
	name, class := C.CString(o.Name), C.CString(o.Class)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(class))
	sizes := []C.int{C.int(o.Width), C.int(o.Height)}
	for _, size := range o.Also[:min(len(o.Also), C.MAX_SIZES-1)] {
		sizes = append(sizes, C.int(size.X), C.int(size.Y))
	}
	s := &Source{stop: make(chan struct{})}
	s.c = C.source_new(C.int(fd), name, class, formats[o.Format], &sizes[0], C.int(len(sizes)/2), C.int(o.Rate), C.uint32_t(o.Bytes), C.uint32_t(o.Cut))
	if s.c == nil {
		d.t.Fatal("PipeWire took no source")
	}
	s.sent.Go(s.send)
	d.t.Cleanup(s.Close)
	return s
}

// Node returns its number.
func (s *Source) Node() uint32 { return uint32(C.source_node(s.c)) }

// Show says what the source shows from now on: those pictures by turns, a hundred a second.
func (s *Source) Show(pictures ...Picture) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.show = pictures
}

// Resize offers another size to those who read, in place of the present one. The memory must be enough for it.
func (s *Source) Resize(width, height int) { C.source_resize(s.c, C.int(width), C.int(height)) }

func (s *Source) send() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for turn := 0; ; turn++ {
		s.mu.Lock()
		show := s.show
		s.mu.Unlock()
		if len(show) > 0 {
			s.sendOne(show[turn%len(show)])
		}
		select {
		case <-tick.C:
		case <-s.stop:
			return
		}
	}
}

func (s *Source) sendOne(p Picture) {
	if p.Size == 0 {
		p.Size = len(p.Pix)
	}
	c := C.struct_picture{
		copy: C.uint32_t(len(p.Pix)), offset: C.uint32_t(p.Offset), size: C.uint32_t(p.Size), stride: C.int32_t(p.Stride),
		corrupted_chunk: C.bool(p.CorruptedChunk), corrupted_header: C.bool(p.CorruptedHeader),
		crop_x: C.int32_t(p.Crop.Min.X), crop_y: C.int32_t(p.Crop.Min.Y),
		crop_width: C.uint32_t(p.Crop.Dx()), crop_height: C.uint32_t(p.Crop.Dy()), age: C.int64_t(p.Age),
	}
	C.source_send(s.c, (*C.uint8_t)(unsafe.SliceData(p.Pix)), &c)
}

// Close takes the source away, as when a camera is unplugged. A second call does nothing.
func (s *Source) Close() {
	s.once.Do(func() {
		close(s.stop)
		s.sent.Wait()
		C.source_destroy(s.c)
	})
}
