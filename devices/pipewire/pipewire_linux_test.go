package pipewire_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley/devices/bgra"
	"parley/devices/frame"
	"parley/devices/pipewire"
	"parley/devices/pipewire/pipewiretest"
	"parley/devices/portal"
	"parley/devices/portaltest"
)

func TestAScreenIsReadAsItIs(t *testing.T) {
	d := start(t)
	const w, h, stride = 65, 49, 4*65 + 12
	for name, order := range map[string]bgra.Order{"BGRx": bgra.BGRA, "BGRA": bgra.BGRA, "RGBx": bgra.RGBA, "RGBA": bgra.RGBA} {
		t.Run(name, func(t *testing.T) {
			source := d.AddSource(pipewiretest.Offer{Name: "screen", Format: name, Width: w, Height: h})
			pix := scene(w, h, stride, 7)
			source.Show(pipewiretest.Picture{Pix: pix, Stride: stride})
			s := read(t, open(t, d), source.Node(), pipewire.Format{})
			expect(t, next(t, s), pix, stride, order, image.Rect(0, 0, w, h))
		})
	}
}

func TestACameraIsReadInItsOwnFormat(t *testing.T) {
	d := start(t)
	const w, h = 64, 48
	for name, of := range map[string]struct {
		order  bgra.Order
		stride int
		size   int
	}{
		"YUY2": {bgra.YUY2, 2 * w, 2 * w * h}, "NV12": {bgra.NV12, w, w * h * 3 / 2}, "I420": {bgra.I420, w, w * h * 3 / 2},
	} {
		t.Run(name, func(t *testing.T) {
			source := d.AddSource(pipewiretest.Offer{Name: "camera", Format: name, Width: w, Height: h, Rate: 30})
			pix := make([]byte, of.size)
			for i := range pix {
				pix[i] = byte(i * 7)
			}
			source.Show(pipewiretest.Picture{Pix: pix, Stride: of.stride})
			want := frame.New(w, h)
			if err := bgra.ToI420(want.YCbCr, pix, of.stride, of.order); err != nil {
				t.Fatal(err)
			}
			s := read(t, open(t, d), source.Node(), pipewire.Format{})
			expectSame(t, next(t, s), want)
		})
	}
}

func TestCamerasAreListedByTheNamesPeopleKnow(t *testing.T) {
	d := start(t)
	front := d.AddSource(pipewiretest.Offer{Name: "Front Camera", Width: 64, Height: 48, Rate: 30})
	back := d.AddSource(pipewiretest.Offer{Name: "Back Camera", Width: 64, Height: 48, Rate: 30})
	d.AddSource(pipewiretest.Offer{Name: "a film", Class: "Stream/Output/Video", Width: 64, Height: 48, Rate: 30})
	r := open(t, d)
	list, err := r.Sources(patience(t))
	want := fmt.Sprint([]pipewire.Node{{ID: front.Node(), Name: "Front Camera"}, {ID: back.Node(), Name: "Back Camera"}})
	if err != nil || fmt.Sprint(list) != want {
		t.Fatalf("listed %v, %v, want %v", list, err, want)
	}
	front.Close()
	list, err = r.Sources(patience(t))
	if want := fmt.Sprint([]pipewire.Node{{ID: back.Node(), Name: "Back Camera"}}); err != nil || fmt.Sprint(list) != want {
		t.Fatalf("with the front camera gone: %v, %v, want %v", list, err, want)
	}
}

func TestOfTwoSourcesTheOneThatWasAskedForIsRead(t *testing.T) {
	d := start(t)
	r := open(t, d)
	const w, h, stride = 32, 16, 4 * 32
	var sources []*pipewiretest.Source
	for i := range 2 {
		sources = append(sources, d.AddSource(pipewiretest.Offer{Name: fmt.Sprint(i), Width: w, Height: h}))
		sources[i].Show(pipewiretest.Picture{Pix: scene(w, h, stride, byte(100*i)), Stride: stride})
	}
	for i, source := range sources {
		expect(t, next(t, read(t, r, source.Node(), pipewire.Format{})), scene(w, h, stride, byte(100*i)), stride, bgra.BGRA, image.Rect(0, 0, w, h))
	}
}

