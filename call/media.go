package call

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"parley/call/audio"
	"parley/call/video"
	"parley/devices"
	"parley/devices/frame"
)

// streamID tells a browser that a picture and a sound belong together, to be played in step.
const streamID = "parley"

// Camera is an open camera; *devices.Camera is one. See there.
type Camera interface {
	Next(ctx context.Context) (*frame.Frame, error)
	Label() string
	Close() error
}

// MediaConfig says where the local side's pictures and sound come from. The functions that are nil open real devices.
type MediaConfig struct {
	Format         devices.Format // what a camera is asked for
	OpenCamera     func(label string, want devices.Format) (Camera, error)
	OpenMicrophone func(label string, block func([]int16, time.Time)) (audio.Device, error)
	OpenSpeaker    func(label string, fill func([]int16)) (audio.Device, error)
	Logger         *slog.Logger
}

// Media is the local side: the camera, the microphone and the speaker in use, and the one encoder each for picture and sound that all
// calls share. It lives from the lobby on, so that joining opens nothing anew. Any goroutine may call its methods; those that
// choose a device return at once, and the outcome is seen in [Media.Choice] after a call of the function given to [Media.Watch].
type Media struct {
	cfg    MediaConfig
	engine *audio.Engine
	sender *video.Sender
	self   frame.Slot
	sides  map[devices.Kind]*side

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	watchers map[int]func()
	next     int
}

// side is what is wanted of one kind of device, and what became of it. A goroutine each brings the two together, since opening a
// device may take seconds.
type side struct {
	mu     sync.Mutex
	choice Choice
	wake   chan struct{} // has room for one token
}

// NewMedia makes the local side, with every device on and none chosen. The caller closes it after the calls that use it.
func NewMedia(cfg MediaConfig) *Media {
	cfg = cfg.withDefaults()
	sender := video.NewSender(video.SenderConfig{StreamID: streamID, Logger: cfg.Logger})
	ctx, cancel := context.WithCancel(context.Background())
	m := &Media{cfg: cfg, sender: sender, ctx: ctx, cancel: cancel, sides: map[devices.Kind]*side{}, watchers: map[int]func(){}}
	m.engine = audio.NewEngine(audio.Config{
		OpenMicrophone: cfg.OpenMicrophone, OpenSpeaker: cfg.OpenSpeaker, OnChange: m.onSoundChange, StreamID: streamID, Logger: cfg.Logger,
	})
	for kind, apply := range map[devices.Kind]func(Choice){
		devices.KindCamera:     m.newCameraSide().apply,
		devices.KindMicrophone: m.applyMicrophone,
		devices.KindSpeaker:    m.applySpeaker,
	} {
		s := &side{choice: Choice{Label: devices.None, On: true}, wake: make(chan struct{}, 1)}
		m.sides[kind] = s
		m.work.Go(func() { m.follow(s, apply) })
	}
	return m
}

func (cfg MediaConfig) withDefaults() MediaConfig {
	if cfg.OpenCamera == nil {
		cfg.OpenCamera = func(label string, want devices.Format) (Camera, error) {
			c, err := devices.OpenCamera(label, want)
			if err != nil {
				return nil, err // not c, which would be a Camera that is not nil
			}
			return c, nil
		}
	}
	if cfg.OpenMicrophone == nil {
		cfg.OpenMicrophone = func(label string, block func([]int16, time.Time)) (audio.Device, error) {
			return opened(devices.OpenMicrophone(label, block))
		}
	}
	if cfg.OpenSpeaker == nil {
		cfg.OpenSpeaker = func(label string, fill func([]int16)) (audio.Device, error) {
			return opened(devices.OpenSpeaker(label, fill))
		}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return cfg
}

// opened returns no device where there is an error, and not one that points nowhere.
func opened[D audio.Device](d D, err error) (audio.Device, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Use chooses a device by its label: one of a list, devices.Default, devices.None or a test source. The same label once
// more tries again.
func (m *Media) Use(kind devices.Kind, label string) {
	m.sides[kind].want(func(c *Choice) { c.Label = label })
	m.changed()
}

// Switch turns the picture or the sound of this side on or off. A camera that is off is closed; a microphone that is off stays open,
// so that the user can be told that they talk into nothing, and sends nothing.
func (m *Media) Switch(kind devices.Kind, on bool) {
	m.sides[kind].want(func(c *Choice) { c.On = on })
	m.changed()
}

// Choice returns what is in use of one kind of device.
func (m *Media) Choice(kind devices.Kind) Choice {
	s := m.sides[kind]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.choice
}

// Devices lists what there is of one kind. It asks the system, which may take a while.
func (m *Media) Devices(kind devices.Kind) []devices.Device { return devices.List(kind) }

// SelfView returns the slot with the camera's newest pictures. It is nil's equal, an empty slot, while there is no picture. One
// consumer at a time.
func (m *Media) SelfView() *frame.Slot { return &m.self }

// Level returns how loud the microphone is, 0 to 1, whether it is muted or not.
func (m *Media) Level() float64 { return m.engine.Level() }

// Watch has f called after each change of what the methods above return, lists, pictures and levels apart, from any goroutine; f must
// return at once. The function returned ends it.
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

// Close closes every device and ends every goroutine.
func (m *Media) Close() error {
	m.cancel()
	m.work.Wait()
	err := errors.Join(m.sender.Close(), m.engine.Close())
	m.self.Close()
	return err
}

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

// want changes what is wanted, and wakes the goroutine that sees to it.
func (s *side) want(change func(*Choice)) {
	s.mu.Lock()
	change(&s.choice)
	s.choice.Opening, s.choice.Err = s.choice.On && s.choice.Label != devices.None, nil
	s.mu.Unlock()
	s.poke()
}

func (s *side) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// settle notes what became of a wish, unless another came meanwhile.
func (s *side) settle(wish Choice, open bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.choice.Label == wish.Label && s.choice.On == wish.On {
		s.choice.Opening, s.choice.Open, s.choice.Err = false, open, err
	}
}

// follow applies one wish after the other until the media close, and then the wish for nothing.
func (m *Media) follow(s *side, apply func(Choice)) {
	for {
		select {
		case <-s.wake:
			s.mu.Lock()
			wish := s.choice
			s.mu.Unlock()
			apply(wish)
			m.changed()
		case <-m.ctx.Done():
			apply(Choice{Label: devices.None})
			return
		}
	}
}

func (m *Media) applyMicrophone(wish Choice) {
	m.engine.SetMuted(!wish.On)
	err := m.engine.SetMicrophone(wish.Label)
	m.sides[devices.KindMicrophone].settle(wish, err == nil && wish.Label != devices.None, err)
}

func (m *Media) applySpeaker(wish Choice) {
	err := m.engine.SetSpeaker(wish.Label)
	m.sides[devices.KindSpeaker].settle(wish, err == nil && wish.Label != devices.None, err)
}

// onSoundChange is told by the engine that a device ended by itself.
func (m *Media) onSoundChange() {
	for kind, ask := range map[devices.Kind]func() (label, using string, err error){
		devices.KindMicrophone: m.engine.Microphone, devices.KindSpeaker: m.engine.Speaker,
	} {
		if _, _, err := ask(); err != nil {
			s := m.sides[kind]
			s.mu.Lock()
			if !s.choice.Opening {
				s.choice.Open, s.choice.Err = false, err
			}
			s.mu.Unlock()
		}
	}
	m.changed()
}
