package ui_test

import (
	"errors"
	"image"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"go.uber.org/goleak"

	"parley/call"
	"parley/devices"
	"parley/devices/frame"
	"parley/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a window on Fyne's test driver, with fakes behind it. Functions that are posted to the UI goroutine queue up
// until the test lets them run, so the test is the UI goroutine.
type desk struct {
	fyne.App
	t        testing.TB
	driver   *queue
	win      fyne.Window
	window   *ui.Window
	media    *fakeMedia
	dialer   *fakeDialer
	settings *fakeSettings

	shortcuts fyne.ShortcutHandler
	opened    []string // addresses that the system was asked to open
	openErr   error
}

func (d *desk) OpenURL(u *url.URL) error {
	d.opened = append(d.opened, u.String())
	return d.openErr
}

type queue struct {
	fyne.Driver
	functions chan func()
}

func (q *queue) DoFromGoroutine(f func(), _ bool) { q.functions <- f }

func (d *desk) Driver() fyne.Driver { return d.driver }

func (d *desk) NewWindow(title string) fyne.Window {
	d.win = d.App.NewWindow(title)
	return &window{Window: d.win, canvas: &shortcuts{Canvas: d.win.Canvas(), desk: d}}
}

// window and shortcuts keep the keyboard shortcuts of the window, which Fyne's test driver cannot press.
type window struct {
	fyne.Window
	canvas fyne.Canvas
}

func (w *window) Canvas() fyne.Canvas { return w.canvas }

type shortcuts struct {
	fyne.Canvas
	desk *desk
}

func (s *shortcuts) AddShortcut(shortcut fyne.Shortcut, do func(fyne.Shortcut)) {
	s.desk.shortcuts.AddShortcut(shortcut, do)
}

// newDesk makes fakes that setUp may change before the window opens. The window is closed at the end of the test.
func newDesk(t testing.TB, options ui.Options, setUp func(*desk)) *desk {
	inner := test.NewApp()
	d := &desk{
		App: inner, t: t,
		driver:   &queue{Driver: inner.Driver(), functions: make(chan func(), 4096)},
		media:    newFakeMedia(),
		dialer:   &fakeDialer{},
		settings: &fakeSettings{room: "standup", name: "Ann", theme: ui.ThemeDark},
	}
	fyne.SetCurrentApp(d)
	if setUp != nil {
		setUp(d)
	}
	d.window = ui.NewWindow(d, d.media, d.dialer, d.settings, options)
	t.Cleanup(d.close)
	return d
}

// close closes the window; doing it again does nothing.
func (d *desk) close() {
	d.window.Close()
	d.window.ShowAndRun() // waits for what the window started; the test driver runs nothing
	d.settle()
}

// settle runs what has been posted.
func (d *desk) settle() {
	for {
		select {
		case f := <-d.driver.functions:
			f()
		default:
			return
		}
	}
}

// until runs what is posted until something is the case.
func (d *desk) until(what string, is func() bool) {
	d.t.Helper()
	stuck := time.After(30 * time.Second)
	for d.settle(); !is(); d.settle() {
		select {
		case f := <-d.driver.functions:
			f()
		case <-stuck:
			d.t.Fatalf("waited in vain for: %s\nthe window says: %q", what, d.words())
		}
	}
}

// objects are all visible parts of the window and of what lies over it.
func (d *desk) objects() []fyne.CanvasObject {
	objects := visible(nil, d.win.Content())
	for _, over := range d.win.Canvas().Overlays().List() {
		objects = visible(objects, over)
	}
	return objects
}

// visible appends o and what it is made of, without what is hidden.
func visible(objects []fyne.CanvasObject, o fyne.CanvasObject) []fyne.CanvasObject {
	if !o.Visible() {
		return objects
	}
	objects = append(objects, o)
	var parts []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		parts = o.Objects
	case fyne.Widget:
		parts = test.WidgetRenderer(o).Objects()
	}
	for _, part := range parts {
		objects = visible(objects, part)
	}
	return objects
}

// words is all text in the window, line by line.
func (d *desk) words() string {
	var lines []string
	for _, o := range d.objects() {
		if t, ok := o.(*canvas.Text); ok && t.Text != "" {
			lines = append(lines, t.Text)
		}
	}
	return strings.Join(lines, "\n")
}

func (d *desk) says(words string) bool {
	flat := strings.Join(strings.Fields(d.words()), " ")
	return strings.Contains(flat, words)
}

