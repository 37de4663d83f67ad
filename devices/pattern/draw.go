package pattern

import (
	"image"
	"math"
	"slices"
	"sync"
	"time"
)

// Colours in BT.601 limited range.
const (
	black, white = 16, 235
	neutral      = 128

	magentaY, magentaCb, magentaCr = 107, 202, 222
)

// Draw fills img, a 4:2:0 picture of at least 32x32, with the scene and the block for that moment and source (0 to 4095).
// now is what [Now] returned at the capture; its microseconds become the counter. Draw allocates only for a width and source that
// were not among the last eight. Any number of goroutines may draw, each its own picture.
func Draw(img *image.YCbCr, now time.Duration, source uint16) {
	DrawScene(img, now, now, source)
}

// DrawScene is like [Draw], with the scene as it is after that time by any clock: where a program's own goes faster than the machine's, as in a test, what moves
// keeps pace with its pictures.
func DrawScene(img *image.YCbCr, after, now time.Duration, source uint16) {
	drawScene(img, after, sceneFor(img.Rect.Dx(), source))
	drawBlock(img, encode(Reading{Counter: uint64(now.Microseconds()), Source: source}))
}

// scene holds rows that wave sideways: a picture is made by copying stretches of them, which costs a tenth of
// computing each pixel.
type scene struct {
	width  int
	source uint16
	period int                   // of the rows below, in luma pixels; even
	y      [brightnesses][]uint8 // period+width long
	cb, cr []uint8               // half that
}

const brightnesses = 24

// scenes are those of the cameras of this program, the one drawn last in front.
var scenes struct {
	sync.Mutex
	recent []*scene
}

const mostScenes = 8

func sceneFor(width int, source uint16) *scene {
	scenes.Lock()
	defer scenes.Unlock()
	i := slices.IndexFunc(scenes.recent, func(s *scene) bool { return s.width == width && s.source == source })
	if i < 0 {
		if len(scenes.recent) < mostScenes {
			scenes.recent = append(scenes.recent, nil)
		}
		i = len(scenes.recent) - 1
		scenes.recent[i] = newScene(width, source)
	}
	s := scenes.recent[i]
	copy(scenes.recent[1:], scenes.recent[:i])
	scenes.recent[0] = s
	return s
}

func newScene(width int, source uint16) *scene {
	s := &scene{width: width, source: source, period: (width + 1) &^ 1}
	hue := 2 * math.Pi * float64(source*2654&sourceMask) / (sourceMask + 1)
	wave := func(i, period int, k, shift float64) float64 {
		return math.Sin(2*math.Pi*(k*float64(i)/float64(period)) + shift)
	}
	for b := range s.y {
		base := 60 + 100*float64(b)/brightnesses
		row := make([]uint8, s.period+width)
		for i := range row {
			row[i] = uint8(base + 22*wave(i, s.period, 2, 0) + 12*wave(i, s.period, 5, 1) + 5*wave(i, s.period, 17, 2))
		}
		s.y[b] = row
	}
	half := s.period / 2
	s.cb, s.cr = make([]uint8, half+(width+1)/2), make([]uint8, half+(width+1)/2)
	for i := range s.cb {
		// A slow walk over a part of the colour circle; the source turns it.
		angle := hue + 0.9*wave(i, half, 1, 0)
		s.cb[i] = uint8(neutral + 44*math.Cos(angle))
		s.cr[i] = uint8(neutral + 44*math.Sin(angle))
	}
	return s
}

func drawScene(img *image.YCbCr, after time.Duration, s *scene) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	t := math.Mod(after.Seconds(), 3600)
	for y := range h {
		v := float64(y) / float64(h)
		shift := 0.5 + 0.25*math.Sin(5*v+0.7*t) + 0.2*math.Sin(3*v-0.45*t)
		bright := 0.5 + 0.3*math.Sin(4*v+1.1*t) + 0.19*math.Sin(9*v-0.6*t)
		from := wrap(shift*float64(s.period)+0.1*t*float64(s.period), s.period)
		copy(img.Y[y*img.YStride:][:w], s.y[int(bright*brightnesses)][from:])
		if y%2 == 0 {
			drawChromaRow(img, y/2, s, wrap(float64(from)/2+v*float64(s.period)/3, s.period/2))
		}
	}
	for i := range 3 {
		drawDisc(img, i, t)
	}
}

