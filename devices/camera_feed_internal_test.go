package devices

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"parley/devices/frame"
)

// puppet is a camera driver that does what a test says. Its first picture is there at once.
type puppet struct {
	pictures chan *frame.Frame
	fail     chan error
	closed   chan struct{}
	deaf     bool // grab does not return when closed, as of drivers that hang
	once     sync.Once
	free     chan struct{} // ends a deaf one
}

func newPuppet() *puppet {
	p := dumbPuppet()
	p.pictures <- someFrame()
	return p
}

// dumbPuppet gives no picture yet.
func dumbPuppet() *puppet {
	return &puppet{pictures: make(chan *frame.Frame, 1), fail: make(chan error), closed: make(chan struct{}), free: make(chan struct{})}
}

func (p *puppet) grab() (*frame.Frame, error) {
	closed := p.closed
	if p.deaf {
		closed = p.free
	}
	select {
	case f := <-p.pictures:
		return f, nil
	case err := <-p.fail:
		return nil, err
	case <-closed:
		return nil, io.EOF
	}
}

func (p *puppet) close() { p.once.Do(func() { close(p.closed) }) }

// someFrame is not blank.
func someFrame() *frame.Frame {
	f := frame.New(2, 2)
	paint(f.YCbCr, 100, 90, 200)
	return f
}

func blankFrame() *frame.Frame {
	f := frame.New(2, 2)
	paint(f.YCbCr, 16, 128, 128)
	return f
}

// tableOf opens the puppets in turn, and after them nothing.
func tableOf(puppets ...*puppet) *cameraTable {
	return &cameraTable{feeds: map[string]*feed{}, open: func(string, Format) (grabber, error) {
		if len(puppets) == 0 {
			return nil, ErrNotFound
		}
		p := puppets[0]
		puppets = puppets[1:]
		return p, nil
	}}
}

func attach(t *testing.T, table *cameraTable) *Camera {
	t.Helper()
	c, err := table.attach("cam", Format{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// drain takes the picture that is there.
func drain(t *testing.T, c *Camera) {
	t.Helper()
	f, err := c.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	f.Release()
}

func wantEnd(t *testing.T, c *Camera, want error) error {
	t.Helper()
	f, err := c.Next(context.Background())
	if !errors.Is(err, want) {
		t.Errorf("a handle says %v, %v; want %v", f, err, want)
	}
	return err
}

func wantRefused(t *testing.T, table *cameraTable, want error) error {
	t.Helper()
	c, err := table.attach("cam", Format{})
	if !errors.Is(err, want) {
		t.Errorf("opening says %v, %v; want %v", c, err, want)
	}
	return err
}

// In these tests time is synctest's, which also finds goroutines that do not end.

func TestEveryHandleIsToldThatTheCameraWasUnplugged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		table := tableOf(p)
		first, second := attach(t, table), attach(t, table)
		cause := errors.New("no such device")
		p.fail <- cause
		synctest.Wait()
		for _, c := range []*Camera{first, second} {
			if err := wantEnd(t, c, ErrGone); !errors.Is(err, cause) {
				t.Errorf("%v does not say why", err)
			}
		}
		<-p.closed // it is given back though nobody closed a handle
		first.Close()
		second.Close()
		wantRefused(t, table, ErrNotFound)
	})
}

func TestTheCameraStopsWithItsLastHandle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, later := newPuppet(), newPuppet()
		table := tableOf(p, later)
		first, second := attach(t, table), attach(t, table)
		first.Close()
		synctest.Wait()
		select {
		case <-p.closed:
			t.Fatal("it stopped while somebody watched it")
		default:
		}
		p.pictures <- someFrame()
		drain(t, second)
		second.Close()
		<-p.closed
		third := attach(t, table)
		drain(t, third)
		third.Close()
	})
}

func TestADriverThatHangsDoesNotBlockClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		p.deaf = true
		table := tableOf(p, newPuppet())
		c := attach(t, table)
		c.Close() // returns, though grab does not
		wantRefused(t, table, ErrNotReadable)
		close(p.free)
		attach(t, table).Close() // and when it has let go, it may be opened again
	})
}