func TestWhatIsBrokenOrLiesIsNotShown(t *testing.T) {
	d := start(t)
	const w, h, stride = 32, 16, 4 * 32
	bad := scene(w, h, stride, 200)
	for name, spoil := range map[string]func(*pipewiretest.Picture){
		"a corrupted chunk":          func(p *pipewiretest.Picture) { p.CorruptedChunk = true },
		"a corrupted header":         func(p *pipewiretest.Picture) { p.CorruptedHeader = true },
		"too few bytes":              func(p *pipewiretest.Picture) { p.Size = stride*h - 1 },
		"a huge stride":              func(p *pipewiretest.Picture) { p.Stride = 1 << 30 },
		"a negative stride":          func(p *pipewiretest.Picture) { p.Stride = -stride },
		"a narrow stride":            func(p *pipewiretest.Picture) { p.Stride = stride - 4 },
		"an offset behind the end":   func(p *pipewiretest.Picture) { p.Offset = 1 << 31 },
		"an offset with too little":  func(p *pipewiretest.Picture) { p.Offset, p.Size = 5000, 1<<31 },
		"a crop beyond the picture":  func(p *pipewiretest.Picture) { p.Crop = image.Rect(8, 8, w+1, h) },
		"a crop from outside":        func(p *pipewiretest.Picture) { p.Crop = image.Rect(-1, 0, w-1, h) },
		"a crop of a great overflow": func(p *pipewiretest.Picture) { p.Crop = image.Rect(8, 8, 1<<32, 1<<32) },
	} {
		t.Run(name, func(t *testing.T) {
			source := d.AddSource(pipewiretest.Offer{Name: "liar", Width: w, Height: h})
			lie, truth := pipewiretest.Picture{Pix: bad, Stride: stride}, pipewiretest.Picture{Pix: scene(w, h, stride, 7), Stride: stride}
			spoil(&lie)
			source.Show(lie, truth)
			s := read(t, open(t, d), source.Node(), pipewire.Format{})
			for range 5 {
				expect(t, next(t, s), truth.Pix, stride, bgra.BGRA, image.Rect(0, 0, w, h))
			}
		})
	}
}

func TestMemoryThatIsShorterThanItSaysEndsTheStream(t *testing.T) {
	d := start(t)
	source := d.AddSource(pipewiretest.Offer{Name: "liar", Width: 64, Height: 64, Bytes: 1 << 20, Cut: 64 * 64 * 4})
	source.Show(pipewiretest.Picture{Pix: make([]byte, 64*64*4), Stride: 64 * 4, Size: 1 << 20})
	if err := ended(t, read(t, open(t, d), source.Node(), pipewire.Format{})); !errors.Is(err, pipewire.ErrEnded) {
		t.Errorf("got %v", err)
	}
}

func TestAPictureMayBeginBehindAnOffset(t *testing.T) {
	d := start(t)
	const w, h, stride, offset = 32, 16, 4 * 32, 256
	pix := scene(w, h, stride, 7)
	source := d.AddSource(pipewiretest.Offer{Name: "screen", Width: w, Height: h})
	source.Show(pipewiretest.Picture{Pix: append(make([]byte, offset), pix...), Offset: offset, Size: len(pix), Stride: stride})
	s := read(t, open(t, d), source.Node(), pipewire.Format{})
	expect(t, next(t, s), pix, stride, bgra.BGRA, image.Rect(0, 0, w, h))
}

func TestOnlyWhatTheCropLeavesIsShown(t *testing.T) {
	d := start(t)
	const w, h, stride = 64, 48, 4 * 64
	crop := image.Rect(11, 7, 50, 40)
	pix := scene(w, h, stride, 7)
	source := d.AddSource(pipewiretest.Offer{Name: "window", Width: w, Height: h})
	source.Show(pipewiretest.Picture{Pix: pix, Stride: stride, Crop: crop})
	s := read(t, open(t, d), source.Node(), pipewire.Format{})
	expect(t, next(t, s), pix, stride, bgra.BGRA, crop)
}

func TestACropOfPlanesBeginsAtAWholeChromaSample(t *testing.T) {
	d := start(t)
	const w, h = 64, 48
	whole := frame.New(w, h)
	pix := make([]byte, w*h*3/2)
	for i := range pix {
		pix[i] = byte(i * 5)
	}
	if err := bgra.ToI420(whole.YCbCr, pix, w, bgra.I420); err != nil {
		t.Fatal(err)
	}
	source := d.AddSource(pipewiretest.Offer{Name: "camera", Format: "I420", Width: w, Height: h, Rate: 30})
	source.Show(pipewiretest.Picture{Pix: pix, Stride: w, Crop: image.Rect(11, 7, 50, 40)})
	got := next(t, read(t, open(t, d), source.Node(), pipewire.Format{}))
	if gw, gh := got.Size(); gw != 39 || gh != 33 {
		t.Fatalf("the picture is %dx%d", gw, gh)
	}
	for y := range 33 {
		for x := range 39 {
			if g, w := got.YCbCrAt(x, y), whole.YCbCrAt(10+x, 6+y); g != w {
				t.Fatalf("at (%d,%d) the picture is %v, want %v", x, y, g, w)
			}
		}
	}
}

