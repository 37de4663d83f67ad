package ui_test

import (
	"errors"
	"image"
	"maps"
	"slices"
	"sync"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
	"parley/ui"
)

type fakeMedia struct {
	mu          sync.Mutex
	lists       map[devices.Kind][]devices.Device
	choices     map[devices.Kind]call.Choice
	used        []string
	fails       error // whatever is chosen
	level, sent float64
	watch       func()
	onWatch     func() // what happens just before somebody watches
	self        frame.Slot

	loudness     call.Loudness
	talkingMuted bool
	test         call.SoundTest
	tests        []string // what was asked for
	processing   call.Processing
	signals      []call.Signal // that were played
	sharing      call.Sharing
	shared       []call.Share // what was asked for
	thumbnail    func(kind devices.Kind, label string) (image.Image, error)
}

func newFakeMedia() *fakeMedia {
	on := call.Choice{On: true, Open: true}
	return &fakeMedia{
		choices: map[devices.Kind]call.Choice{
			devices.KindCamera: on, devices.KindMicrophone: on, devices.KindSpeaker: on,
		},
		lists: map[devices.Kind][]devices.Device{
			devices.KindCamera: {
				{Kind: devices.KindCamera, Label: "Webcam"},
				{Kind: devices.KindCamera, Label: "Taken", Err: devices.ErrNotReadable},
				{Kind: devices.KindCamera, Label: devices.Pattern, Test: true},
			},
			devices.KindMicrophone: {{Kind: devices.KindMicrophone, Label: devices.Tone, Test: true}},
			devices.KindSpeaker:    {{Kind: devices.KindSpeaker, Label: "Headphones"}},
		},
		watch: func() {},
		thumbnail: func(devices.Kind, string) (image.Image, error) {
			return image.NewGray(image.Rect(0, 0, 32, 18)), nil
		},
	}
}

func (m *fakeMedia) Devices(kind devices.Kind) []devices.Device {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.lists[kind])
}

func (m *fakeMedia) Choice(kind devices.Kind) call.Choice {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.choices[kind]
}

func (m *fakeMedia) set(kind devices.Kind, c call.Choice) {
	m.mu.Lock()
	m.choices[kind] = c
	watch := m.watch
	m.mu.Unlock()
	watch()
}

func (m *fakeMedia) Use(kind devices.Kind, label string) {
	m.mu.Lock()
	m.used = append(m.used, string(kind)+"="+label)
	on, fails := m.choices[kind].On, m.fails
	m.mu.Unlock()
	m.set(kind, call.Choice{Label: label, On: on, Open: on && label != devices.None && fails == nil, Err: fails})
}

func (m *fakeMedia) Switch(kind devices.Kind, on bool) {
	c := m.Choice(kind)
	c.On, c.Open = on, on
	m.set(kind, c)
}

func (m *fakeMedia) SelfView() *frame.Slot { return &m.self }

func (m *fakeMedia) Level() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.level
}

func (m *fakeMedia) LevelSent() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sent
}

func (m *fakeMedia) setLevels(heard, sent float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.level, m.sent = heard, sent
}

func (m *fakeMedia) Loudness() call.Loudness {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.loudness
}

func (m *fakeMedia) TalkingMuted() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.talkingMuted && !m.choices[devices.KindMicrophone].On
}

func (m *fakeMedia) PlayChime() { m.askTest("chime", call.SoundTest{Phase: call.SoundTestChime}) }
func (m *fakeMedia) RecordAndPlay() {
	m.askTest("record", call.SoundTest{Phase: call.SoundTestRecording})
}
func (m *fakeMedia) Process(p call.Processing) { m.change(func() { m.processing = p }) }
func (m *fakeMedia) Signal(s call.Signal)      { m.change(func() { m.signals = append(m.signals, s) }) }
func (m *fakeMedia) StopSoundTest()            { m.askTest("stop", call.SoundTest{}) }

func (m *fakeMedia) askTest(what string, then call.SoundTest) {
	m.change(func() { m.tests, m.test = append(m.tests, what), then })
}

func (m *fakeMedia) SoundTest() call.SoundTest {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.test
}

func (m *fakeMedia) Share(s call.Share) {
	m.change(func() { m.shared, m.sharing = append(m.shared, s), call.Sharing{Share: s, Using: s.Label, Open: true} })
}

func (m *fakeMedia) StopSharing() { m.change(func() { m.sharing = call.Sharing{} }) }

func (m *fakeMedia) Sharing() call.Sharing {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sharing
}

func (m *fakeMedia) Thumbnail(kind devices.Kind, label string, _, _ int) (image.Image, error) {
	m.mu.Lock()
	take := m.thumbnail
	m.mu.Unlock()
	return take(kind, label)
}

// change does something to the fake, and tells it to whoever watches.
func (m *fakeMedia) change(do func()) {
	m.mu.Lock()
	do()
	watch := m.watch
	m.mu.Unlock()
	watch()
}

func (m *fakeMedia) Watch(f func()) {
	if m.onWatch != nil {
		m.onWatch()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watch = f
}

func (m *fakeMedia) uses() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.used)
}

type fakeDialer struct {
	server, address string
	err             error // of the next Dial
	asked           []ui.Request
	calls           []*fakeCall
}

