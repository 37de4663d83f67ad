package impair_test

import (
	"errors"
	"testing"
	"time"

	"parley/call/impair"
)

func TestADownloadFillsTheQueueAndTakesWhatIsLeft(t *testing.T) {
	const rate = 2_000_000
	c := impair.Conditions{Rate: rate, Delay: 30 * ms, Download: true}
	p := impair.NewPipe[int](1, c)
	push := func(from, to time.Duration) (bytes, out int) {
		for now := from; now < to; now += ms {
			if now%(20*ms) == 0 { // 400 kbit/s
				bytes += 1000
				p.Push(now, 1000, 0)
			}
			for _, ok := p.Pop(now); ok; _, ok = p.Pop(now) {
				out++
			}
		}
		return bytes, out
	}
	push(0, 5*time.Second)
	before := p.Stats()
	own, out := push(5*time.Second, 65*time.Second)
	during := p.Stats()
	if all := float64(8*(own+int(during.BytesBeside-before.BytesBeside))) / 60; all < 0.95*rate || all > 1.1*rate {
		t.Errorf("%.0f bit/s pass in all, of %d", all, rate)
	}
	if mean := (during.QueueTotal - before.QueueTotal) / time.Duration(out); mean < impair.DefaultQueue/2 {
		t.Errorf("a packet waits for %v in the mean", mean)
	}
	if lost := during.PacketsOverflowed - before.PacketsOverflowed; lost == 0 || lost > 60 {
		t.Errorf("%d packets of 3000 are dropped", lost)
	}
	c.Download = false
	p.Set(c)
	push(65*time.Second, 67*time.Second)
	if p.Push(67*time.Second, 1000, 0); p.Stats().Queue > 0 {
		t.Errorf("two seconds after it, a packet waits for %v", p.Stats().Queue)
	}
}

func TestADownloadNeedsARate(t *testing.T) {
	if err := (impair.Conditions{Download: true}).Check(); !errors.Is(err, impair.ErrConditions) {
		t.Errorf("got %v", err)
	}
}
