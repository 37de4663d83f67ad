package ui

import (
	"context"
	"image"
	"log/slog"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/call/yuv"
	"parley/devices/frame"
)

// video shows the newest frames of a slot in a canvas.Image, cropped so that they cover it, or whole.
//
// Its goroutine takes a frame, crops it, scales it down to the pixels it will get on the screen, converts that to RGBA and
// pokes the UI goroutine, which shows it. Two pictures go round: the one being shown, and the one that is written and then waits to be
// shown. A newer frame is written over one that waits, so neither goroutine ever waits for the other and nobody reads what is being written.
//
// The UI goroutine calls all methods.
type video struct {
	image *canvas.Image // hidden until there is a picture

	slot    *frame.Slot
	whole   bool // nothing is cropped
	joins   bool // appears along with the pictures of others, as long as there are any; see shutter.carry
	shutter *shutter
	onFirst func()                  // on the UI goroutine, when a picture came after there was none
	onSize  func(width, height int) // on the UI goroutine, when it covers another number of pixels; 0 for none. nil for nobody

	away   bool                    // the window is out of sight
	told   int64                   // the side that onSize was called with last; negative before
	side   atomic.Int64            // width<<32 | height in pixels; zero while nobody can see it
	begun  atomic.Bool             // there is a picture
	ready  atomic.Pointer[picture] // newest converted
	rhythm rhythm                  // in which they are
	spare  chan *picture           // with room for the other one of the two
	shown  *picture
	show   poke
	cancel context.CancelFunc
	done   chan struct{}
}

// picture is a frame on its way to the screen.
type picture struct {
	image.RGBA
	captured time.Time
}

// newVideo starts to show slot: that of a tile of some kind. close ends it.
func newVideo(slot *frame.Slot, kind tileKind, shutter *shutter, onFirst func()) *video {
	ctx, cancel := context.WithCancel(context.Background())
	v := &video{
		image: &canvas.Image{
			FillMode:  canvas.ImageFillStretch, // it has the proportions already
			ScaleMode: canvas.ImageScaleFastest,
		},
		slot:    slot,
		whole:   kind == tileScreen,
		joins:   kind == tileOwn,
		shutter: shutter,
		onFirst: onFirst,
		told:    -1,
		spare:   make(chan *picture, 1),
		cancel:  cancel,
		done:    make(chan struct{}),
	}
	if v.whole {
		v.image.FillMode = canvas.ImageFillContain
	}
	shutter.join(v)
	v.image.Hide()
	v.show.run = v.onReady
	go v.convert(ctx)
	return v
}

// close ends the goroutine and waits for it, which takes no longer than one conversion; afterwards somebody else may
// take frames from the slot.
func (v *video) close() {
	v.shutter.leave(v)
	v.cancel()
	<-v.done
}

// measure tells the goroutine, and whoever else wants to know, how many pixels the image covers. Call it after the image was laid out.
func (v *video) measure(visible bool) {
	w, h := 0, 0
	if visible && !v.away {
		w, h = v.pixels()
	}
	side := int64(w)<<32 | int64(h)
	v.side.Store(side)
	first := v.told < 0
	if v.onSize == nil || side == v.told || first && side == 0 && !v.away {
		return // a tile that was not laid out yet covers nothing, which nobody needs to know
	}
	v.told = side
	v.onSize(w, h)
}

// pixels returns how many pixels of the screen the image covers.
func (v *video) pixels() (w, h int) {
	size := v.image.Size()
	w, h = int(size.Width), int(size.Height)
	if c := fyne.CurrentApp().Driver().CanvasForObject(v.image); c != nil {
		w, h = c.PixelCoordinateForPosition(fyne.NewPos(size.Width, size.Height))
	}
	if w <= 0 || h <= 0 {
		return 0, 0
	}
	return w, h
}

// clear takes the picture away, for somebody who switched the camera off.
func (v *video) clear() {
	v.recycle(v.ready.Swap(nil))
	v.image.Hide()
	v.begun.Store(false)
}

// live says whether there is a picture.
func (v *video) live() bool { return v.image.Visible() }

