package devices

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"parley/devices/frame"
)

// machine has cameras that are plugged in and out, and whose drivers hang at times.
type machine struct {
	mu      sync.Mutex
	changed sync.Cond
	plugged map[string]int  // 0 out, else counts up with each plugging
	hung    map[string]bool // neither opens, gives a picture nor closes
	open    map[string]int  // cameras that run, to find one that is opened twice
	worst   int             // the most that one ever ran at once
}

func newMachine(labels []string) *machine {
	m := &machine{plugged: map[string]int{}, hung: map[string]bool{}, open: map[string]int{}}
	m.changed.L = &m.mu
	for _, l := range labels {
		m.plugged[l] = 1
	}
	return m
}

// set changes something, and lets whoever waits see it.
func (m *machine) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	m.changed.Broadcast()
}

// wait waits while the driver hangs. The caller holds mu.
func (m *machine) wait(label string) {
	for m.hung[label] {
		m.changed.Wait()
	}
}

func (m *machine) openGrabber(label string, _ Format) (grabber, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wait(label)
	if m.plugged[label] == 0 {
		return nil, fmt.Errorf("%w (%w)", ErrNotFound, syscall.ENODEV)
	}
	m.open[label]++
	m.worst = max(m.worst, m.open[label])
	return &simulated{m: m, label: label, plug: m.plugged[label]}, nil
}

// simulated is a camera of a machine, as grabber.
type simulated struct {
	m      *machine
	label  string
	plug   int
	closed bool
}

func (s *simulated) grab() (*frame.Frame, error) {
	time.Sleep(30 * time.Millisecond)
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.wait(s.label)
	switch {
	case s.closed:
		return nil, io.EOF
	case s.m.plugged[s.label] != s.plug:
		return nil, syscall.ENODEV
	}
	return someFrame(), nil
}

func (s *simulated) close() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.wait(s.label)
	s.closed = true
	s.m.open[s.label]--
}

// watcher opens a camera and looks at it until it ends, or no longer than patience, if that is not 0.
func watcher(t *testing.T, table *cameraTable, label string, patience time.Duration) {
	c, err := table.attach(label, Format{})
	if err != nil {
		if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrNotReadable) {
			t.Errorf("opening %s: %v", label, err)
		}
		return
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if patience > 0 {
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	for {
		f, err := c.Next(ctx)
		if err != nil {
			if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrGone) {
				t.Errorf("%s ended with %v", label, err)
			}
			return
		}
		f.Release()
	}
}

func TestWhateverHappensToCamerasEveryHandleEndsAndEveryCameraCanBeOpenedAgain(t *testing.T) {
	labels := []string{"one", "two", "three"}
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(labels)
				table := &cameraTable{open: m.openGrabber, feeds: map[string]*feed{}}
				watchers := disturb(t, m, table, labels, rand.New(rand.NewPCG(seed, 0)))
				m.set(func() {
					clear(m.hung)
					clear(m.plugged)
				})
				watchers.Wait()
				time.Sleep(time.Second)
				table.mu.Lock()
				if n := len(table.feeds); n != 0 {
					t.Errorf("%d feeds are left", n)
				}
				table.mu.Unlock()
				m.set(func() {
					if m.worst > 1 {
						t.Errorf("one camera was opened %d times at once", m.worst)
					}
				})
				for _, l := range labels {
					m.set(func() { m.plugged[l] = 1 })
					c, err := table.attach(l, Format{})
					if err != nil {
						t.Fatalf("opening %s in the end: %v", l, err)
					}
					c.Close()
				}
			})
		})
	}
}

// disturb plugs, hangs and watches cameras in any order.
func disturb(t *testing.T, m *machine, table *cameraTable, labels []string, random *rand.Rand) *sync.WaitGroup {
	watchers := &sync.WaitGroup{}
	for range 200 {
		label := labels[random.IntN(len(labels))]
		switch random.IntN(8) {
		case 0:
			m.set(func() { m.plugged[label] = 0 })
		case 1, 2:
			m.set(func() { m.plugged[label] = random.IntN(1 << 30) })
		case 3:
			m.set(func() { m.hung[label] = true })
		case 4:
			m.set(func() { m.hung[label] = false })
		default:
			patience := max(0, time.Duration(random.Int64N(int64(8*time.Second)))-2*time.Second)
			watchers.Go(func() { watcher(t, table, label, patience) })
		}
		time.Sleep(time.Duration(random.Int64N(int64(2 * time.Second))))
	}
	return watchers
}
