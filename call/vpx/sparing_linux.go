package vpx

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"unsafe"
)

// openings holds one opening apart from another, so that what appears during one belongs to it.
var openings sync.Mutex

// openSparingly runs open, which opens a VP8 encoder for that size, and gives back memory that it takes in vain: 22 MB at 1280x720. Libvpx
// has room for the most tokens (RFC 6386 section 13) that a picture can be made of, 384 in each macroblock, and fills it with zeros, so that the
// system has to provide it; but at the bit rates of a call a picture has a hundredth of them. The room stays libvpx's, and reads as zeros still:
// the system provides again what is written to, madvise(2).
//
// Libvpx does not say where that is. It is found among the mappings that appeared meanwhile by its size, which glibc notes in front of a
// block that has a mapping of its own. Where it is not found, as with another C library, nothing happens.
func openSparingly(width, height int, open func()) {
	openings.Lock()
	defer openings.Unlock()
	before := mappings()
	open()
	if room := findBlock(mappings(), before, tokensRoom(width, height)); allZero(room) {
		_ = syscall.Madvise(room, syscall.MADV_DONTNEED) // without it there is merely less memory
	}
}

// tokensRoom is how many bytes libvpx takes for tokens.
func tokensRoom(width, height int) uintptr {
	const inMacroblock, each = 24 * 16, 16
	return uintptr((width+15)/16) * uintptr((height+15)/16) * inMacroblock * each
}

// mapping is a part of this process's memory, from one address to another.
type mapping struct{ from, to uintptr }

// mappings returns the parts that can be written and belong to no file, in the order of their addresses, as proc(5) has them.
func mappings() []mapping {
	file, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil
	}
	defer file.Close()
	var all []mapping
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var m mapping
		var rights, offset, device string
		var node int
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s %s %s %d", &m.from, &m.to, &rights, &offset, &device, &node); n == 6 &&
			strings.HasPrefix(rights, "rw-p") && node == 0 {
			all = append(all, m)
		}
	}
	return all
}

// findBlock returns the inner pages of a block of at least that many bytes, and not many more, which begins with a page that is in after
// and not in before; nil if there is none.
func findBlock(after, before []mapping, size uintptr) []byte {
	memory, err := os.Open("/proc/self/mem") // by which to look at what may vanish: other threads go on
	if err != nil {
		return nil
	}
	defer memory.Close()
	page := uintptr(os.Getpagesize())
	for _, m := range after {
		for at := m.from; at+size+page <= m.to; at += page {
			for len(before) > 0 && before[0].to <= at {
				before = before[1:]
			}
			if len(before) > 0 && before[0].from <= at {
				continue
			}
			if block := blockSize(memory, at); block >= size && block < size+2*page {
				inner := at + page
				return unsafe.Slice(*(**byte)(unsafe.Pointer(&inner)), block-2*page) // the address is C's, nothing that Go would move
			}
		}
	}
	return nil
}

// blockSize is the size of the block of glibc that begins there and has a mapping of its own; 0 if there is none.
func blockSize(memory *os.File, at uintptr) uintptr {
	const ownMapping, flags = 2, 7
	var head [16]byte
	if _, err := memory.ReadAt(head[:], int64(at)); err != nil {
		return 0
	}
	before, size := binary.NativeEndian.Uint64(head[:]), binary.NativeEndian.Uint64(head[8:])
	if before != 0 || size&flags != ownMapping {
		return 0
	}
	return uintptr(size &^ flags)
}

func allZero(data []byte) bool {
	for ; len(data) >= 8; data = data[8:] {
		if binary.NativeEndian.Uint64(data) != 0 {
			return false
		}
	}
	return len(data) == 0
}
