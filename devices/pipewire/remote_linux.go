package pipewire

// #cgo CFLAGS: -I/usr/include/pipewire-0.3 -I/usr/include/spa-0.2 -D_REENTRANT
// #cgo LDFLAGS: -ldl
// #include <stdlib.h>
// #include "library_linux.h"
// #include "remote_linux.h"
import "C"

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Node is a source of pictures.
type Node struct {
	ID   uint32 // its number on this connection
	Name string // as people call it
}

// maxNodes bounds the list of a daemon that never stops listing.
const maxNodes = 256

// load finds libpipewire, once.
var load = sync.OnceValue(func() error { return loadLibrary("libpipewire-0.3.so.0") })

func loadLibrary(file string) error {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	if why := C.parley_pw_load(name); why != nil {
		return fmt.Errorf("%w: %s", ErrAbsent, C.GoString(why))
	}
	return nil
}

// Remote is a connection to PipeWire. Its methods may be called from any goroutine.
type Remote struct {
	c      *C.struct_parley_remote
	handle uintptr

	// using is held for reading by whoever calls C with c, and for writing to close it. Callbacks do not take it.
	using  sync.RWMutex
	closed bool

	asking chan struct{} // holds a token while somebody waits for the daemon's answer

	// mu guards what callbacks write, on PipeWire's thread with its lock held: nobody who holds it calls C.
	mu      sync.Mutex
	nodes   map[uint32]string // name by ID
	streams map[*Stream]bool
	done    C.int // the last answer
	lost    error
	changed chan struct{} // closed, and replaced, when done or lost change
}

// Open begins to talk to PipeWire over a connection that the portal handed out, and takes that over: the file is closed, in any
// case. That there is a daemon at its other end shows later.
//
// The caller closes the remote. Errors wrap [ErrAbsent] or those of the system.
func Open(file *os.File) (*Remote, error) {
	defer file.Close()
	if err := load(); err != nil {
		return nil, err
	}
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("connecting to PipeWire: %w", err)
	}
	r := &Remote{
		asking: make(chan struct{}, 1), nodes: map[uint32]string{}, streams: map[*Stream]bool{}, changed: make(chan struct{}),
	}
	r.handle = remotes.add(r)
	r.c, err = C.parley_remote_open(C.int(fd), C.uintptr_t(r.handle))
	if r.c == nil {
		remotes.remove(r.handle)
		return nil, fmt.Errorf("connecting to PipeWire: %w", err)
	}
	return r, nil
}

// Sources returns the cameras that there are now, by ID. It waits for the daemon to answer, or ctx. Errors wrap ctx's,
// [ErrEnded] when the daemon is gone, or [ErrClosed].
func (r *Remote) Sources(ctx context.Context) ([]Node, error) {
	if err := r.roundTrip(ctx); err != nil {
		return nil, fmt.Errorf("listing PipeWire's cameras: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Node
	for id, name := range maps.All(r.nodes) {
		list = append(list, Node{ID: id, Name: name})
	}
	slices.SortFunc(list, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// roundTrip waits until the daemon has answered, and so has told all that it knew before.
func (r *Remote) roundTrip(ctx context.Context) error {
	// One at a time, so that the last answer is always ours or older.
	select {
	case r.asking <- struct{}{}:
		defer func() { <-r.asking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	seq, err := r.sync()
	if err != nil {
		return err
	}
	for {
		r.mu.Lock()
		done, lost, changed := r.done, r.lost, r.changed
		r.mu.Unlock()
		switch {
		case lost != nil:
			return lost
		case done == seq:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *Remote) sync() (C.int, error) {
	r.using.RLock()
	defer r.using.RUnlock()
	if r.closed {
		return 0, ErrClosed
	}
	seq := C.parley_remote_sync(r.c)
	if seq < 0 {
		return 0, fmt.Errorf("%w: %w", ErrEnded, unix.Errno(-seq))
	}
	return seq, nil
}

// Close ends the connection and the streams on it. It waits for PipeWire's thread, which is quick. A second call does nothing. The
// error is always nil.
func (r *Remote) Close() error {
	r.using.Lock()
	defer r.using.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	r.mu.Lock()
	streams := maps.Clone(r.streams)
	r.mu.Unlock()
	for s := range streams {
		s.destroy()
	}
	r.lose(ErrClosed)
	C.parley_remote_close(r.c)
	remotes.remove(r.handle)
	return nil
}

// lose ends what waits for the daemon, and the streams.
func (r *Remote) lose(err error) {
	r.mu.Lock()
	if r.lost == nil {
		r.lost = err
	}
	r.tell()
	streams := maps.Clone(r.streams)
	r.mu.Unlock()
	for s := range streams {
		s.end(err)
	}
}

// tell wakes those who wait. The caller holds mu.
func (r *Remote) tell() {
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Remote) answered(seq C.int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = seq
	r.tell()
}

func (r *Remote) nodeCame(id uint32, class, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if class == "Video/Source" && len(r.nodes) < maxNodes {
		r.nodes[id] = name
	}
}

func (r *Remote) nodeWent(id uint32) {
	r.mu.Lock()
	delete(r.nodes, id)
	streams := maps.Clone(r.streams)
	r.mu.Unlock()
	for s := range streams {
		if s.node == id {
			s.end(fmt.Errorf("%w: it was removed", ErrEnded))
		}
	}
}
