package ui_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"go.uber.org/goleak"

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
	fonts     map[fyne.TextStyle]bool // styles for which the theme's font was read
	opened    []string                // addresses that the system was asked to open
	openErr   error
}

func (d *desk) OpenURL(u *url.URL) error {
	d.opened = append(d.opened, u.String())
	return d.openErr
}

// Settings are those of Fyne. Its theme writes down which fonts are read.
func (d *desk) Settings() fyne.Settings { return &spySettings{d.App.Settings(), d} }

type spySettings struct {
	fyne.Settings
	desk *desk
}

func (s *spySettings) SetTheme(theme fyne.Theme) {
	s.desk.fonts = map[fyne.TextStyle]bool{}
	s.Settings.SetTheme(&spyTheme{theme, s.desk})
}

type spyTheme struct {
	fyne.Theme
	desk *desk
}

func (t *spyTheme) Font(style fyne.TextStyle) fyne.Resource {
	t.desk.fonts[style] = true
	return t.Theme.Font(style)
}

type queue struct {
	fyne.Driver
	functions  chan func()
	animations []*fyne.Animation // that repeat for ever
}

func (q *queue) DoFromGoroutine(f func(), _ bool) { q.functions <- f }

func (q *queue) StartAnimation(a *fyne.Animation) {
	if a.RepeatCount == fyne.AnimationRepeatForever {
		q.animations = append(q.animations, a)
	}
	q.Driver.StartAnimation(a)
}

func (q *queue) StopAnimation(a *fyne.Animation) {
	q.animations = slices.DeleteFunc(q.animations, func(other *fyne.Animation) bool { return other == a })
	q.Driver.StopAnimation(a)
}

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
	stuck := time.After(60 * time.Second)
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
		if e := ui.EntryOf(o); e != nil {
			entries = append(entries, e)
		}
	}
	return entries
}

// focused is the field that has the focus, nil if none has.
func (d *desk) focused() *widget.Entry {
	field, _ := d.win.Canvas().Focused().(fyne.CanvasObject)
	return ui.EntryOf(field)
}

// check is a box to tick.
func (d *desk) check(words string) *widget.Check {
	d.t.Helper()
	for _, o := range d.objects() {
		if c := ui.CheckOf(o); c != nil && c.Text == words {
			return c
		}
	}
	d.t.Fatalf("there is no box %q; the window says\n%s", words, d.words())
	return nil
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
