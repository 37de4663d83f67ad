package call

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices"
)

// steady is how long a device must have run for it to be opened again at once when it ends by itself though the system still lists it: a
// driver that stumbled. One that ends sooner would flicker.
const steady = 10 * time.Second

// runner opens and closes the devices of one kind, of which one runs at a time. Only its side's goroutine calls it.
type runner interface {
	// open opens a device, lets it take over from the one that runs, and closes that; on failure that one goes on. It gives up, with ctx's
	// error, when that ends.
	open(ctx context.Context, label string) error
	// running returns the label of the device that runs. It is empty while none does, and then err says why the last one ended by itself.
	running() (label string, err error)
	// close closes what runs.
	close()
}

// side is what is wished for of one kind of device, and what became of it. A goroutine of its own brings the two together, since opening
// a device may take seconds. It looks again when a wish comes, when the device that runs ends by itself, and when the list of devices
// changes:
//
//   - The device wished for is opened. If that fails it is tried again when the user asks, and when what the list says of it changes: it
//     was plugged in, or a permission was granted. Never otherwise: a lamp must not flicker.
//   - One that ends by itself while the list has it, a driver that stumbled or a plug that was out for a moment, is opened again: at once
//     if it ran for long, else after a while.
//   - What is not there, or was unplugged, is replaced by the next device that can be opened, the system's default first, until it is back.
//     A test source is never taken for a device, nor a device for none.
//   - What is there and cannot be opened is not replaced: its user is told, and can do something about it.
type side struct {
	m      *Media
	kind   devices.Kind
	runner runner
	wake   chan struct{} // has room for one token
	listed atomic.Bool   // the lists changed since the goroutine last looked

	mu      sync.Mutex
	choice  Choice
	attempt int // counts what the user asked for
	ctx     context.Context
	abort   context.CancelFunc // ends the attempt that is under way

	// Only the goroutine touches these.
	seen   int               // the attempt that the rest is about
	tried  map[string]string // what the list said of a label when that was last tried in vain
	err    error             // why the device wished for does not run
	asked  string            // the label by which the device that runs was opened
	runs   bool              // as far as is known here
	opened time.Time         // when it was opened
	fell   string            // the label of what ended soon after it was opened
	again  <-chan time.Time  // when to open that again
}

func newSide(m *Media, kind devices.Kind, r runner) *side {
	s := &side{
		m: m, kind: kind, runner: r, wake: make(chan struct{}, 1), choice: Choice{Label: devices.None, On: true},
		tried: map[string]string{},
	}
	s.ctx, s.abort = context.WithCancel(m.ctx)
	return s
}

func (s *side) get() Choice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.choice
}

// set changes what is wished for where that takes no opening.
func (s *side) set(change func(*Choice)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.choice)
}

// want changes what is wished for, gives up what is being tried, and wakes the goroutine.
func (s *side) want(change func(*Choice)) {
	s.mu.Lock()
	change(&s.choice)
	s.choice.Opening, s.choice.Err = s.wanted(s.choice), nil
	s.attempt++
	s.abort()
	s.ctx, s.abort = context.WithCancel(s.m.ctx)
	s.mu.Unlock()
	s.poke()
}

// wanted says whether a device is to run. A microphone that is muted is.
func (s *side) wanted(c Choice) bool {
	return c.Label != devices.None && (c.On || s.kind != devices.KindCamera)
}

func (s *side) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// look has the goroutine read the list again.
func (s *side) look() {
	s.listed.Store(true)
	s.poke()
}

// follow is the side's goroutine. It ends with the media, and closes the device.
func (s *side) follow() {
	for {
		select {
		case <-s.wake:
			s.see()
		case <-s.again:
			delete(s.tried, s.fell)
			s.listed.Store(true)
			s.see()
		case <-s.m.ctx.Done():
			s.abort()
			s.runner.close()
			return
		}
	}
}

// see brings together what is wished for and what there is.
func (s *side) see() {
	s.mu.Lock()
	wish, attempt, ctx := s.choice, s.attempt, s.ctx
	s.mu.Unlock()
	asked := attempt != s.seen
	if asked {
		s.seen, s.err = attempt, nil
		clear(s.tried)
	}
	label, lost := s.runner.running()
	ended := s.runs && label == ""
	if listed := s.listed.Swap(false); !asked && !listed && !ended {
		return
	}
	if !s.wanted(wish) {
		s.runner.close()
		s.runs = false
		s.settle(attempt)
		return
	}
	list := s.m.cfg.List(s.kind)
	target := s.target(wish, list, label, asked)
	if ended {
		s.lose(attempt, target, list, lost)
	}
	if !s.tryTarget(ctx, target, label, list) || !s.tryOthers(ctx, target, list) {
		return // another wish came, and will be seen to
	}
	if !s.runs {
		s.runner.close()
	}
	s.forget(list)
	s.settle(attempt)
}