func TestACameraThatGivesNoMorePicturesIsGoneAfterFourSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		p.deaf = true
		table := tableOf(p, newPuppet())
		c := attach(t, table)
		drain(t, c)
		before := time.Now()
		if err := wantEnd(t, c, ErrGone); !strings.Contains(err.Error(), "no picture for 4s") {
			t.Errorf("%v does not say why", err)
		}
		if took := time.Since(before); took < tolerance || took > tolerance+time.Second {
			t.Errorf("it took %v, want %v", took, tolerance)
		}
		wantRefused(t, table, ErrNotReadable) // its driver still has it
		c.Close()
		close(p.free)
		attach(t, table).Close()
	})
}

func TestACameraThatGivesAPictureNowAndThenRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		c := attach(t, tableOf(p))
		drain(t, c)
		for range 10 {
			time.Sleep(tolerance - time.Second)
			p.pictures <- someFrame()
			drain(t, c)
		}
		c.Close()
	})
}

func TestACameraWhoseFirstPictureDoesNotComeIsNotReadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := tableOf(dumbPuppet())
		wantRefused(t, table, ErrNotReadable)
		wantRefused(t, table, ErrNotFound) // there is no second: the first was given back
	})
}

func TestADriverThatHangsWhileOpeningIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer, p := make(chan struct{}), newPuppet()
		table := &cameraTable{feeds: map[string]*feed{}, open: func(string, Format) (grabber, error) {
			<-answer
			return p, nil
		}}
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() { wantRefused(t, table, ErrNotReadable) })
		}
		waiting.Wait()
		wantRefused(t, table, ErrNotReadable) // while it hangs
		close(answer)
		<-p.closed // what it opened in the end, nobody keeps
		synctest.Wait()
		if len(table.feeds) != 0 {
			t.Error("its feed is still there")
		}
	})
}

func TestWhyADriverFailsBeforeItsFirstPictureIsToldApart(t *testing.T) {
	for cause, want := range map[error]error{
		syscall.ENODEV: ErrNotFound, syscall.EACCES: ErrNotAllowed, syscall.EBUSY: ErrNotReadable, io.EOF: ErrNotReadable,
		fmt.Errorf("%w (size)", ErrOverconstrained): ErrOverconstrained,
	} {
		synctest.Test(t, func(t *testing.T) {
			p := dumbPuppet()
			go func() { p.fail <- cause }()
			if err := wantRefused(t, tableOf(p), want); !errors.Is(err, cause) {
				t.Errorf("%v does not say %v", err, cause)
			}
		})
	}
}

func TestSingleBrokenPicturesAreLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		c := attach(t, tableOf(p))
		drain(t, c)
		for range 20 {
			p.fail <- fmt.Errorf("%w: short", errBroken)
		}
		p.pictures <- someFrame()
		drain(t, c)
		c.Close()
	})
}

func TestACameraWithBrokenPicturesOnlyIsGoneAndSaysWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		c := attach(t, tableOf(p))
		drain(t, c)
		go func() {
			for {
				select {
				case p.fail <- fmt.Errorf("%w: of 0x0", errBroken):
				case <-p.closed:
					return
				}
			}
		}()
		if err := wantEnd(t, c, ErrGone); !strings.Contains(err.Error(), "of 0x0") {
			t.Errorf("%v does not say what was broken", err)
		}
		c.Close()
	})
}

func TestABrokenPictureForEverDoesNotKeepACameraThatIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		p.deaf = true
		c := attach(t, tableOf(p))
		go func() { p.fail <- errBroken }()
		synctest.Wait()
		c.Close()
		<-c.feed.ended
	})
}

func TestBlankPicturesAreHeldBackAtTheStartAndOnlyThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := dumbPuppet()
		p.pictures <- blankFrame()
		go func() {
			p.pictures <- blankFrame()
			p.pictures <- someFrame()
		}()
		c := attach(t, tableOf(p))
		f, err := c.Next(context.Background())
		if err != nil || isBlank(f.YCbCr) {
			t.Fatalf("the first picture is blank, %v", err)
		}
		p.pictures <- blankFrame() // somebody covers the lens
		drain(t, c)
		c.Close()
	})
}

func TestACoveredLensIsShownAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := dumbPuppet()
		var lens sync.WaitGroup
		defer lens.Wait()
		lens.Go(func() {
			for {
				select {
				case p.pictures <- blankFrame():
					time.Sleep(40 * time.Millisecond)
				case <-p.closed:
					return
				}
			}
		})
		before := time.Now()
		c := attach(t, tableOf(p))
		if took := time.Since(before); took < settling || took > tolerance {
			t.Errorf("it was shown after %v", took)
		}
		drain(t, c)
		c.Close()
	})
}
