//go:build linux

package x11

import (
	"image"

	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// pointer is the picture of the mouse pointer, and what lay beneath where it was drawn last.
type pointer struct {
	size image.Point
	hot  image.Point // the point that points
	argb []uint32    // premultiplied with alpha

	beneath []byte
	drawnAt image.Rectangle // in the canvas; empty when it is not drawn
}

const maxPointer = 512 // pixels a side; larger ones are not drawn

// load asks for the pointer that is shown now.
func (p *pointer) load(c *conn) error {
	reply, err := xfixes.GetCursorImage(c.x).Reply()
	if err != nil {
		return err
	}
	w, h := int(reply.Width), int(reply.Height)
	if w > maxPointer || h > maxPointer || len(reply.CursorImage) < w*h {
		w, h = 0, 0
	}
	p.size, p.hot = image.Pt(w, h), image.Pt(int(reply.Xhot), int(reply.Yhot))
	p.argb = reply.CursorImage[:w*h]
	return nil
}

// draw puts the pointer into the canvas, at a point of it, and keeps what it hides.
func (p *pointer) draw(v *canvas, at image.Point) {
	box := image.Rectangle{Max: p.size}.Add(at.Sub(p.hot))
	p.drawnAt = box.Intersect(image.Rect(0, 0, v.width, v.height))
	p.beneath = p.beneath[:0]
	for y := p.drawnAt.Min.Y; y < p.drawnAt.Max.Y; y++ {
		row := v.row(p.drawnAt, y)
		p.beneath = append(p.beneath, row...)
		source := p.argb[(y-box.Min.Y)*p.size.X+p.drawnAt.Min.X-box.Min.X:]
		for x := range p.drawnAt.Dx() {
			over(row[x*pixelBytes:][:pixelBytes], source[x])
		}
	}
}

// undraw restores what the pointer hid.
func (p *pointer) undraw(v *canvas) {
	width := p.drawnAt.Dx() * pixelBytes
	for y := p.drawnAt.Min.Y; y < p.drawnAt.Max.Y; y++ {
		copy(v.row(p.drawnAt, y), p.beneath[(y-p.drawnAt.Min.Y)*width:][:width])
	}
	p.drawnAt = image.Rectangle{}
}

// row returns the bytes of one row of a part of the canvas.
func (v *canvas) row(part image.Rectangle, y int) []byte {
	return v.pix[(y*v.width+part.Min.X)*pixelBytes:][:part.Dx()*pixelBytes]
}

// over lays a pixel with premultiplied alpha over one of the canvas.
func over(dst []byte, argb uint32) {
	through := 255 - argb>>24
	for i := range 3 {
		dst[i] = uint8(min(argb>>(8*i)&255+(uint32(dst[i])*through+127)/255, 255))
	}
}

// where is where the mouse points.
type where struct {
	root   image.Point   // in the desktop
	window image.Point   // in the window asked about
	top    xproto.Window // the child of the root that is uppermost there
}

// pointsAt asks where the mouse points, in the desktop and in the window w.
func (c *conn) pointsAt(w xproto.Window) (where, error) {
	inRoot, inWindow := xproto.QueryPointer(c.x, c.root), xproto.QueryPointer(c.x, w)
	r, err := inRoot.Reply()
	if err != nil {
		return where{}, err
	}
	i, err := inWindow.Reply()
	if err != nil {
		return where{}, err
	}
	return where{
		root:   image.Pt(int(r.RootX), int(r.RootY)),
		window: image.Pt(int(i.WinX), int(i.WinY)),
		top:    r.Child,
	}, nil
}
