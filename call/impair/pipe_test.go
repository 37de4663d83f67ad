package impair_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"parley/call/impair"
)

const ms = time.Millisecond

// arrival is a packet that came out of a pipe.
type arrival struct {
	packet int
	at     time.Duration
}

// through sends packets of 1000 bytes, one each interval, and returns them as they come out, to the millisecond.
func through(p *impair.Pipe[int], packets int, interval time.Duration) []arrival {
	var out []arrival
	sent := 0
	for now := time.Duration(0); ; now += ms {
		for ; sent < packets && time.Duration(sent)*interval <= now; sent++ {
			p.Push(now, 1000, sent)
		}
		for {
			packet, ok := p.Pop(now)
			if !ok {
				break
			}
			out = append(out, arrival{packet, now})
		}
		if _, more := p.Next(); !more && sent == packets {
			return out
		}
	}
}

func numbers(all []arrival) []int {
	var n []int
	for _, a := range all {
		n = append(n, a.packet)
	}
	return n
}

func TestAPerfectPathPassesEachPacketAtOnce(t *testing.T) {
	out := through(impair.NewPipe[int](1, impair.Conditions{}), 100, 10*ms)
	for i, a := range out {
		if a.packet != i || a.at != time.Duration(i)*10*ms {
			t.Fatalf("packet %d came as number %d at %v", a.packet, i, a.at)
		}
	}
	if len(out) != 100 {
		t.Errorf("%d packets came, want 100", len(out))
	}
}

func TestTheSameSeedGivesTheSamePath(t *testing.T) {
	bad := impair.Conditions{Loss: 0.1, Burst: 3, Delay: 50 * ms, Jitter: 30 * ms, Reorder: 0.05, Duplicate: 0.05, Rate: 900_000}
	first := through(impair.NewPipe[int](7, bad), 2000, 8*ms)
	if !slices.Equal(first, through(impair.NewPipe[int](7, bad), 2000, 8*ms)) {
		t.Error("two pipes with the same seed differ")
	}
	if slices.Equal(first, through(impair.NewPipe[int](8, bad), 2000, 8*ms)) {
		t.Error("two pipes with different seeds are alike")
	}
}

func TestLossIsThePartAskedFor(t *testing.T) {
	for name, c := range map[string]impair.Conditions{
		"one by one": {Loss: 0.2}, "in bursts": {Loss: 0.2, Burst: 5}, "none": {}, "all": {Loss: 1},
	} {
		t.Run(name, func(t *testing.T) {
			const packets = 50_000
			out := through(impair.NewPipe[int](3, c), packets, ms)
			if got := 1 - float64(len(out))/packets; math.Abs(got-c.Loss) > 0.015 {
				t.Errorf("lost %.3f of the packets, want %.3f", got, c.Loss)
			}
			bursts, last := 0, -1
			for _, a := range out {
				if a.packet > last+1 {
					bursts++
				}
				last = a.packet
			}
			if bursts == 0 {
				return
			}
			// One by one, a loss is followed by the next in one of five cases.
			want := max(c.Burst, 1/(1-c.Loss))
			if got := float64(packets-len(out)) / float64(bursts); math.Abs(got-want) > 0.1*want {
				t.Errorf("%.2f packets were lost in a row in the mean, want %.2f", got, want)
			}
		})
	}
}

func TestJitterDelaysButKeepsTheOrder(t *testing.T) {
	out := through(impair.NewPipe[int](4, impair.Conditions{Delay: 50 * ms, Jitter: 40 * ms}), 1000, 5*ms)
	if !slices.IsSorted(numbers(out)) {
		t.Error("packets came out of order")
	}
	least, most := time.Hour, time.Duration(0)
	for _, a := range out {
		took := a.at - time.Duration(a.packet)*5*ms
		least, most = min(least, took), max(most, took)
	}
	if least < 50*ms || least > 60*ms || most > 91*ms || most < 85*ms {
		t.Errorf("packets took %v to %v, want 50 ms to 90 ms", least, most)
	}
}

func TestReorderingLetsLaterPacketsOvertake(t *testing.T) {
	p := impair.NewPipe[int](5, impair.Conditions{Delay: 20 * ms, Reorder: 0.1, ReorderBy: 33 * ms})
	out := through(p, 1000, 10*ms)
	held := 0
	for _, a := range out {
		switch took := a.at - time.Duration(a.packet)*10*ms; took {
		case 53 * ms:
			held++
		case 20 * ms:
		default:
			t.Fatalf("packet %d took %v", a.packet, took)
		}
	}
	if slices.IsSorted(numbers(out)) || held < 70 || held > 130 || uint64(held) != p.Stats().PacketsReordered {
		t.Errorf("%d of 1000 packets were held back, and the statistics say %d; want about 100", held, p.Stats().PacketsReordered)
	}
}

func TestADuplicateComesTwiceAndTheSenderIsTold(t *testing.T) {
	p := impair.NewPipe[string](6, impair.Conditions{Duplicate: 1})
	if n := p.Push(0, 10, "twin"); n != 2 {
		t.Errorf("Push said %d, want 2", n)
	}
	for range 2 {
		if item, ok := p.Pop(0); !ok || item != "twin" {
			t.Errorf("got %q, %v", item, ok)
		}
	}
	if item, ok := p.Pop(time.Hour); ok {
		t.Errorf("got %q besides", item)
	}
}

