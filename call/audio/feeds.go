package audio

import (
	"math"
	"slices"
	"sync"
	"time"
)

// feeds are those that are bound to a connection. Adding one never waits for a packet that is being written.
type feeds struct {
	mu  sync.Mutex
	all []*Feed // never changed, but replaced
}

func (f *feeds) list() []*Feed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all
}

func (f *feeds) add(feed *Feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.all, feed) {
		f.all = append(slices.Clone(f.all), feed)
	}
}

func (f *feeds) remove(feed *Feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = slices.DeleteFunc(slices.Clone(f.all), func(other *Feed) bool { return other == feed })
}

// need is what an encoder has to do for all peers.
type need struct {
	percent int           // of packets that are reckoned to be lost
	rate    int           // that a frame may have, in bit/s
	deep    time.Duration // of the sound before it that a frame describes
	copies  int           // that go with each frame
}

// need is what the peer that is worst off needs of each; without peers, the rate is the usual one.
func (f *feeds) need(sound rates) need {
	loss, n := usualLoss, need{rate: math.MaxInt}
	for _, feed := range f.list() {
		l, p := feed.need()
		loss, n.rate, n.deep, n.copies = max(loss, l), min(n.rate, p.rate), max(n.deep, p.deep), max(n.copies, p.copies)
	}
	if n.rate == math.MaxInt {
		n.rate = sound.usual
	}
	if n.deep > 0 {
		loss = max(loss, deepLoss)
	}
	n.percent = int(math.Round(100 * min(loss, worstLoss)))
	return n
}

// attach and detach are called when the connection of a feed begins and ends.
func (s *sender) attach(f *Feed) {
	s.feeds.add(f)
	s.retune()
}

func (s *sender) detach(f *Feed) {
	s.feeds.remove(f)
	s.retune()
}

// retune sets the encoder to what the peers need now.
func (s *sender) retune() {
	need := s.feeds.need(s.rates())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.need == need {
		return
	}
	s.need = need
	s.tune()
}

func (s *sender) bitRate() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.need.rate
}
