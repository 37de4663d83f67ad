package call

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"parley/call/coded"
	"parley/call/video"
	"parley/call/yuv"
	"parley/devices/frame"
)

const (
	usualScreenRate = 15          // frames a second
	screenAgain     = time.Second // after which a screen that stands still is sent again
)

// screenSide is what is wished to be shared, and what became of it. A goroutine of its own opens and closes; the system may ask
// the user first, which takes as long as it takes.
type screenSide struct {
	m      *Media
	sender *video.Sender
	wake   chan struct{} // has room for one token

	mu      sync.Mutex
	now     Sharing
	wanted  bool
	attempt int // counts what the user asked for
	ctx     context.Context
	abort   context.CancelFunc           // ends the attempt that is under way
	current atomic.Pointer[sharedScreen] // nil when there is none; only the goroutine changes it
	seen    int                          // the goroutine's: the attempt that it has seen to
}

func newScreenSide(m *Media) *screenSide {
	s := &screenSide{
		m: m, wake: make(chan struct{}, 1),
		sender: video.NewSender(video.SenderConfig{ID: "screen", StreamID: screenStreamID, Screen: true, Logger: m.cfg.Logger}),
	}
	s.ctx, s.abort = context.WithCancel(m.ctx)
	return s
}

func (s *screenSide) get() Sharing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// want changes what is wished for, gives up what is being tried, and wakes the goroutine.
func (s *screenSide) want(what Share, share bool) {
	if share && what.FrameRate <= 0 {
		what.FrameRate = usualScreenRate
	}
	s.mu.Lock()
	s.now.Share, s.now.Opening, s.now.Err = what, share, nil
	s.wanted = share
	s.attempt++
	s.abort()
	s.ctx, s.abort = context.WithCancel(s.m.ctx)
	s.mu.Unlock()
	s.poke()
	s.m.changed()
}

func (s *screenSide) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// again lets the others see the screen soon, also when nothing moves on it.
func (s *screenSide) again() {
	if current := s.current.Load(); current != nil {
		current.again()
	}
}

// follow is the side's goroutine. It ends with the media, and closes what is shared.
func (s *screenSide) follow() {
	for {
		select {
		case <-s.wake:
			s.see()
		case <-s.m.ctx.Done():
			s.abort()
			s.replace(nil)
			return
		}
	}
}

func (s *screenSide) see() {
	s.mu.Lock()
	wish, wanted, attempt, ctx := s.now.Share, s.wanted, s.attempt, s.ctx
	s.mu.Unlock()
	var err error
	if current := s.current.Load(); current != nil {
		if lost := current.lost.Load(); lost != nil {
			err = *lost
			s.replace(nil)
		}
	}
	asked := attempt != s.seen
	s.seen = attempt
	switch {
	case !wanted:
		err = nil
		s.replace(nil)
	case asked:
		var next *sharedScreen
		if next, err = s.open(ctx, wish); err == nil {
			s.replace(next)
		}
	}
	s.settle(attempt, err)
}

// settle tells what is shared, and how the last wish went if no other came meanwhile.
func (s *screenSide) settle(attempt int, err error) {
	s.mu.Lock()
	s.now.Open, s.now.Using = false, ""
	if current := s.current.Load(); current != nil {
		s.now.Open, s.now.Using = true, current.screen.Label()
	}
	if s.attempt == attempt {
		s.now.Opening = false
		if err != nil || s.now.Open {
			s.now.Err = err
		}
	}
	s.mu.Unlock()
	if err != nil {
		s.m.cfg.Logger.Info("a screen is not shared", "err", err)
	}
	s.m.changed()
}

