package pipewire

// #include <string.h>
// #include "remote_linux.h"
import "C"

import (
	"fmt"
	"strings"
	"sync"
)

// table gives numbers to what C code calls back, since it must not keep pointers of Go. runtime/cgo.Handle would allocate at
// every look.
type table[T any] struct {
	mu   sync.RWMutex
	last uintptr
	of   map[uintptr]*T
}

var (
	remotes = table[Remote]{of: map[uintptr]*Remote{}}
	streams = table[Stream]{of: map[uintptr]*Stream{}}
)

func (t *table[T]) add(v *T) uintptr {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	t.of[t.last] = v
	return t.last
}

func (t *table[T]) remove(handle uintptr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.of, handle)
}

func (t *table[T]) get(handle C.uintptr_t) *T {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.of[uintptr(handle)]
}

// maxText bounds what is kept of a text of the daemon, in bytes.
const maxText = 256

func text(c *C.char) string {
	return strings.ToValidUTF8(C.GoStringN(c, C.int(C.strnlen(c, maxText))), "")
}

// What follows is called from C, on PipeWire's thread with its lock held.

//export parleyDone
func parleyDone(handle C.uintptr_t, seq C.int) {
	if r := remotes.get(handle); r != nil {
		r.answered(seq)
	}
}

//export parleyLost
func parleyLost(handle C.uintptr_t, message *C.char) {
	if r := remotes.get(handle); r != nil {
		r.lose(fmt.Errorf("%w: %s", ErrEnded, text(message)))
	}
}

//export parleyNode
func parleyNode(handle C.uintptr_t, id C.uint32_t, class, name *C.char) {
	if r := remotes.get(handle); r != nil {
		r.nodeCame(uint32(id), text(class), text(name))
	}
}

//export parleyNodeGone
func parleyNodeGone(handle C.uintptr_t, id C.uint32_t) {
	if r := remotes.get(handle); r != nil {
		r.nodeWent(uint32(id))
	}
}

//export parleyAgreed
func parleyAgreed(handle C.uintptr_t) {
	if s := streams.get(handle); s != nil {
		s.agreed.Stop()
	}
}

//export parleyEnded
func parleyEnded(handle C.uintptr_t, why *C.char) {
	if s := streams.get(handle); s != nil {
		s.end(fmt.Errorf("%w: %s", ErrEnded, text(why)))
	}
}

//export parleyPicture
func parleyPicture(handle C.uintptr_t, p *C.struct_parley_picture) {
	if s := streams.get(handle); s != nil {
		s.picture(p)
	}
}
