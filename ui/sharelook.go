package ui

import (
	"context"
	"image"
	"image/draw"
	"sync"
	"time"

	"parley/devices"
)

// Looking at what could be shared costs the machine something, so it is done a few at a time and now and then.
const (
	lookEvery  = 2 * time.Second
	lookAtOnce = 2
)

// listShareable asks what can be shared. It may take a while.
func listShareable(media Media) []devices.Device {
	return append(media.Devices(devices.KindScreen), media.Devices(devices.KindWindow)...)
}

// onlyAsks says whether the system itself lets the user choose, so that there is nothing to choose from here.
func onlyAsks(list []devices.Device) bool { return len(list) == 1 && list[0].Label == devices.Ask }

// look is the picker's goroutine: it asks for the list and takes small pictures of what can be seen of it, until ctx ends.
func (p *sharePicker) look(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake: // something else came into view
			p.picture(ctx, func(e *shareEntry) bool { return !e.pictured.Load() })
		case <-tick.C:
			list := listShareable(p.env.media)
			p.newest.Store(&list)
			p.shown.now()
			p.picture(ctx, func(*shareEntry) bool { return true })
		}
	}
}

// onList shows the list that the goroutine has brought.
func (p *sharePicker) onList() {
	if list := p.newest.Swap(nil); list != nil && p.open() && !sameDevices([][]devices.Device{*list}, [][]devices.Device{p.devices}) {
		p.show(*list)
	}
}

// picture takes pictures of the entries in view that are wanted, and waits for them.
func (p *sharePicker) picture(ctx context.Context, wanted func(*shareEntry) bool) {
	var taking sync.WaitGroup
	defer taking.Wait()
	free := make(chan struct{}, lookAtOnce)
	for _, e := range *p.now.Load() {
		if !e.inView.Load() || !wanted(e) {
			continue
		}
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return
		}
		taking.Go(func() {
			defer func() { <-free }()
			size := e.pixels.Load()
			img, err := p.env.media.Thumbnail(e.kind, e.name, int(size>>32), int(size&0xffffffff))
			if ctx.Err() == nil {
				e.take(img, err)
			}
		})
	}
}

// toRGBA returns a picture in the form that Fyne draws as it is.
func toRGBA(img image.Image) *image.RGBA {
	size := image.Rectangle{Max: img.Bounds().Size()}
	if tight, ok := img.(*image.RGBA); ok && tight.Rect == size && tight.Stride == 4*size.Dx() {
		return tight
	}
	rgba := image.NewRGBA(size)
	draw.Draw(rgba, size, img, img.Bounds().Min, draw.Src)
	return rgba
}
