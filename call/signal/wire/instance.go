package wire

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// The lengths of keys, instances and ids, in hexadecimal digits.
const (
	keyLength      = 32
	instanceLength = 2 * sha256.Size
	idLength       = 20
)

// NewKey returns a new secret for Join.Key.
func NewKey() string {
	var b [keyLength / 2]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// Instance returns what others see of a client with that key: the SHA-256 of the key's text, in lower-case hexadecimal.
// The same client has the same Instance in every server it ever joins with the key, and nobody who sees the
// Instance can join with it.
func Instance(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// ID returns the id of the person with that Instance, its first 20 digits. It is the same after every rejoin. Of two
// peers, the one whose ID is lower as a string is the polite one of perfect negotiation
// (https://www.w3.org/TR/webrtc/#perfect-negotiation-example): since ids never change, both always agree on that.
func ID(instance string) string { return instance[:min(idLength, len(instance))] }

// isHex reports whether s is n lower-case hexadecimal digits.
func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