// open opens a screen and waits for its first picture. When ctx ends it does not wait any longer, and what is opened all the same is
// closed.
func (s *screenSide) open(ctx context.Context, wish Share) (*sharedScreen, error) {
	type outcome struct {
		screen Screen
		err    error
	}
	opened := make(chan outcome)
	go func() { // it may hang on a question that nobody answers
		screen, err := s.m.cfg.OpenScreen(wish, s.m.cfg.Restore())
		select {
		case opened <- outcome{screen, err}:
		case <-ctx.Done():
			if err == nil {
				_ = screen.Close()
			}
		}
	}()
	var o outcome
	select {
	case o = <-opened:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if o.err != nil {
		return nil, o.err
	}
	first, err := awaitFirst(ctx, o.screen)
	if err != nil {
		_ = o.screen.Close()
		return nil, err
	}
	if token := o.screen.Restore(); token != "" {
		s.m.cfg.OnRestore(token)
	}
	return s.begin(o.screen, first), nil
}

// replace shares next, and closes what was shared before.
func (s *screenSide) replace(next *sharedScreen) {
	before := s.current.Swap(next)
	if next != nil {
		s.sender.SetSource(&next.out)
	} else {
		s.sender.SetSource(nil)
	}
	if before != nil {
		before.close()
	}
}

// sharedScreen is one screen or window from its opening to its closing.
type sharedScreen struct {
	screen Screen
	out    frame.Slot // to the sender
	cancel context.CancelFunc
	work   sync.WaitGroup
	lost   atomic.Pointer[error] // why it ended by itself
	nudge  chan struct{}         // holds a token when the last picture is to be sent again at once
	pool   frame.Pool            // of pictures that were made smaller

	mu    sync.Mutex
	last  *frame.Frame
	fresh bool // a picture came since the last look
}

// begin lets a screen's pictures go to the sender.
func (s *screenSide) begin(screen Screen, first *frame.Frame) *sharedScreen {
	shared := &sharedScreen{screen: screen, nudge: make(chan struct{}, 1)}
	var ctx context.Context
	ctx, shared.cancel = context.WithCancel(s.m.ctx)
	shared.put(first)
	shared.work.Go(func() {
		for {
			f, err := screen.Next(ctx)
			switch {
			case ctx.Err() != nil:
				f.Release()
				return
			case err != nil:
				shared.lost.Store(&err)
				s.poke()
				return
			}
			shared.put(f)
		}
	})
	shared.work.Go(func() { shared.repeat(ctx) })
	return shared
}

// put takes over a picture and shows it.
func (s *sharedScreen) put(f *frame.Frame) {
	f = s.fit(f)
	s.mu.Lock()
	old := s.last
	s.last, s.fresh = f, true
	s.mu.Unlock()
	old.Release()
	s.out.Put(f.Retain())
}

// fit makes a picture smaller that is larger than what can be sent.
func (s *sharedScreen) fit(f *frame.Frame) *frame.Frame {
	width, height := fitting(f.Size())
	if w, _ := f.Size(); w == width {
		return f
	}
	small := s.pool.Get(width, height)
	small.Captured = f.Captured
	if yuv.Scale(small.YCbCr, f.YCbCr) != nil { // too large for that too: the sender will say so
		small.Release()
		return f
	}
	f.Release()
	return small
}

// fitting returns the size itself where it can be sent, and else the largest half, quarter and so on.
func fitting(width, height int) (int, int) {
	for width > 1 && height > 1 && !coded.Fits(width, height) {
		width, height = (width+1)/2, (height+1)/2
	}
	return width, height
}

// repeat sends the last picture again now and then while none comes, since systems give a new one only when something moves: for those who
// come later, and for what the first round of encoding left blurred.
func (s *sharedScreen) repeat(ctx context.Context) {
	tick := time.NewTicker(screenAgain)
	defer tick.Stop()
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.nudge:
			asked = true
		}
		s.mu.Lock()
		if asked || !s.fresh {
			s.out.Put(s.last.Retain())
		}
		s.fresh = s.fresh && asked
		s.mu.Unlock()
	}
}

// again sends the last picture again at once.
func (s *sharedScreen) again() {
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}

func (s *sharedScreen) close() {
	s.cancel()
	s.work.Wait()
	s.out.Close()
	s.last.Release()
	_ = s.screen.Close() // it is given up either way
}
