package pattern_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
	"time"

	xdraw "golang.org/x/image/draw"

	"parley/devices/pattern"
)

const source = 0x5A3

func picture(width, height int, now time.Duration) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	pattern.Draw(img, now, source)
	return img
}

// scaled shrinks each plane as a video path does.
func scaled(img *image.YCbCr, width, height int) *image.YCbCr {
	out := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	plane := func(dst []uint8, dstStride, dw, dh int, src []uint8, srcStride, sw, sh int) {
		d := &image.Gray{Pix: dst, Stride: dstStride, Rect: image.Rect(0, 0, dw, dh)}
		s := &image.Gray{Pix: src, Stride: srcStride, Rect: image.Rect(0, 0, sw, sh)}
		xdraw.BiLinear.Scale(d, d.Rect, s, s.Rect, draw.Src, nil)
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	plane(out.Y, out.YStride, width, height, img.Y, img.YStride, w, h)
	plane(out.Cb, out.CStride, (width+1)/2, (height+1)/2, img.Cb, img.CStride, (w+1)/2, (h+1)/2)
	plane(out.Cr, out.CStride, (width+1)/2, (height+1)/2, img.Cr, img.CStride, (w+1)/2, (h+1)/2)
	return out
}

// shown is the picture as a screen shows it: limited range BT.601 made RGB.
func shown(img *image.YCbCr) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	clamp := func(v float64) uint8 { return uint8(max(0, min(255, v+0.5))) }
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			l := 1.164 * (float64(img.Y[img.YOffset(x, y)]) - 16)
			cb, cr := float64(img.Cb[img.COffset(x, y)])-128, float64(img.Cr[img.COffset(x, y)])-128
			out.SetRGBA(x, y, color.RGBA{clamp(l + 1.596*cr), clamp(l - 0.392*cb - 0.813*cr), clamp(l + 2.017*cb), 255})
		}
	}
	return out
}

func addNoise(img *image.YCbCr, most int) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, plane := range [][]uint8{img.Y, img.Cb, img.Cr} {
		for i, v := range plane {
			plane[i] = uint8(max(0, min(255, int(v)+random.IntN(2*most+1)-most)))
		}
	}
}

func TestAPictureIsReadAtEverySize(t *testing.T) {
	now := 1234567*time.Second + 89*time.Microsecond
	want := pattern.Reading{Counter: uint64(now.Microseconds()) % (1 << 40), Source: source}
	for _, size := range [][2]int{{1920, 1080}, {1280, 720}, {640, 480}, {320, 180}, {175, 131}, {120, 400}} {
		t.Run(fmt.Sprintf("drawn at %dx%d", size[0], size[1]), func(t *testing.T) {
			if got, ok := pattern.Read(picture(size[0], size[1], now)); !ok || got != want {
				t.Errorf("read %+v, %v, want %+v", got, ok, want)
			}
		})
	}
	for _, size := range [][2]int{{640, 360}, {427, 240}, {320, 180}, {208, 117}} {
		t.Run(fmt.Sprintf("scaled to %dx%d", size[0], size[1]), func(t *testing.T) {
			if got, ok := pattern.Read(scaled(picture(1280, 720, now), size[0], size[1])); !ok || got != want {
				t.Errorf("read %+v, %v, want %+v", got, ok, want)
			}
		})
	}
}

func TestNoiseDoesNotHideTheBlock(t *testing.T) {
	img := picture(640, 360, time.Hour)
	addNoise(img, 60)
	if got, ok := pattern.Read(img); !ok || got.Counter != uint64(time.Hour.Microseconds()) {
		t.Errorf("read %+v, %v", got, ok)
	}
}

func TestAWrongCellIsRefused(t *testing.T) {
	for cell := range 64 {
		img := picture(1280, 720, time.Hour)
		// A cell of 24 pixels; the cells begin 4 units of 12 within a block of 288.
		x0, y0 := (1280-288)/2+48+24*(cell%8), (720-288)/2+48+24*(cell/8)
		for y := y0; y < y0+24; y++ {
			for x := x0; x < x0+24; x++ {
				img.Y[img.YOffset(x, y)] = 251 - img.Y[img.YOffset(x, y)]
			}
		}
		if got, ok := pattern.Read(img); ok {
			t.Errorf("with cell %d turned round it reads %+v", cell, got)
		}
	}
}

func TestAPictureWithoutABlockIsNotRead(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	img := image.NewYCbCr(image.Rect(0, 0, 640, 360), image.YCbCrSubsampleRatio420)
	for range 50 {
		for _, plane := range [][]uint8{img.Y, img.Cb, img.Cr} {
			for i := range plane {
				plane[i] = uint8(random.Uint32())
			}
		}
		if got, ok := pattern.Read(img); ok {
			t.Fatalf("noise reads %+v", got)
		}
	}
	if got, ok := pattern.Read(image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio420)); ok {
		t.Errorf("an empty picture reads %+v", got)
	}
}