func drawChromaRow(img *image.YCbCr, row int, s *scene, from int) {
	n := (img.Rect.Dx() + 1) / 2
	copy(img.Cb[row*img.CStride:][:n], s.cb[from:])
	copy(img.Cr[row*img.CStride:][:n], s.cr[from:])
}

func wrap(x float64, period int) int {
	n := int(x) % period
	if n < 0 {
		n += period
	}
	return n
}

// drawDisc draws a ball that travels over the picture, so that movement is seen at a glance.
func drawDisc(img *image.YCbCr, i int, t float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	r := h / (10 + 3*i)
	turn := 2 * math.Pi * float64(i) / 3
	cx := w/2 + int(0.42*float64(w)*math.Sin((0.5+0.13*float64(i))*t+turn))
	cy := h/2 + int(0.38*float64(h)*math.Cos((0.8-0.17*float64(i))*t+2*turn))
	for y := max(cy-r, 0); y <= min(cy+r, h-1); y++ {
		dy := y - cy
		reach := int(math.Sqrt(float64(r*r - dy*dy)))
		from, to := max(cx-reach, 0), min(cx+reach, w)
		if from >= to {
			continue
		}
		fill(img.Y[y*img.YStride:][from:to], uint8(205-40*(dy+r)/(2*r+1)))
		fill(img.Cb[y/2*img.CStride:][from/2:(to+1)/2], uint8(90+30*i))
		fill(img.Cr[y/2*img.CStride:][from/2:(to+1)/2], uint8(160-20*i))
	}
}

func drawBlock(img *image.YCbCr, cells uint64) {
	b := centred(img.Rect.Dx(), img.Rect.Dy())
	fillUnits(img, b, -1, -1, unitsPerSide+2, black, neutral, neutral)
	fillUnits(img, b, 0, 0, unitsPerSide, magentaY, magentaCb, magentaCr)
	fillUnits(img, b, frameUnits, frameUnits, unitsPerSide-2*frameUnits, black, neutral, neutral)
	for i := range cellsPerSide * cellsPerSide {
		if cells>>(cellsPerSide*cellsPerSide-1-i)&1 == 1 {
			ux, uy := cellsAt+cellUnits*(i%cellsPerSide), cellsAt+cellUnits*(i/cellsPerSide)
			fillUnits(img, b, ux, uy, cellUnits, white, neutral, neutral)
		}
	}
}

// fillUnits fills a square given in units of the block.
func fillUnits(img *image.YCbCr, b block, ux, uy, side int, y, cb, cr uint8) {
	fx0, fy0 := b.at(float64(ux), float64(uy))
	fx1, fy1 := b.at(float64(ux+side), float64(uy+side))
	w, h := img.Rect.Dx(), img.Rect.Dy()
	x0, x1 := max(int(math.Round(fx0)), 0), min(int(math.Round(fx1)), w)
	y0, y1 := max(int(math.Round(fy0)), 0), min(int(math.Round(fy1)), h)
	fillSquare(img.Y, img.YStride, x0, x1, y0, y1, y)
	x0, x1, y0, y1 = (x0+1)/2, (x1+1)/2, (y0+1)/2, (y1+1)/2
	fillSquare(img.Cb, img.CStride, x0, x1, y0, y1, cb)
	fillSquare(img.Cr, img.CStride, x0, x1, y0, y1, cr)
}

func fillSquare(plane []uint8, stride, x0, x1, y0, y1 int, v uint8) {
	if y0 >= y1 {
		return
	}
	first := plane[y0*stride:][x0:x1]
	fill(first, v)
	for row := y0 + 1; row < y1; row++ {
		copy(plane[row*stride:][x0:x1], first)
	}
}

// fill copies what is filled already, which goes by many at a time.
func fill(s []uint8, v uint8) {
	if len(s) == 0 {
		return
	}
	s[0] = v
	for n := 1; n < len(s); n *= 2 {
		copy(s[n:], s[:n])
	}
}
