package call

import (
	"context"
	"errors"
	"image"
	"sync"

	"parley/call/apm"
	"parley/call/audio"
	"parley/call/video"
	"parley/devices"
	"parley/devices/frame"
)

// The streams that the tracks belong to. A browser plays what is of one stream in step: a picture with its sound, but not a screen.
const (
	streamID       = "parley"
	screenStreamID = "screen"
)

// Media is the local side: the camera, the microphone and the speaker in use, the screen that is shared, and the one encoder each that
// all calls share. It lives from the lobby on, so that joining opens nothing anew. Any goroutine may call its methods; those that
// ask for something return at once, and the outcome is seen in [Media.Choice], [Media.Sharing] or [Media.SoundTest] after a call of the
// function given to [Media.Watch].
//
// A goroutine for each kind of device brings together what is wished for and what there is (side.go): it falls back to another device
// when one is unplugged, and takes the one that was wished for again when it is back.
type Media struct {
	cfg    MediaConfig
	engine *audio.Engine
	sender *video.Sender // of the camera
	self   frame.Slot
	sides  map[devices.Kind]*side
	screen *screenSide
	test   soundTest

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	muting sync.Mutex // held while the engine is told whether the microphone is muted

	mu       sync.Mutex
	watchers map[int]func()
	next     int
}

// NewMedia makes the local side, with every device on and none chosen. The caller closes it after the calls that use it.
func NewMedia(cfg MediaConfig) *Media {
	cfg = cfg.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	m := &Media{
		cfg: cfg, sender: video.NewSender(video.SenderConfig{StreamID: streamID, Logger: cfg.Logger}),
		ctx: ctx, cancel: cancel, sides: map[devices.Kind]*side{}, watchers: map[int]func(){},
	}
	m.engine = audio.NewEngine(audio.Config{
		OpenMicrophone: cfg.OpenMicrophone, OpenSpeaker: cfg.OpenSpeaker, OnChange: m.onSoundChange, StreamID: streamID, Logger: cfg.Logger,
	})
	m.screen = newScreenSide(m)
	m.sides[devices.KindCamera] = newSide(m, devices.KindCamera, &cameraRunner{m: m})
	m.sides[devices.KindMicrophone] = newSide(m, devices.KindMicrophone, soundRunner{m.engine.SetMicrophone, m.engine.Microphone})
	m.sides[devices.KindSpeaker] = newSide(m, devices.KindSpeaker, soundRunner{m.engine.SetSpeaker, m.engine.Speaker})
	for _, s := range m.sides {
		m.work.Go(s.follow)
	}
	m.work.Go(m.screen.follow)
	m.work.Go(func() { cfg.WatchDevices(ctx, m.onListsChanged) })
	return m
}

// Use chooses a device by its label: one of a list, devices.Default, devices.None or a test source. The same label once
// more tries again. Until the new device runs the one before goes on, and so it does when the new one cannot be opened; when the one
// wished for is not there, the next one is taken until it is: see [Choice].
func (m *Media) Use(kind devices.Kind, label string) {
	m.sides[kind].want(func(c *Choice) { c.Label = label })
	m.changed()
}

// Switch turns the picture or the sound of this side on or off. A camera that is off is closed; a microphone that is off stays open,
// so that the user can be told that they talk into nothing, and sends nothing.
func (m *Media) Switch(kind devices.Kind, on bool) {
	if kind == devices.KindCamera {
		m.sides[kind].want(func(c *Choice) { c.On = on })
	} else {
		m.sides[kind].set(func(c *Choice) { c.On = on })
		m.mute()
	}
	m.changed()
}

// Choice returns what is in use of one kind of device.
func (m *Media) Choice(kind devices.Kind) Choice { return m.sides[kind].get() }

// Devices lists what there is of one kind. It asks the system, which may take a while.
func (m *Media) Devices(kind devices.Kind) []devices.Device { return m.cfg.List(kind) }

// SelfView returns the slot with the camera's newest pictures. It is nil's equal, an empty slot, while there is no picture. One
// consumer at a time.
func (m *Media) SelfView() *frame.Slot { return &m.self }

