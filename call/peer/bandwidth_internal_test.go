package peer

import (
	"testing"
	"time"
)

// browsing lets pictures come at a rate over a path of a certain width, second by second, and returns in which seconds the peer was asked for more.
type browsing struct {
	bandwidth
	now time.Time
}

func (b *browsing) watch(seconds int, rate, width, loss float64) (asked []int) {
	for n := range seconds {
		b.now = b.now.Add(time.Second)
		h := heard{bytes: int(rate / 8), pictures: int(rate / 10), packets: 100, lost: int(100 * loss / (1 - loss))}
		h.bySize[1] = sized{packets: 50}
		h.bySize[11] = sized{packets: 50, late: time.Duration(8 * 1000 / width * float64(time.Second))}
		if b.raise(h, true, b.now) {
			asked = append(asked, n)
		}
	}
	return asked
}

func TestABrowserThatSendsLessThanBeforeIsAskedForMoreOnceThePathIsFree(t *testing.T) {
	b := browsing{now: time.Unix(0, 0)}
	if asked := b.watch(10, 1_800_000, 3_000_000, 0); len(asked) > 0 {
		t.Errorf("asked for more in %v though it sends as much as it ever did", asked)
	}
	if asked := b.watch(15, 280_000, 300_000, 0); len(asked) > 0 {
		t.Errorf("asked for more in %v on a path that bears no more", asked)
	}
	before := b.asked()
	asked := b.watch(3, 280_000, 3_000_000, 0)
	if len(asked) != 1 || asked[0] >= freeFor {
		t.Errorf("asked for more in %v, want once as soon as the path is free", asked)
	}
	if b.asked() <= before {
		t.Errorf("the bandwidth is %d after %d: a browser looks for more when it rises", b.asked(), before)
	}
	if asked := b.watch(10, 1_700_000, 3_000_000, 0); len(asked) > 0 {
		t.Errorf("asked again in %v though that was heeded", asked)
	}
}

func TestABrowserThatDoesNotSendMoreIsAskedMoreAndMoreSeldom(t *testing.T) {
	b := browsing{now: time.Unix(0, 0)}
	asked := b.watch(300, 300_000, 3_000_000, 0)
	if len(asked) < 8 || len(asked) > 16 {
		t.Errorf("asked %d times in five minutes: %v", len(asked), asked)
	}
	if asked = b.watch(20, 300_000, 3_000_000, 0.2); len(asked) < 4 {
		t.Errorf("asked %d times in 20 s in which a fifth is lost, for which it sends less and less", len(asked))
	}
}

func TestNoMoreIsAskedForThanTheUserAllows(t *testing.T) {
	b := browsing{now: time.Unix(0, 0)}
	b.limit = 300_000
	if asked := b.watch(30, 290_000, 3_000_000, 0); len(asked) > 0 {
		t.Errorf("asked for more in %v with a limit that is used", asked)
	}
	for range mostRaises + 1 {
		b.watch(1, 100_000, 3_000_000, 0.2)
		b.next = time.Time{}
	}
	if got := b.asked(); b.raised == 0 || got > b.limit {
		t.Errorf("a bandwidth of %d with a limit of %d", got, b.limit)
	}
}

func TestWithoutPicturesNobodyIsAskedForMore(t *testing.T) {
	var b bandwidth
	for n := range 30 {
		h := heard{bytes: 8000, packets: 50}
		h.bySize[1], h.bySize[11] = sized{packets: 50}, sized{packets: 50}
		if b.raise(h, true, time.Unix(int64(n), 0)) {
			t.Fatal("asked for more in a call of sound alone")
		}
	}
}
