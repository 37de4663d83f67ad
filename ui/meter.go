package ui

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// meterSteps is how many lengths a meter can show: a change that nobody would see repaints nothing.
const meterSteps = 48

// meter is a bar that shows how loud something is.
type meter struct {
	widget.BaseWidget
	step int // 0 to meterSteps
}

func newMeter() *meter {
	m := &meter{}
	m.ExtendBaseWidget(m)
	return m
}

// meterStep is the length for a level of 0 to 1. Loudness is heard as a ratio, so the root of the level is shown: quiet
// speech moves the bar well.
func meterStep(level float64) int {
	if !(level > 0) {
		return 0
	}
	return int(math.Round(math.Sqrt(min(level, 1)) * meterSteps))
}

// set shows another length, and says whether that changed anything.
func (m *meter) set(step int) bool {
	if step == m.step {
		return false
	}
	m.step = step
	m.Refresh()
	return true
}

// MinSize implements fyne.CanvasObject.
func (m *meter) MinSize() fyne.Size { return fyne.NewSize(40, 6) }

// CreateRenderer implements fyne.Widget.
func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{meter: m, trough: &canvas.Rectangle{CornerRadius: 3}, bar: &canvas.Rectangle{CornerRadius: 3}}
	r.Refresh()
	return r
}

type meterRenderer struct {
	meter       *meter
	trough, bar *canvas.Rectangle
}

func (r *meterRenderer) Destroy()                     {}
func (r *meterRenderer) MinSize() fyne.Size           { return r.meter.MinSize() }
func (r *meterRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.trough, r.bar} }

func (r *meterRenderer) Layout(size fyne.Size) {
	r.trough.Resize(size)
	r.bar.Resize(fyne.NewSize(size.Width*float32(r.meter.step)/meterSteps, size.Height))
}

func (r *meterRenderer) Refresh() {
	r.trough.FillColor = theme.Color(colorButton)
	r.bar.FillColor = theme.Color(colorAccent)
	r.Layout(r.meter.Size())
	r.trough.Refresh()
	r.bar.Refresh()
}