func TestTheSizeChangesWhileItIsRead(t *testing.T) {
	d := start(t)
	source := d.AddSource(pipewiretest.Offer{Name: "window", Width: 64, Height: 48, Bytes: 4 * 128 * 128})
	source.Show(pipewiretest.Picture{Pix: scene(64, 48, 4*64, 7), Stride: 4 * 64})
	s := read(t, open(t, d), source.Node(), pipewire.Format{})
	next(t, s)
	grown := scene(128, 96, 4*128, 9)
	source.Resize(128, 96)
	source.Show(pipewiretest.Picture{Pix: grown, Stride: 4 * 128})
	for {
		f := next(t, s)
		if w, _ := f.Size(); w == 128 {
			expect(t, f, grown, 4*128, bgra.BGRA, image.Rect(0, 0, 128, 96))
			return
		}
	}
}

func TestAPictureKnowsWhenItWasTaken(t *testing.T) {
	d := start(t)
	source := d.AddSource(pipewiretest.Offer{Name: "camera", Width: 32, Height: 16})
	picture := pipewiretest.Picture{Pix: scene(32, 16, 128, 7), Stride: 128, Age: 300 * time.Millisecond}
	source.Show(picture)
	began := time.Now()
	s := read(t, open(t, d), source.Node(), pipewire.Format{})
	f := next(t, s)
	if age := time.Since(f.Captured); age < picture.Age || f.Captured.Before(began.Add(-time.Second)) {
		t.Errorf("a picture of %v ago is said to be of %v ago", picture.Age, age)
	}
	picture.Age = -1
	source.Show(picture)
	next(t, s) // one of before may still have been there
	before := time.Now()
	for range 3 {
		f = next(t, s)
	}
	if f.Captured.Before(before) || f.Captured.After(time.Now()) {
		t.Errorf("a picture without a time came between %v and now, and is said to be of %v", before, f.Captured)
	}
}

