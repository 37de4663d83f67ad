package audio

import (
	"math"
	"slices"
	"sync"
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

// need is what the peer that is worst off needs: the loss that in-band FEC has to reckon with, and the rate, which is the usual one without peers.
func (f *feeds) need(usual int) (loss float64, rate int) {
	loss, rate = usualLoss, math.MaxInt
	for _, feed := range f.list() {
		l, r := feed.need()
		loss, rate = max(loss, l), min(rate, r)
	}
	if rate == math.MaxInt {
		rate = usual
	}
	return min(loss, worstLoss), rate
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
	loss, rate := s.feeds.need(s.rates().usual)
	percent := int(math.Round(100 * loss))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.percent == percent && s.rate == rate {
		return
	}
	s.percent, s.rate = percent, rate
	s.tune()
}

func (s *sender) bitRate() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rate
}
