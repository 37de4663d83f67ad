package peer

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v4"
)

func TestRepairsAreToldOfBeforeAnybodyReadsThemAndAreThereForWhoDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, told := newArrivals(), new(reported)
		a.BindRTCPWriter(told)
		repairs := newArriving(t, a, repairSSRC, webrtc.MimeTypeRTX)
		const came = readAheadMost + 4
		for n := range uint16(came) {
			repairs.comes(n)
			time.Sleep(time.Millisecond)
		}
		time.Sleep(arrivalsSoon)
		told.mu.Lock()
		heard := 0
		for _, r := range told.reports {
			heard += len(r.RecvDeltas)
		}
		told.mu.Unlock()
		if heard != came {
			t.Errorf("%d of %d packets are told of", heard, came)
		}
		for n := range uint16(readAheadMost) {
			repairs.isRead(n)
		}
		for n := uint16(came); n < came+20; n++ {
			repairs.read(n)
		}
		close(repairs.next)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
