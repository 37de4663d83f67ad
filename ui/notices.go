package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

const (
	noticeLife   = 6 * time.Second
	noticesShown = 3
)

// notices are words that come and go by themselves: who joined, who left, what was copied.
type notices struct {
	box   *fyne.Container
	until []time.Time
}

func newNotices() *notices {
	n := &notices{}
	n.box = container.New(layoutFunc{layout: n.layout})
	return n
}

// add shows words. The oldest go when there are many.
func (n *notices) add(words string, now time.Time) {
	badge, _ := newBadge(words, textNormal)
	n.box.Add(badge)
	n.until = append(n.until, now.Add(noticeLife))
	for len(n.until) > noticesShown {
		n.drop()
	}
	n.box.Refresh()
}

// expire takes away what was shown long enough.
func (n *notices) expire(now time.Time) {
	before := len(n.until)
	for len(n.until) > 0 && !now.Before(n.until[0]) {
		n.drop()
	}
	if len(n.until) != before {
		n.box.Refresh()
	}
}

func (n *notices) drop() {
	n.until = n.until[1:]
	n.box.Remove(n.box.Objects[0])
}

// layout puts the notices below each other, each as wide as its words and in the middle.
func (n *notices) layout(badges []fyne.CanvasObject, size fyne.Size) {
	y := float32(12)
	for _, o := range badges {
		badge := o.(*panel)
		width := badge.fit(size.Width - 24)
		height := badge.MinSize().Height
		put(badge, (size.Width-width)/2, y, width, height)
		y += height + 6
	}
}
