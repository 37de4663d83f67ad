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

// silence is the time without a block after which a device counts as gone: when it is unplugged or its sound server
// dies, some systems say nothing.
const silence = 3 * time.Second

// stream is a device that runs.
type stream struct {
	context *soundContext
	device  *malgo.Device
	began   time.Time
	last    atomic.Int64 // when the last block came, in nanoseconds since began

	gate   sync.Mutex // held while move runs
	closed bool
	move   transfer
}

// openHardware starts the device of that label and sets s.label and s.stop.
func (s *sound) openHardware(kind Kind, label string, move transfer) error {
	theSound.mu.Lock()
	defer theSound.mu.Unlock()
	h, ok := choose(theSound.listLocked(kind), label)
	if !ok {
		return ErrNotFound
	}
	st := &stream{context: theSound.current, move: move, began: time.Now()}
	if err := st.open(kind, h, func() { s.end(gone("the sound system stopped it")) }); err != nil {
		return err
	}
	st.context.users++
	s.label = h.Label
	quit, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		st.watch(quit, func() { s.end(gone("no sound for " + silence.String())) })
	}()
	s.stop = func() {
		close(quit)
		<-watched
		st.stop()
	}
	return nil
}

func gone(why string) error { return fmt.Errorf("%w: %s", ErrGone, why) }

// open makes and starts the device. stopped is called on the device's thread if it ends by itself. The caller holds
// theSound.mu.
func (st *stream) open(kind Kind, h hardware, stopped func()) error {
	config := malgo.DefaultDeviceConfig(malgo.Capture)
	side := &config.Capture
	if kind == KindSpeaker {
		config = malgo.DefaultDeviceConfig(malgo.Playback)
		side = &config.Playback
	}
	config.SampleRate = SampleRate
	config.PeriodSizeInMilliseconds = uint32(BlockDuration / time.Millisecond)
	config.PerformanceProfile = malgo.LowLatency
	config.NoFixedSizedCallback = 1 // transfer cuts blocks itself, without the delay of another buffer
	side.Format, side.Channels = malgo.FormatS16, 1
	var pin runtime.Pinner
	defer pin.Unpin()
	if !h.Default { // the default without an ID follows the system when its choice changes
		id := h.id
		pin.Pin(&id)
		side.DeviceID = unsafe.Pointer(&id)
	}
	device, err := malgo.InitDevice(st.context.Context, config, malgo.DeviceCallbacks{
		Data: st.data,
		Stop: func() {
			if !st.isClosed() {
				stopped()
			}
		},
	})
	if err != nil {
		return classify(err)
	}
	if err := device.Start(); err != nil {
		device.Uninit()
		return classify(err)
	}
	st.device = device
	return nil
}

// data runs on the device's thread.
func (st *stream) data(out, in []byte, _ uint32) {
	st.gate.Lock()
	defer st.gate.Unlock()
	if st.closed {
		return
	}
	st.last.Store(int64(time.Since(st.began)))
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

// watch calls lost once no block came for too long, and returns when quit is closed.
func (st *stream) watch(quit <-chan struct{}, lost func()) {
	tick := time.NewTicker(silence / 6)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
			if time.Since(st.began)-time.Duration(st.last.Load()) > silence {
				lost()
			}
		}
	}
}

// stop shuts the gate and gives the device back. A sound system that hangs keeps it for longer, but not the caller.
func (st *stream) stop() {
	st.gate.Lock()
	st.closed = true
	st.gate.Unlock()
	freed := make(chan struct{})
	go func() {
		defer close(freed)
		// Uninit alone would wait for a next block, and for ever where the server has died.
		_ = st.device.Stop()
		st.device.Uninit()
		theSound.release(st.context)
	}()
	endsInTime(freed)
}