func (v *video) onReady() {
	p := v.ready.Swap(nil)
	if p == nil || v.side.Load() == 0 {
		v.recycle(p)
		return
	}
	old := v.shown
	v.shown = p
	v.image.Image = &p.RGBA
	v.recycle(old)
	first := !v.image.Visible()
	if first {
		v.image.Show()
		v.begun.Store(true)
	}
	v.image.Refresh()
	if !v.joins {
		v.shutter.watch(v.slot, p.captured)
		v.shutter.carry()
	}
	if first && v.onFirst != nil {
		v.onFirst()
	}
	v.measure(true) // the window may have moved to a screen with other pixels
}

// recycle keeps p for writing again.
func (v *video) recycle(p *picture) {
	if p == nil {
		return
	}
	select {
	case v.spare <- p:
	default:
	}
}

// convert is the goroutine.
func (v *video) convert(ctx context.Context) {
	defer close(v.done)
	d := developer{whole: v.whole}
	for {
		f, err := v.slot.Next(ctx)
		if err != nil {
			return // closed, here or where the frames come from
		}
		side := v.side.Load()
		if side == 0 {
			f.Release()
			continue
		}
		p := v.blank()
		err = d.develop(p, f, int(side>>32), int(side&0xffffffff))
		f.Release()
		if err != nil {
			slog.Warn("a picture could not be shown", "error", err)
			v.recycle(p)
			continue
		}
		v.ready.Store(p)
		if !v.joins {
			v.rhythm.beat(time.Now())
			v.shutter.arrive()
		}
		if !v.joins || !v.begun.Load() || !v.shutter.carries() {
			v.show.now()
		}
	}
}

// blank returns a picture to write to.
func (v *video) blank() *picture {
	if p := v.ready.Swap(nil); p != nil {
		return p // a newer frame has come before it was shown
	}
	select {
	case p := <-v.spare:
		return p
	default:
		return new(picture)
	}
}

// developer turns frames into pictures, in buffers of its own.
type developer struct {
	whole  bool // the picture is not cropped
	part   image.YCbCr
	coarse *image.YCbCr // on the way to scaled
	scaled *image.YCbCr
}

// muchLarger is how many times as wide as its place a picture must be to be scaled down first, in tenths. Nearer to its
// place, scaling costs ten times what it saves in converting, and the screen's hardware does it as well.
const muchLarger = 13

// develop fills p with the part of f that covers width by height pixels, or with all of it, to fit into them. It never enlarges.
func (d *developer) develop(p *picture, f *frame.Frame, width, height int) error {
	part := f.Rect
	if d.whole {
		width, height = contain(part, width, height)
	} else {
		part = cover(part, width, height)
	}
	crop(&d.part, f.YCbCr, part)
	from := &d.part
	if by := d.coarseness(width, height); by > 1 {
		crop(&d.part, &d.part, image.Rect(0, 0, roundDown(part.Dx(), 2*by), roundDown(part.Dy(), 2*by)))
		if err := scaleTo(&d.coarse, from, d.part.Rect.Dx()/by, d.part.Rect.Dy()/by); err != nil {
			return err
		}
		from = d.coarse
	}
	if 10*from.Rect.Dx() > muchLarger*width {
		if err := scaleTo(&d.scaled, from, width, height); err != nil {
			return err
		}
		from = d.scaled
	}
	if p.Rect != from.Rect {
		p.RGBA = *image.NewRGBA(from.Rect)
	}
	p.captured = f.Captured
	return yuv.ToRGBA(&p.RGBA, from)
}

// coarseness says by what the part is to be scaled down first, 1 for not at all: to average by exactly 2 or 4, and the rest of the way afterwards, takes a half to a
// tenth of the time of doing so at once. A pixel or two of its place is lost by that at the right and at the foot, but not of what is to be seen whole.
func (d *developer) coarseness(width, height int) int {
	w, h := d.part.Rect.Dx(), d.part.Rect.Dy()
	by := 1
	for by < 4 && roundDown(w, 4*by) >= 2*by*width && roundDown(h, 4*by) >= 2*by*height {
		by *= 2
	}
	if d.whole && (w%(2*by) != 0 || h%(2*by) != 0) {
		return 1
	}
	return by
}

func roundDown(n, multiple int) int { return n - n%multiple }

// scaleTo scales a picture to a size in *dst, which is made anew when it has another.
func scaleTo(dst **image.YCbCr, src *image.YCbCr, width, height int) error {
	if size := image.Rect(0, 0, width, height); *dst == nil || (*dst).Rect != size {
		*dst = image.NewYCbCr(size, image.YCbCrSubsampleRatio420)
	}
	return yuv.Scale(*dst, src)
}
