package congestion_test

import (
	"testing"
	"time"

	"github.com/pion/rtcp"

	"parley/call/congestion"
)

// FuzzFeedback lets any report that can be parsed meet a controller that has sent something.
func FuzzFeedback(f *testing.F) {
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 1, 0, 0x20, 2, 4, 8})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var report rtcp.TransportLayerCC
		if report.Unmarshal(raw) != nil {
			return
		}
		c := congestion.New(congestion.Config{}, epoch)
		for i := range 200 {
			now := epoch.Add(time.Duration(i) * 10 * time.Millisecond)
			c.Send(1000, congestion.Video, now)
			if i%20 == 19 {
				c.Feedback(&report, now)
			}
			if target := c.State(now).Target; target < 30_000 || target > 20_000_000 {
				t.Fatalf("%d bit/s", target)
			}
		}
	})
}
