//go:build !linux

package pattern

import "os"

// bootID names this machine.
func bootID() string {
	name, _ := os.Hostname() // an empty name still lets the programs of this machine agree
	return name
}