func (d *fakeDialer) Dial(request ui.Request, onEvent func(call.Event)) (ui.Call, error) {
	d.asked = append(d.asked, request)
	if d.err != nil {
		return nil, d.err
	}
	c := &fakeCall{room: request.Room, event: onEvent, state: call.Joining, slots: map[string]*frame.Slot{}, screens: map[string]*frame.Slot{}, levels: map[string]float64{}}
	d.calls = append(d.calls, c)
	onEvent(call.StateChanged{State: call.Joining})
	return c, nil
}

func (d *fakeDialer) Server() string  { return d.server }
func (d *fakeDialer) Address() string { return d.address }

func (d *fakeDialer) SetServer(address string) error {
	if address == "nonsense" {
		return errors.New("that is no address of a server")
	}
	d.server = address
	return nil
}

type fakeCall struct {
	room      string
	event     func(call.Event)
	closed    bool
	inviteErr error

	mu      sync.Mutex
	state   call.State
	err     error
	people  []call.Person
	slots   map[string]*frame.Slot
	screens map[string]*frame.Slot
	levels  map[string]float64
	volumes map[string]float64
	shown   map[string][2]int // how large pictures are, by id, and screens, by id with a slash
	speaker string
	left    int
	limits  []call.Limits // as they were set
}

func (c *fakeCall) SetLimits(l call.Limits) { c.limits = append(c.limits, l) }

func (c *fakeCall) ActiveSpeaker() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speaker
}

func (c *fakeCall) speaks(id string) {
	c.mu.Lock()
	c.speaker = id
	c.mu.Unlock()
	c.event(call.ActiveSpeakerChanged{ID: id})
}

func (c *fakeCall) ShowPicture(id string, width, height int) { c.show(id, width, height) }
func (c *fakeCall) ShowScreen(id string, width, height int)  { c.show(id+"/", width, height) }

func (c *fakeCall) show(what string, width, height int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shown == nil {
		c.shown = map[string][2]int{}
	}
	c.shown[what] = [2]int{width, height}
}

func (c *fakeCall) Screen(id string) *frame.Slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.screens[id] == nil {
		c.screens[id] = new(frame.Slot)
	}
	return c.screens[id]
}

func (c *fakeCall) State() (call.State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, c.err
}

func (c *fakeCall) People() []call.Person {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.people)
}

func (c *fakeCall) Picture(id string) *frame.Slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slots[id] == nil {
		c.slots[id] = &frame.Slot{}
	}
	return c.slots[id]
}

func (c *fakeCall) Level(id string) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.levels[id]
}

func (c *fakeCall) Volume(id string) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.volumes[id]; ok {
		return v
	}
	return 1
}

func (c *fakeCall) SetVolume(id string, volume float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.volumes == nil {
		c.volumes = map[string]float64{}
	}
	c.volumes[id] = volume
}

func (c *fakeCall) Room() string    { return c.room }
func (c *fakeCall) Address() string { return "parley://192.168.1.7:1337/" + c.room }
func (c *fakeCall) Open() bool      { return !c.closed }

func (c *fakeCall) Invite() error {
	c.closed = c.inviteErr != nil
	return c.inviteErr
}

func (c *fakeCall) Leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left++
}

func (c *fakeCall) become(state call.State, err error) {
	c.mu.Lock()
	c.state, c.err = state, err
	c.mu.Unlock()
	c.event(call.StateChanged{State: state, Err: err})
}

func (c *fakeCall) join(p call.Person) {
	c.mu.Lock()
	c.people = append(c.people, p)
	c.mu.Unlock()
	c.event(call.PersonJoined{Person: p})
}

func (c *fakeCall) update(p call.Person) {
	c.mu.Lock()
	for i := range c.people {
		if c.people[i].ID == p.ID {
			c.people[i] = p
		}
	}
	c.mu.Unlock()
	c.event(call.PersonUpdated{Person: p})
}

func (c *fakeCall) leave(id string, reason call.Reason) {
	c.mu.Lock()
	i := slices.IndexFunc(c.people, func(p call.Person) bool { return p.ID == id })
	p := c.people[i]
	c.people = slices.Delete(c.people, i, i+1)
	c.mu.Unlock()
	c.event(call.PersonLeft{Person: p, Reason: reason})
}

func (c *fakeCall) setLevel(id string, level float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.levels = maps.Clone(c.levels)
	c.levels[id] = level
}

type fakeSettings struct {
	room, name string
	recent     []ui.Recent
	theme      ui.Theme
	sound      ui.Sound
	limits     call.Limits
}

func (s *fakeSettings) Last() (room, name string) { return s.room, s.name }
func (s *fakeSettings) Dialled(room, name string) { s.room, s.name = room, name }
func (s *fakeSettings) Recent() []ui.Recent       { return s.recent }
func (s *fakeSettings) Ended(r ui.Recent)         { s.recent = append([]ui.Recent{r}, s.recent...) }
func (s *fakeSettings) Theme() ui.Theme           { return s.theme }
func (s *fakeSettings) SetTheme(theme ui.Theme)   { s.theme = theme }
func (s *fakeSettings) Sound() ui.Sound           { return s.sound }
func (s *fakeSettings) SetSound(sound ui.Sound)   { s.sound = sound }
func (s *fakeSettings) Limits() call.Limits       { return s.limits }
func (s *fakeSettings) SetLimits(l call.Limits)   { s.limits = l }
