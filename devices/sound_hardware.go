package devices

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"
)

const (
	// A device that gave no block between so many looks counts as gone: when it is unplugged or its sound server dies, some systems say
	// nothing. That is told within 3 s. Looks are counted, not time, which also passes for a program that is stopped.
	silentLooks = 4
	silenceLook = 500 * time.Millisecond

	// maxStuck is how many threads may hang in drivers before no more are risked.
	maxStuck = 8
)

// stuck counts the threads that hang in drivers.
var stuck atomic.Int32

// stream is a device that runs.
type stream struct {
	context *malgo.AllocatedContext // of its own
	device  *malgo.Device
	blocks  atomic.Int64 // that came so far

	gate   sync.Mutex // held while move runs
	closed bool
	move   transfer
}

// openHardware starts the device of that label and sets s.label and s.stop. It gives up a driver that hangs.
func (s *sound) openHardware(kind Kind, label string, channels int, move atRate) error {
	found, err := theSound.list(kind)
	if err != nil {
		return err
	}
	h, ok := choose(found, label)
	switch {
	case !ok:
		return ErrNotFound
	case h.Err != nil:
		return h.Err
	case stuck.Load() >= maxStuck:
		return fmt.Errorf("%w: too many devices hang", ErrNotReadable)
	}
	st := &stream{}
	follow := label == Default && h.alsa == nil // the system's default may become another one, and the sound goes along
	stuck.Add(1)
	inTime := within(func() {
		err = st.open(kind, h, follow, channels, move, func() { s.end(gone("the sound system stopped it")) })
		stuck.Add(-1)
	}, st.stop)
	if !inTime {
		st.shut()
		return fmt.Errorf("%w: it did not start within %v", ErrNotReadable, soundPatience)
	}
	if err != nil {
		return h.alsa.heldBy(err)
	}
	s.label, s.hardware = h.Label, true
	quit, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		st.watch(quit, func() { s.end(gone("no sound for " + (silentLooks * silenceLook).String())) })
	}()
	s.stop = func() {
		close(quit)
		<-watched
		st.stop()
	}
	return nil
}

func gone(why string) error { return fmt.Errorf("%w: %s", ErrGone, why) }

// open makes and starts the device, which moves samples by move. stopped is called on the device's thread if it ends by itself. With follow,
// the device is whichever the system prefers, now and later.
func (st *stream) open(kind Kind, h hardware, follow bool, channels int, move atRate, stopped func()) error {
	context, err := newContext(h.backends...)
	if err != nil {
		return classify(err)
	}
	config := malgo.DefaultDeviceConfig(malgo.Capture)
	side := &config.Capture
	if kind == KindSpeaker {
		config = malgo.DefaultDeviceConfig(malgo.Playback)
		side = &config.Playback
	}
	config.SampleRate = 0 // the device's own
	if h.converts {
		config.SampleRate = SampleRate
	}
	config.PeriodSizeInMilliseconds = uint32(BlockDuration / time.Millisecond)
	config.PerformanceProfile = malgo.LowLatency
	config.NoFixedSizedCallback = 1 // transfer cuts blocks itself, without the delay of another buffer
	side.Format, side.Channels = malgo.FormatS16, uint32(channels)
	var pin runtime.Pinner
	defer pin.Unpin()
	if !follow {
		id := h.id
		pin.Pin(&id)
		side.DeviceID = unsafe.Pointer(&id)
	}
	device, err := malgo.InitDevice(context.Context, config, malgo.DeviceCallbacks{
		Data: st.data,
		Stop: func() {
			if !st.isClosed() {
				stopped()
			}
		},
	})
	if err != nil {
		freeContext(context)
		return classify(err)
	}
	st.move = move(device.SampleRate())
	if err := device.Start(); err != nil {
		device.Uninit()
		freeContext(context)
		return classify(err)
	}
	st.context, st.device = context, device
	return nil
}

// data runs on the device's thread.
func (st *stream) data(out, in []byte, _ uint32) {
	st.gate.Lock()
	defer st.gate.Unlock()
	if st.closed {
		return
	}
	st.blocks.Add(1)
	st.move(samplesOf(out), samplesOf(in))
}

func (st *stream) isClosed() bool {
	st.gate.Lock()
	defer st.gate.Unlock()
	return st.closed
}

// samplesOf sees the bytes of miniaudio, which aligns them and uses the machine's byte order, as samples.
func samplesOf(b []byte) []int16 {
	if len(b) < 2 {
		return nil
	}
	return unsafe.Slice((*int16)(unsafe.Pointer(&b[0])), len(b)/2)
}

// watch calls lost when no block came for too long, and returns when quit is closed.
func (st *stream) watch(quit <-chan struct{}, lost func()) {
	came, silent := st.blocks.Load(), 0
	tick := time.NewTicker(silenceLook)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
			silent++
			if now := st.blocks.Load(); now != came {
				came, silent = now, 0
			}
			if silent == silentLooks {
				lost()
			}
		}
	}
}

// shut lets no more blocks through.
func (st *stream) shut() {
	st.gate.Lock()
	defer st.gate.Unlock()
	st.closed = true
}

// stop shuts the gate and gives the device back, if it was opened. A sound system that hangs keeps it for longer, but not the caller.
func (st *stream) stop() {
	st.shut()
	if st.device == nil {
		return
	}
	stuck.Add(1)
	freed := make(chan struct{})
	go func() {
		defer close(freed)
		defer stuck.Add(-1)
		// Uninit alone would wait for a next block, and for ever where the server has died.
		_ = st.device.Stop()
		st.device.Uninit()
		freeContext(st.context)
	}()
	endsInTime(freed)
}
