package signal

import "net"

// What the tests know of how a client keeps its connection.
const (
	LostAfter = lostAfter
	ProofTime = proofTime
)

// HasAddress says whether this machine has the address.
func HasAddress(end net.Addr) bool { return hasAddress(end) }