// target returns the label to open for a wish. Where the system has no preferred device it stays devices.Default.
func (s *side) target(wish Choice, list []devices.Device, running string, asked bool) string {
	if wish.Label != devices.Default {
		return wish.Label
	}
	if s.kind == devices.KindCamera && running != "" && s.err == nil && !asked {
		return running // systems prefer speakers and microphones, but no camera: a new one must not take over
	}
	usable := slices.DeleteFunc(slices.Clone(list), func(d devices.Device) bool { return d.Test || d.Err != nil })
	slices.SortStableFunc(usable, defaultFirst)
	if len(usable) == 0 {
		return devices.Default // to be told why
	}
	return usable[0].Label
}

func defaultFirst(a, b devices.Device) int {
	switch {
	case a.Default == b.Default:
		return 0
	case a.Default:
		return -1
	}
	return 1
}

// lose notes that the device which ran ended by itself.
func (s *side) lose(attempt int, target string, list []devices.Device, cause error) {
	if cause == nil {
		cause = devices.ErrGone
	}
	s.m.cfg.Logger.Info("a device ended", "kind", s.kind, "label", s.asked, "err", cause)
	s.runs = false
	if s.asked == target || s.err == nil {
		s.err = cause
	}
	if said := describe(list, s.asked); said == absent {
		s.tried[s.asked] = said
	} else if time.Since(s.opened) < steady {
		s.tried[s.asked] = said
		s.fell, s.again = s.asked, time.After(steady)
	}
	s.mu.Lock()
	s.choice.Open, s.choice.Using = false, ""
	if s.attempt == attempt {
		s.choice.Opening, s.choice.Err = true, s.err
	}
	s.mu.Unlock()
	s.m.changed()
}

// tryTarget opens the device wished for, unless it runs or there is no reason to try. It returns false when another wish came. What was
// running is not asked for anew: a device that ended since then is seen to next, and told as lost.
func (s *side) tryTarget(ctx context.Context, target, running string, list []devices.Device) bool {
	if s.runs && running != "" && (s.asked == target || running == target) {
		s.err = nil
		return true
	}
	if !s.mayTry(target, list) {
		return true
	}
	lost := s.err != nil && errors.Is(s.err, devices.ErrGone)
	err, ok := s.try(ctx, target, list)
	switch {
	case err == nil:
		s.err = nil
	case !lost || !missing(err): // that it was unplugged says more than that it is not there
		s.err = err
	}
	return ok
}

// tryOthers opens the next device when none runs and the one wished for is not there. It returns false when another wish came.
func (s *side) tryOthers(ctx context.Context, target string, list []devices.Device) bool {
	if s.runs || !missing(s.err) {
		return true
	}
	others := slices.DeleteFunc(slices.Clone(list), func(d devices.Device) bool {
		return d.Test || d.Err != nil || d.Label == target || !s.mayTry(d.Label, list)
	})
	slices.SortStableFunc(others, defaultFirst)
	for _, d := range others {
		if err, ok := s.try(ctx, d.Label, list); err == nil || !ok {
			return ok
		}
	}
	return true
}

// try opens a device. ok is false when it was given up for another wish, which says nothing of the device.
func (s *side) try(ctx context.Context, label string, list []devices.Device) (err error, ok bool) {
	err = s.runner.open(ctx, label)
	if err == nil {
		s.asked, s.runs, s.opened = label, true, time.Now()
		delete(s.tried, label)
		return nil, true
	}
	if ctx.Err() != nil {
		return err, false
	}
	s.m.cfg.Logger.Info("a device could not be opened", "kind", s.kind, "label", label, "err", err)
	s.tried[label] = describe(list, label)
	return err, true
}

// missing says whether the device is not there, as opposed to one that is there and cannot be used.
func missing(err error) bool {
	return errors.Is(err, devices.ErrNotFound) || errors.Is(err, devices.ErrGone)
}

// absent is what a list says of a device that it does not have.
const absent = "absent"

// describe returns what a list says of a device: of all of them, for devices.Default.
func describe(list []devices.Device, label string) string {
	said := absent
	for _, d := range list {
		if d.Label == label {
			return fmt.Sprintf("there, %v", d.Err)
		}
		if !d.Test {
			said = fmt.Sprintf("%s; %s, %v", said, d.Label, d.Err)
		}
	}
	if label == devices.Default {
		return said
	}
	return absent
}

// mayTry says whether to try a label: when it was not yet, or the list says something else of it now.
func (s *side) mayTry(label string, list []devices.Device) bool {
	before, tried := s.tried[label]
	now := describe(list, label)
	return !tried || before != now && !(now == absent && missing(s.err))
}

// forget notes which of the devices that were tried have gone: when they come back they are tried again.
func (s *side) forget(list []devices.Device) {
	for label := range s.tried {
		if label != devices.Default && describe(list, label) == absent {
			s.tried[label] = absent
		}
	}
}

// settle tells what became of a wish. What runs is told in any case, and how it went only if no other wish came meanwhile.
func (s *side) settle(attempt int) {
	label, _ := s.runner.running()
	s.mu.Lock()
	before := s.choice.Using
	s.choice.Open, s.choice.Using = label != "", label
	if s.attempt == attempt {
		s.choice.Opening, s.choice.Err = false, s.err
	}
	s.mu.Unlock()
	if before != label {
		s.m.test.deviceChanged(s.kind)
	}
	s.m.changed()
}