func TestARateLetsItsShareThroughAndDropsWhatTheQueueCannotHold(t *testing.T) {
	// 1000 bytes a millisecond are 8 Mbit/s, ten times what may pass.
	p := impair.NewPipe[int](1, impair.Conditions{Rate: 800_000, Queue: 100 * ms})
	out := through(p, 10_000, ms)
	last := out[len(out)-1].at
	if rate := float64(len(out)) * 8000 / last.Seconds(); math.Abs(rate-800_000) > 8_000 {
		t.Errorf("%.0f bit/s passed, want 800000", rate)
	}
	s := p.Stats()
	if s.QueueMost > 100*ms || s.QueueMost < 90*ms {
		t.Errorf("the queue was up to %v long, want just under 100 ms", s.QueueMost)
	}
	if got := uint64(len(out)) + s.PacketsOverflowed; got != 10_000 {
		t.Errorf("%d packets passed or were dropped, of 10000", got)
	}
}

func TestAQueueThatIsNotUsedAddsOnlyTheTimeOnTheWire(t *testing.T) {
	p := impair.NewPipe[int](1, impair.Conditions{Rate: 8_000_000, Delay: 10 * ms})
	p.Push(0, 1000, 1)
	if due, ok := p.Next(); !ok || due != 11*ms {
		t.Errorf("a packet of 1 ms at that rate comes out at %v, want 11 ms", due)
	}
}

func TestABlackOutStopsWhatIsSentAndNotWhatWasSentBefore(t *testing.T) {
	p := impair.NewPipe[int](1, impair.Conditions{Delay: 50 * ms})
	p.Push(0, 100, 1)
	p.Set(impair.Conditions{Delay: 50 * ms, Black: true})
	p.Push(10*ms, 100, 2)
	p.Set(impair.Conditions{Delay: 50 * ms})
	p.Push(20*ms, 100, 3)
	var out []int
	for {
		item, ok := p.Pop(time.Second)
		if !ok {
			break
		}
		out = append(out, item)
	}
	if !slices.Equal(out, []int{1, 3}) || p.Stats().PacketsBlack != 1 {
		t.Errorf("packets %v came out and %d fell into the black-out, want 1 and 3, and one", out, p.Stats().PacketsBlack)
	}
}

func TestAPipeIsBounded(t *testing.T) {
	p := impair.NewPipe[int](1, impair.Conditions{Delay: time.Minute, Duplicate: 0.5})
	for i := range 3 * impair.MostInFlight {
		p.Push(0, 100, i)
	}
	s, held := p.Stats(), uint64(0)
	for {
		if _, ok := p.Pop(time.Hour); !ok {
			break
		}
		held++
	}
	if held != impair.MostInFlight || s.PacketsOverflowed == 0 {
		t.Errorf("the pipe held %d packets and turned %d away, want %d held", held, s.PacketsOverflowed, impair.MostInFlight)
	}
}

func TestEachPacketIsAccountedFor(t *testing.T) {
	p := impair.NewPipe[int](9, impair.Conditions{Loss: 0.1, Burst: 2, Duplicate: 0.1, Reorder: 0.1, Rate: 500_000, Delay: 20 * ms})
	through(p, 3000, 5*ms)
	p.Set(impair.Conditions{Black: true})
	p.Push(time.Hour, 10, 0)
	s := p.Stats()
	if s.PacketsIn+s.PacketsDuplicated != s.PacketsBlack+s.PacketsLost+s.PacketsOverflowed+s.PacketsOut {
		t.Errorf("the counts do not add up: %+v", s)
	}
	if s.PacketsLost == 0 || s.PacketsOverflowed == 0 || s.PacketsDuplicated == 0 || s.BytesOut != 1000*s.PacketsOut {
		t.Errorf("some of it never happened: %+v", s)
	}
}

func TestConditionsThatCannotBeAreRefused(t *testing.T) {
	for _, c := range []impair.Conditions{
		{Loss: -0.1},
		{Loss: 1.1},
		{Loss: math.NaN()},
		{Reorder: 2},
		{Duplicate: -1},
		{Delay: -ms},
		{Jitter: time.Hour},
		{Queue: -1},
		{ReorderBy: -1},
		{Rate: -1},
		{Burst: -1},
	} {
		if err := c.Check(); !errors.Is(err, impair.ErrConditions) {
			t.Errorf("%+v: %v, want ErrConditions", c, err)
		}
	}
}

func TestAPipeAllocatesNothingByThePacket(t *testing.T) {
	p := impair.NewPipe[int](1, impair.Conditions{Loss: 0.1, Delay: 10 * ms, Jitter: 5 * ms, Rate: 10_000_000})
	now := time.Duration(0)
	send := func() {
		now += ms
		p.Push(now, 1000, 1)
		for {
			if _, ok := p.Pop(now); !ok {
				return
			}
		}
	}
	for range 100 {
		send()
	}
	if n := testing.AllocsPerRun(1000, send); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