// screenshot holds three tiles of different sizes: one cropped at the sides, one small and mirrored.
func screenshot() *image.RGBA {
	screen := image.NewRGBA(image.Rect(0, 0, 1280, 800))
	draw.Draw(screen, screen.Rect, image.NewUniform(color.RGBA{0x0e, 0x11, 0x16, 255}), image.Point{}, draw.Src)
	first, second, third := shown(picture(1280, 720, 1*time.Hour)), shown(picture(640, 360, 2*time.Hour)), shown(picture(1280, 720, 3*time.Hour))
	xdraw.BiLinear.Scale(screen, image.Rect(20, 10, 820, 460), first, first.Rect, draw.Src, nil)
	xdraw.BiLinear.Scale(screen, image.Rect(840, 100, 1140, 400), second, image.Rect(140, 0, 500, 360), draw.Src, nil)
	mirrored := image.NewRGBA(third.Rect)
	for y := range third.Rect.Dy() {
		for x := range third.Rect.Dx() {
			mirrored.SetRGBA(third.Rect.Dx()-1-x, y, third.RGBAAt(x, y))
		}
	}
	xdraw.BiLinear.Scale(screen, image.Rect(1051, 661, 1259, 778), mirrored, mirrored.Rect, draw.Src, nil)
	return screen
}

func TestAllTilesOfAScreenshotAreFound(t *testing.T) {
	found := pattern.Find(screenshot())
	if len(found) != 3 {
		t.Fatalf("found %d blocks, want 3: %+v", len(found), found)
	}
	for i, f := range found {
		if want := uint64(time.Duration(i+1) * time.Hour / time.Microsecond); f.Counter != want || f.Source != source {
			t.Errorf("tile %d reads %+v, want counter %d", i, f, want)
		}
		if f.Mirrored != (i == 2) {
			t.Errorf("tile %d: mirrored is %v", i, f.Mirrored)
		}
	}
	if want := image.Rect(330, 145, 510, 325); found[0].Bounds != want {
		t.Errorf("the first block is at %v, want %v", found[0].Bounds, want)
	}
}

func TestAScreenshotMayBeAnyPartOfAnyKindOfImage(t *testing.T) {
	screen := screenshot()
	paletted := image.NewNRGBA(screen.Rect)
	draw.Draw(paletted, screen.Rect, screen, image.Point{}, draw.Src)
	part := paletted.SubImage(image.Rect(800, 0, 1280, 800))
	found := pattern.Find(part)
	if len(found) != 2 {
		t.Fatalf("found %d blocks in a part that holds 2", len(found))
	}
	if !found[0].Bounds.In(part.Bounds()) {
		t.Errorf("the block at %v lies outside the part %v", found[0].Bounds, part.Bounds())
	}
	if found := pattern.Find(image.NewRGBA(image.Rect(0, 0, 300, 300))); len(found) != 0 {
		t.Errorf("found %v in an empty picture", found)
	}
}

func TestAgeIsTheTimeSinceTheDrawing(t *testing.T) {
	before := pattern.Now()
	reading, ok := pattern.Read(picture(320, 180, before))
	if !ok {
		t.Fatal("not read")
	}
	age := reading.Age()
	if most := pattern.Now() - before + time.Microsecond; age < 0 || age > most {
		t.Errorf("age %v, want 0 to %v", age, most)
	}
}

func TestTheSceneMoves(t *testing.T) {
	a, b := picture(320, 180, time.Hour), picture(320, 180, time.Hour+100*time.Millisecond)
	moved := 0
	for i := range a.Y {
		if a.Y[i] != b.Y[i] {
			moved++
		}
	}
	if moved < len(a.Y)/2 {
		t.Errorf("%d of %d pixels changed in a tenth of a second", moved, len(a.Y))
	}
}

func TestDrawingByTurnsAndReadingDoNotAllocate(t *testing.T) {
	img := picture(640, 360, 0)
	n := testing.AllocsPerRun(20, func() {
		for camera := range uint16(8) {
			pattern.Draw(img, time.Hour, camera)
			if _, ok := pattern.Read(img); !ok {
				t.Error("not read")
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func BenchmarkDraw720p(b *testing.B) {
	img := image.NewYCbCr(image.Rect(0, 0, 1280, 720), image.YCbCrSubsampleRatio420)
	for b.Loop() {
		pattern.Draw(img, pattern.Now(), source)
	}
}

func BenchmarkRead720p(b *testing.B) {
	img := picture(1280, 720, time.Hour)
	for b.Loop() {
		pattern.Read(img)
	}
}

func BenchmarkFindInAScreenshot(b *testing.B) {
	screen := screenshot()
	for b.Loop() {
		pattern.Find(screen)
	}
}