func TestTheEndIsTold(t *testing.T) {
	ends := map[string]func(*pipewiretest.Daemon, *pipewiretest.Source){
		"the source is removed": func(_ *pipewiretest.Daemon, s *pipewiretest.Source) { s.Close() },
		"the daemon crashes":    func(d *pipewiretest.Daemon, _ *pipewiretest.Source) { d.Kill() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			d := start(t)
			source := d.AddSource(pipewiretest.Offer{Name: "camera", Width: 32, Height: 16, Rate: 30})
			source.Show(pipewiretest.Picture{Pix: scene(32, 16, 128, 7), Stride: 128})
			s := read(t, open(t, d), source.Node(), pipewire.Format{})
			next(t, s)
			end(d, source)
			if err := ended(t, s); !errors.Is(err, pipewire.ErrEnded) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestADeadDaemonListsNothing(t *testing.T) {
	d := start(t)
	r := open(t, d)
	d.Kill()
	if _, err := r.Sources(patience(t)); !errors.Is(err, pipewire.ErrEnded) {
		t.Errorf("listing: %v", err)
	}
	if _, err := r.Stream(1, pipewire.Format{}); !errors.Is(err, pipewire.ErrEnded) {
		t.Errorf("reading: %v", err)
	}
}

func TestASourceInAnUnknownFormatEnds(t *testing.T) {
	d := start(t)
	pipewire.SetAgreeing(t, 100*time.Millisecond)
	source := d.AddSource(pipewiretest.Offer{Name: "camera", Format: "UYVY", Width: 32, Height: 16, Rate: 30})
	if err := ended(t, read(t, open(t, d), source.Node(), pipewire.Format{})); !errors.Is(err, pipewire.ErrEnded) {
		t.Errorf("got %v", err)
	}
}

func TestACameraGivesTheSizeThatIsWantedOrTheNextSmaller(t *testing.T) {
	d := start(t)
	r := open(t, d)
	camera := d.AddSource(pipewiretest.Offer{
		Name: "camera", Format: "YUY2", Rate: 30, Bytes: 1 << 20,
		Width: 640, Height: 480, Also: []image.Point{{320, 240}, {160, 120}},
	})
	camera.Show(pipewiretest.Picture{Pix: make([]byte, 1<<20)})
	for want, gives := range map[image.Point]image.Point{
		{640, 480}: {640, 480}, {320, 240}: {320, 240}, {160, 120}: {160, 120}, {400, 300}: {320, 240}, {64, 48}: {640, 480},
	} {
		t.Run(fmt.Sprint(want), func(t *testing.T) {
			s := read(t, r, camera.Node(), pipewire.Format{Width: want.X, Height: want.Y, FrameRate: 30})
			defer s.Close()
			if w, h := next(t, s).Size(); w != gives.X || h != gives.Y {
				t.Errorf("got %dx%d, want %v", w, h, gives)
			}
		})
	}
}

func TestAScreenThatThePortalGrantedIsSeen(t *testing.T) {
	d := start(t)
	const w, h, stride = 320, 200, 4 * 320
	pix := scene(w, h, stride, 7)
	screen := d.AddSource(pipewiretest.Offer{Name: "screen", Width: w, Height: h})
	screen.Show(pipewiretest.Picture{Pix: pix, Stride: stride})
	portaltest.Start(t, screen.Node(), d.Connect)
	session, err := portal.ScreenCast(patience(t), portal.ScreenCastOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	r, err := pipewire.Open(session.FD)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	expect(t, next(t, read(t, r, session.Node, pipewire.Format{})), pix, stride, bgra.BGRA, image.Rect(0, 0, w, h))
}

func TestClosingEndsWhoeverWaits(t *testing.T) {
	d := start(t)
	source := d.AddSource(pipewiretest.Offer{Name: "still", Width: 32, Height: 16})
	closes := map[string]func(*pipewire.Remote, *pipewire.Stream){
		"the stream": func(_ *pipewire.Remote, s *pipewire.Stream) { s.Close() },
		"the remote": func(r *pipewire.Remote, _ *pipewire.Stream) { r.Close() },
	}
	for name, closeIt := range closes {
		t.Run(name, func(t *testing.T) {
			r := open(t, d)
			s := read(t, r, source.Node(), pipewire.Format{})
			got := make(chan error, 1)
			go func() {
				_, err := s.Next(patience(t))
				got <- err
			}()
			closeIt(r, s)
			if err := <-got; !errors.Is(err, frame.ErrClosed) {
				t.Errorf("got %v", err)
			}
			for range 2 { // again does no harm
				if err := errors.Join(s.Close(), r.Close()); err != nil {
					t.Error(err)
				}
			}
			if _, err := r.Sources(patience(t)); !errors.Is(err, pipewire.ErrClosed) {
				t.Errorf("listing afterwards: %v", err)
			}
			if _, err := r.Stream(1, pipewire.Format{}); !errors.Is(err, pipewire.ErrClosed) {
				t.Errorf("reading afterwards: %v", err)
			}
		})
	}
}

func TestWhoeverDoesNotWantToWaitDoesNot(t *testing.T) {
	d := start(t)
	source := d.AddSource(pipewiretest.Offer{Name: "still", Width: 32, Height: 16})
	r := open(t, d)
	s := read(t, r, source.Node(), pipewire.Format{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a picture: %v", err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[1])
	mute, err := pipewire.Open(os.NewFile(uintptr(pair[0]), "mute"))
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel = context.WithCancel(t.Context())
	go cancel()
	if _, err := mute.Sources(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the list: %v", err)
	}
}

func TestWhatIsNoConnectionIsRefusedOrEnds(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipewire.Open(file)
	if err == nil {
		defer r.Close()
		_, err = r.Sources(patience(t))
	}
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("/dev/null served PipeWire: %v", err)
	}
}

func TestStreamsComeAndGoWhileTheRemoteCloses(t *testing.T) {
	d := start(t)
	source := d.AddSource(pipewiretest.Offer{Name: "screen", Width: 64, Height: 48})
	source.Show(pipewiretest.Picture{Pix: scene(64, 48, 256, 7), Stride: 256})
	ctx := patience(t)
	for range 3 {
		r := open(t, d)
		var users sync.WaitGroup
		seen := make(chan struct{}, 1)
		for range 4 {
			users.Go(func() {
				for {
					s, err := r.Stream(source.Node(), pipewire.Format{})
					if err != nil {
						if !errors.Is(err, pipewire.ErrClosed) {
							t.Error(err)
						}
						return
					}
					if f, err := s.Next(ctx); err == nil {
						f.Release()
						select {
						case seen <- struct{}{}:
						default:
						}
					}
					s.Close()
				}
			})
		}
		select {
		case <-seen:
		case <-ctx.Done():
			t.Error("nobody saw a picture")
		}
		r.Close()
		users.Wait()
	}
}
