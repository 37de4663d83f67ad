package pattern

import (
	"hash/fnv"
	"sync"
)

// Seed returns what the checksum of every block of this machine starts with, for a page in a browser that draws and reads blocks itself.
func Seed() uint16 { return machineSeed() }

// machineSeed returns 12 bits that are the same for all programs of this machine until it starts again, and
// most likely others elsewhere.
var machineSeed = sync.OnceValue(func() uint16 {
	h := fnv.New32a()
	h.Write([]byte(bootID()))
	sum := h.Sum32()
	return uint16(sum^sum>>12^sum>>24) & (1<<checkBits - 1)
})
