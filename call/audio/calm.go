package audio

import "time"

// In packets.
const (
	firstPatience = 150.0 // 3 s
	mostPatience  = 750.0 // in which the histogram forgets as much
	impatience    = 3.0   // by how much longer calm must last next time, where it did not
	calming       = 0.05  // by how much less, for each packet that came in time
)

// calm tells whether packets still come as late as those that are remembered. It takes the histogram 15 s to forget a storm, for which a person
// would be heard hundreds of ms late; but what comes again and again is not to be forgotten in between.
type calm struct {
	last     [buckets]int // the number of the last packet that came that late, from 1 on
	count    int
	wrong    int     // the number of the last one that came after it was taken for calm
	patience float64 // packets for which none may come that late
}

// add notes a packet that came that late, where so long is what is remembered.
func (c *calm) add(late, remembered time.Duration) {
	c.count++
	bucket := min(int(late/bucketWidth), buckets-1)
	c.patience = max(firstPatience, c.patience-calming)
	if taken := c.latest(); taken < remembered && late >= taken && c.count-c.wrong > int(c.patience) {
		c.wrong = c.count
		c.patience = min(mostPatience, impatience*c.patience)
	}
	c.last[bucket] = c.count
}

// latest is the upper end of the bucket of the latest packet that matters; [maxTarget] until enough came to tell.
func (c *calm) latest() time.Duration {
	since := c.count - int(c.patience)
	for i := buckets - 1; i >= 0 && since >= 0; i-- {
		if c.last[i] > since {
			return time.Duration(i+1) * bucketWidth
		}
	}
	return maxTarget
}
