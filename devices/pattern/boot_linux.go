package pattern

import "os"

// bootID names this run of this machine.
func bootID() string {
	// https://docs.kernel.org/admin-guide/sysctl/kernel.html#random
	if id, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		return string(id)
	}
	name, _ := os.Hostname() // an empty name still lets the programs of this machine agree
	return name
}
