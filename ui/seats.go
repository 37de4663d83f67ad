package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// seats says where everybody is in a call: in a grid, with the own picture in its corner; or, while something is shared,
// with that large on a stage and people small in a strip beside it.
type seats struct {
	box    *fyne.Container
	people []fyne.CanvasObject // personTiles
	active string              // the id of who speaks or spoke last
	self   *tile
	shares []*screenTile // in the order in which they began
	stage  *screenTile   // one of shares; nil when there are none
	more   *panel        // says how many there is no room for
	count  *text
}

func newSeats(self *tile) *seats {
	s := &seats{self: self}
	s.count = newText(&text{strong: true, color: colorQuiet, align: fyne.TextAlignCenter, shrink: true})
	s.more = newPanel(&panel{fill: colorRaised, corner: cornerField, insetX: 4, insetY: 12, content: s.count})
	s.more.Hide()
	s.box = container.New(layoutFunc{min: fyne.NewSize(160, 90), layout: func(_ []fyne.CanvasObject, size fyne.Size) { s.place(size) }})
	s.seat(nil)
	return s
}

// seat gives a tile to everybody in people, in that order.
func (s *seats) seat(people []fyne.CanvasObject) {
	s.people = people
	s.box.Objects = append([]fyne.CanvasObject{}, people...)
	for _, share := range s.shares {
		s.box.Objects = append(s.box.Objects, share)
	}
	s.box.Objects = append(s.box.Objects, s.more, s.self)
	s.box.Refresh()
}

// putOnStage makes something that is shared the large one.
func (s *seats) putOnStage(share *screenTile) {
	s.stage = share
	s.place(s.box.Size())
	s.box.Refresh()
}

func (s *seats) place(size fyne.Size) {
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	if s.stage == nil {
		s.more.Hide()
		for _, o := range s.people {
			o.(*personTile).tile.setSmall(false, false)
			o.Show()
		}
		grid{}.Layout(s.people, size)
		own := min(240, max(112, size.Width*0.168))
		s.self.setSmall(true, true)
		s.self.Show()
		put(s.self, size.Width-16-own, size.Height-16-own*9/16, own, own*9/16)
		return
	}
	s.placeStrip(s.placeStage(size))
}

// placeStage gives the stage most of the place, and returns the rest of it.
func (s *seats) placeStage(size fyne.Size) (at fyne.Position, strip fyne.Size) {
	s.stage.Show()
	s.stage.tile.setSmall(false, false)
	small := len(s.shares) - 1 + len(s.people) + 1
	if size.Width > size.Height {
		most := min(196, max(96, size.Width*0.16))
		width := min(most, oneLine(small, size.Height, most*9/16)*16/9)
		put(s.stage, 0, 0, size.Width-width-gap, size.Height)
		return fyne.NewPos(size.Width-width, 0), fyne.NewSize(width, size.Height)
	}
	most := min(110, max(54, size.Height*0.16))
	height := min(most, oneLine(small, size.Width, most*16/9)*9/16)
	put(s.stage, 0, 0, size.Width, size.Height-height-gap)
	return fyne.NewPos(0, size.Height-height), fyne.NewSize(size.Width, height)
}

// oneLine is how long each of n pictures may be for all to be in one line of a strip, if that is at least half of most; else most, since
// they will be in two lines.
func oneLine(n int, along, most float32) float32 {
	if own := (along - float32(n-1)*stripGap) / float32(n); own >= 0.55*most {
		return own - 0.01 // which may be lost in rounding
	}
	return most
}

// stripGap is the room stripGap the pictures of a strip.
const stripGap = 8

// placeStrip puts everything that is not on the stage into the strip: what else is shared, people, and at the end the own picture.
func (s *seats) placeStrip(at fyne.Position, strip fyne.Size) {
	var small []fyne.CanvasObject
	for _, share := range s.shares {
		if share != s.stage {
			share.tile.setSmall(true, false)
			small = append(small, share)
		}
	}
	for _, o := range s.people {
		o.(*personTile).tile.setSmall(true, false)
		small = append(small, o)
	}
	s.self.setSmall(true, false)
	small = append(small, s.self)

	cells := stripCells(len(small), strip)
	s.more.Hidden = len(small) <= len(cells)
	if !s.more.Hidden {
		hidden := len(small) - len(cells) + 1
		s.letIn(small, len(cells)-2)
		for _, o := range small[len(cells)-1:] {
			o.Hide()
		}
		s.count.set(fmt.Sprintf("+%d", hidden))
		small = append(small[:len(cells)-1:len(cells)-1], s.more)
	}
	for i, o := range small {
		o.Show()
		put(o, at.X+cells[i].X, at.Y+cells[i].Y, cells[i].Width, cells[i].Height)
	}
}

// letIn gives whoever speaks the last place that is seen, where they had one behind it.
func (s *seats) letIn(small []fyne.CanvasObject, last int) {
	for i := last + 1; i < len(small) && last >= 0; i++ {
		if t, ok := small[i].(*personTile); ok && t.person.ID == s.active {
			small[i], small[last] = small[last], small[i]
			return
		}
	}
}

// cell is a place in a strip.
type cell struct {
	fyne.Position
	fyne.Size
}

// stripCells are the places for n pictures in a strip along its longer side: in one line, or in two of half the size where one does
// not hold them. There are fewer than n where two do not either, but always one.
func stripCells(n int, strip fyne.Size) []cell {
	tall := strip.Height > strip.Width
	var cells []cell
	for lines := 1; lines <= 2; lines++ {
		var own fyne.Size // of a picture
		var fit int       // in a line
		if tall {
			own.Width = (strip.Width - float32(lines-1)*stripGap) / float32(lines)
			own.Height = own.Width * 9 / 16
			fit = int((strip.Height + stripGap) / (own.Height + stripGap))
		} else {
			own.Height = (strip.Height - float32(lines-1)*stripGap) / float32(lines)
			own.Width = own.Height * 16 / 9
			fit = int((strip.Width + stripGap) / (own.Width + stripGap))
		}
		cells = cells[:0]
		for i := range min(n, max(1, fit*lines)) {
			x, y := float32(i%lines), float32(i/lines)
			if !tall {
				x, y = y, x
			}
			cells = append(cells, cell{fyne.NewPos(x*(own.Width+stripGap), y*(own.Height+stripGap)), own})
		}
		if len(cells) == n {
			break
		}
	}
	return cells
}