func (d *desk) expect(words string) {
	d.t.Helper()
	d.until("the words "+words, func() bool { return d.says(words) })
}

func (d *desk) expectNot(words string) {
	d.t.Helper()
	if d.settle(); d.says(words) {
		d.t.Errorf("the window says %q, which it should not, in\n%s", words, d.words())
	}
}

// named finds what a screen reader would call so.
func (d *desk) named(name string) fyne.CanvasObject {
	d.t.Helper()
	for _, o := range d.objects() {
		a, ok := o.(fyne.Accessible)
		if !ok || a.AccessibilityLabel() != name {
			continue
		}
		if _, ok := o.(fyne.Tappable); ok {
			return o
		}
	}
	d.t.Fatalf("nothing to press is called %q; the window says\n%s", name, d.words())
	return nil
}

func (d *desk) press(name string) {
	d.t.Helper()
	d.settle()
	test.Tap(d.named(name).(fyne.Tappable))
	d.settle()
}

// key presses a key where the focus is.
func (d *desk) key(name fyne.KeyName) {
	event := &fyne.KeyEvent{Name: name}
	switch focused := d.win.Canvas().Focused().(type) {
	case nil:
		d.win.Canvas().OnTypedKey()(event)
	case interface{ KeyDown(*fyne.KeyEvent) }:
		focused.KeyDown(event)
		if still := d.win.Canvas().Focused(); still != nil {
			still.TypedKey(event)
		}
	default:
		focused.TypedKey(event)
	}
	d.settle()
}

// entries are the fields of the window, from the top.
func (d *desk) entries() []*widget.Entry {
	var entries []*widget.Entry
	for _, o := range d.objects() {
		if e, ok := o.(*widget.Entry); ok {
			entries = append(entries, e)
		}
	}
	return entries
}

// menu waits for a menu and returns its lines.
func (d *desk) menu() []string {
	d.t.Helper()
	d.until("a menu", func() bool { return len(d.win.Canvas().Overlays().List()) > 0 })
	var lines []string
	for _, o := range visible(nil, d.win.Canvas().Overlays().Top()) {
		if t, ok := o.(*canvas.Text); ok && t.Text != "" {
			lines = append(lines, t.Text)
		}
	}
	return lines
}

// choose presses a line of the menu that is open.
func (d *desk) choose(line string) {
	d.t.Helper()
	d.menu()
	for _, o := range visible(nil, d.win.Canvas().Overlays().Top()) {
		item, ok := o.(fyne.Tappable)
		if !ok {
			continue
		}
		if w, ok := o.(fyne.Widget); ok {
			for _, part := range test.WidgetRenderer(w).Objects() {
				if t, ok := part.(*canvas.Text); ok && t.Text == line {
					test.Tap(item)
					d.settle()
					return
				}
			}
		}
	}
	d.t.Fatalf("the menu has no line %q: %q", line, d.menu())
}

// pictures are the visible moving pictures.
func (d *desk) pictures() []*canvas.Image {
	var pictures []*canvas.Image
	for _, o := range d.objects() {
		if i, ok := o.(*canvas.Image); ok && i.Image != nil && i.Resource == nil {
			pictures = append(pictures, i)
		}
	}
	return pictures
}

type fakeMedia struct {
	mu      sync.Mutex
	lists   map[devices.Kind][]devices.Device
	choices map[devices.Kind]call.Choice
	used    []string
	fails   error // whatever is chosen
	level   float64
	watch   func()
	self    frame.Slot

	loudness     call.Loudness
	talkingMuted bool
	test         call.SoundTest
	tests        []string // what was asked for
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

func (m *fakeMedia) setLevel(level float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.level = level
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
func (m *fakeMedia) StopSoundTest() { m.askTest("stop", call.SoundTest{}) }

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
	left    int
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
}

func (s *fakeSettings) Last() (room, name string) { return s.room, s.name }
func (s *fakeSettings) Dialled(room, name string) { s.room, s.name = room, name }
func (s *fakeSettings) Recent() []ui.Recent       { return s.recent }
func (s *fakeSettings) Ended(r ui.Recent)         { s.recent = append([]ui.Recent{r}, s.recent...) }
func (s *fakeSettings) Theme() ui.Theme           { return s.theme }
func (s *fakeSettings) SetTheme(theme ui.Theme)   { s.theme = theme }
