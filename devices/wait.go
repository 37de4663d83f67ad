package devices

import "time"

// patience is how long a caller waits for a driver or sound system to let go of a device.
const patience = 2 * time.Second

// endsInTime waits for that long; false when it did not end.
func endsInTime(ended <-chan struct{}) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-timer.C:
		return false
	}
}
