package ui

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// meterSteps is how many lengths a meter can show: a change that nobody would see repaints nothing.
const meterSteps = 48

// Where the zones of a meter end, in levels: talk that stays in the first is hard to hear, and what reaches the last distorts. A level
// of 0 to 1 is -60 to 0 dBFS.
const (
	quietZone = 0.37 // -38 dBFS
	loudZone  = 0.95 // -3 dBFS
)

// meter is a bar that shows how loud something is, with marks where it is too quiet and where it is too loud; fainter, how loud it was before it
// was processed.
type meter struct {
	widget.BaseWidget
	heard, sent int // before and after, 0 to meterSteps
	tooLoud     bool
}

func newMeter() *meter {
	m := &meter{}
	m.ExtendBaseWidget(m)
	return m
}

// meterStep is the length for a level of 0 to 1. Loudness is heard as a ratio, so the root of the level is shown: quiet
// speech moves the bar well.
func meterStep(level float64) int { return int(math.Round(meterShare(level) * meterSteps)) }

// meterShare is how much of the bar a level takes, 0 to 1.
func meterShare(level float64) float64 {
	if !(level > 0) {
		return 0
	}
	return math.Sqrt(min(level, 1))
}

// set shows other lengths.
func (m *meter) set(heard, sent int, tooLoud bool) {
	if heard != m.heard || sent != m.sent || tooLoud != m.tooLoud {
		m.heard, m.sent, m.tooLoud = heard, sent, tooLoud
		m.Refresh()
	}
}

// MinSize implements fyne.CanvasObject.
func (m *meter) MinSize() fyne.Size { return fyne.NewSize(40, 6) }

// CreateRenderer implements fyne.Widget.
func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{
		meter: m, trough: &canvas.Rectangle{CornerRadius: 3}, over: &canvas.Rectangle{CornerRadius: 3},
		heard: &canvas.Rectangle{CornerRadius: 3}, sent: &canvas.Rectangle{CornerRadius: 3},
		quiet: &canvas.Rectangle{}, loud: &canvas.Rectangle{},
	}
	r.Refresh()
	return r
}

type meterRenderer struct {
	meter       *meter
	trough      *canvas.Rectangle
	heard, sent *canvas.Rectangle
	over        *canvas.Rectangle // the zone of what is too loud
	quiet, loud *canvas.Rectangle // the marks between the zones
}

func (r *meterRenderer) Destroy()           {}
func (r *meterRenderer) MinSize() fyne.Size { return r.meter.MinSize() }
func (r *meterRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.trough, r.over, r.heard, r.sent, r.quiet, r.loud}
}

func (r *meterRenderer) Layout(size fyne.Size) {
	r.trough.Resize(size)
	r.heard.Resize(fyne.NewSize(size.Width*float32(r.meter.heard)/meterSteps, size.Height))
	r.sent.Resize(fyne.NewSize(size.Width*float32(r.meter.sent)/meterSteps, size.Height))
	loud := size.Width * float32(meterShare(loudZone))
	put(r.quiet, size.Width*float32(meterShare(quietZone)), 0, 2, size.Height)
	put(r.loud, loud, 0, 2, size.Height)
	put(r.over, loud, 0, size.Width-loud, size.Height)
}

func (r *meterRenderer) Refresh() {
	r.trough.FillColor = theme.Color(colorButton)
	r.over.FillColor = theme.Color(colorCaution)
	r.sent.FillColor = theme.Color(colorAccent)
	if r.meter.tooLoud {
		r.sent.FillColor = theme.Color(colorCaution)
	}
	r.heard.FillColor = faint(r.sent.FillColor)
	r.quiet.FillColor = theme.Color(colorBackground)
	r.loud.FillColor = theme.Color(colorBackground)
	r.Layout(r.meter.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

// progress is a thin line that says how much of something is done.
type progress struct {
	widget.BaseWidget
	percent int
}

func newProgress() *progress {
	p := &progress{}
	p.ExtendBaseWidget(p)
	return p
}

func (p *progress) set(percent int) {
	if percent != p.percent {
		p.percent = percent
		p.Refresh()
	}
}

// MinSize implements fyne.CanvasObject.
func (p *progress) MinSize() fyne.Size { return fyne.NewSize(40, 2) }

// CreateRenderer implements fyne.Widget.
func (p *progress) CreateRenderer() fyne.WidgetRenderer {
	r := &progressRenderer{progress: p, trough: &canvas.Rectangle{}, bar: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type progressRenderer struct {
	progress    *progress
	trough, bar *canvas.Rectangle
}

func (r *progressRenderer) Destroy()                     {}
func (r *progressRenderer) MinSize() fyne.Size           { return r.progress.MinSize() }
func (r *progressRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.trough, r.bar} }

func (r *progressRenderer) Layout(size fyne.Size) {
	r.trough.Resize(size)
	r.bar.Resize(fyne.NewSize(size.Width*float32(min(100, max(0, r.progress.percent)))/100, size.Height))
}

func (r *progressRenderer) Refresh() {
	r.trough.FillColor = theme.Color(colorButton)
	r.bar.FillColor = theme.Color(colorText)
	r.Layout(r.progress.Size())
	r.trough.Refresh()
	r.bar.Refresh()
}

// faint is a colour through which most of what lies behind is seen.
func faint(c color.Color) color.Color {
	seen := color.NRGBAModel.Convert(c).(color.NRGBA)
	seen.A = 0x66
	return seen
}