// Level returns how loud the microphone is, 0 to 1, whether it is muted or not.
func (m *Media) Level() float64 { return m.engine.Level() }

// LevelSent is like [Media.Level], of what comes out of the processing: what others hear, unless it is muted.
func (m *Media) LevelSent() float64 { return m.engine.LevelSent() }

// Loudness says how well the microphone, muted or not, can be heard.
func (m *Media) Loudness() Loudness { return Loudness(m.engine.Loudness()) }

// TalkingMuted says whether somebody talks into the microphone now while it is muted.
func (m *Media) TalkingMuted() bool {
	c := m.Choice(devices.KindMicrophone)
	return c.Open && !c.On && m.engine.Talking()
}

// Process says what is done to the sound of a microphone that is hardware, from now on; at the start it is echo, noise and gain.
//
// Music is sent in stereo, of any microphone, and costs the path three times a voice.
func (m *Media) Process(p Processing) {
	m.engine.SetMusic(p.Music)
	m.engine.SetProcessing(apm.Options{Echo: p.Echo, Noise: p.Noise, Gain: p.Gain})
}

// Signal plays a short sound to the user, and to nobody else. Without a speaker it does nothing.
func (m *Media) Signal(s Signal) {
	switch s {
	case SignalArrival:
		m.engine.Play(audio.Arrival())
	case SignalDeparture:
		m.engine.Play(audio.Departure())
	}
}

// Share shows a screen or a window to the others, in place of what is shared, which goes on until the new one can be seen. It goes on
// until [Media.StopSharing], through the loss of a connection too, or until the window is closed.
func (m *Media) Share(s Share) { m.screen.want(s, true) }

// StopSharing ends sharing. It may be called at any time.
func (m *Media) StopSharing() { m.screen.want(Share{}, false) }

// Sharing returns how sharing goes.
func (m *Media) Sharing() Sharing { return m.screen.get() }

// Thumbnail returns a picture of a screen or a window that fits into width by height pixels. It may take a while.
func (m *Media) Thumbnail(kind devices.Kind, label string, width, height int) (image.Image, error) {
	return m.cfg.Thumbnail(kind, label, width, height)
}

// Watch has f called after each change of what the methods above return, of the lists of devices too, pictures and levels
// apart, from any goroutine; f must return at once. The function returned ends it.
func (m *Media) Watch(f func()) (stop func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := m.next
	m.next++
	m.watchers[id] = f
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.watchers, id)
	}
}

// Close closes every device and ends every goroutine, but not a question of the system which screen to share: what comes of that is
// closed when it is answered.
func (m *Media) Close() error {
	m.cancel()
	m.test.close()
	m.work.Wait()
	err := errors.Join(m.sender.Close(), m.screen.sender.Close(), m.engine.Close())
	m.self.Close()
	return err
}

// changed tells those who watch.
func (m *Media) changed() {
	m.mu.Lock()
	watchers := make([]func(), 0, len(m.watchers))
	for _, f := range m.watchers {
		watchers = append(watchers, f)
	}
	m.mu.Unlock()
	for _, f := range watchers {
		f()
	}
}

// onListsChanged is told by package devices.
func (m *Media) onListsChanged() {
	for _, s := range m.sides {
		s.look()
	}
	m.changed()
}

// onSoundChange is told by the engine, which may be in the middle of opening a device.
func (m *Media) onSoundChange() {
	for _, kind := range []devices.Kind{devices.KindMicrophone, devices.KindSpeaker} {
		if s := m.sides[kind]; s != nil {
			s.poke()
		}
	}
}

// mute lets the microphone be heard by others when the user wants that, and not while they listen to themselves.
func (m *Media) mute() {
	m.muting.Lock()
	defer m.muting.Unlock()
	m.engine.SetMuted(!m.Choice(devices.KindMicrophone).On || m.test.private())
}

// sends says what of this side others get.
func (m *Media) sends(kind devices.Kind) bool {
	if kind == devices.KindScreen {
		return m.Sharing().Open
	}
	c := m.Choice(kind)
	return c.On && c.Open && !(kind == devices.KindMicrophone && m.test.private())
}
