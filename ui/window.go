package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"parley/assets"
	"parley/devices"
)

// screen is what fills a window.
type screen interface {
	object() fyne.CanvasObject
	shown()               // it is in the window now
	onMedia()             // something about the own devices changed
	onKey(*fyne.KeyEvent) // a key went down
	close()               // ends its goroutines; it is not used again
}

// Window is Parley's window. Its methods may be called from any goroutine, except for [Window.ShowAndRun].
type Window struct {
	env     *env
	screen  screen
	media   poke
	call    Call    // nil in the lobby
	events  *inbox  // of the call
	request Request // of the call, or what the lobby begins with
	closed  bool
	hidden  bool // by the system
}

// NewWindow makes the window and shows the lobby in it, or with options.Join dials at once. Call it on the main
// goroutine, before the app runs. It takes over media.Watch and the app's theme; [Window.ShowAndRun] or, where the
// app is run by somebody else, [Window.Close] ends what it started.
func NewWindow(app fyne.App, media Media, dialer Dialer, settings Settings, options Options) *Window {
	app.Settings().SetTheme(look{settings.Theme()})
	app.SetIcon(fyne.NewStaticResource("parley.png", assets.AppIcon))
	w := &Window{}
	w.env = &env{
		app: app, window: app.NewWindow("Parley"), media: media, dialer: dialer, settings: settings,
		host: thisHost(), shutter: newShutter(options.OnPaint), tried: make(map[devices.Kind]bool), shareRate: 15,
	}
	now := time.Now
	w.env.clock.Store(&now)
	w.media.run = func() {
		w.screen.onMedia()
		w.env.menu.update()
	}
	w.request = beginning(settings, options)
	w.env.window.SetPadded(false)
	w.env.window.SetMaster()
	w.env.window.Resize(fyne.NewSize(1280, 800))
	w.env.window.SetCloseIntercept(w.onClose)
	w.listenToKeys()
	w.showLobby()
	media.Watch(w.media.now)
	w.media.now() // what changed since the lobby was made, nobody told
	if options.Join {
		w.screen.onKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) // as the user would
	}
	return w
}

// beginning is what the fields of the first lobby contain.
func beginning(settings Settings, options Options) Request {
	room, name := settings.Last()
	request := Request{Room: options.Room, Name: options.Name}
	if request.Name == "" {
		request.Name = name
	}
	if request.Room == "" {
		request.Room = room
	}
	if request.Room == "" {
		request.Room = newRoomName()
	}
	return request
}

// ShowAndRun shows the window and runs the app until the window is closed, by the user or by [Window.Close]. A call is
// hung up then. It returns when everything that the window started has ended.
func (w *Window) ShowAndRun() {
	w.env.window.ShowAndRun()
	w.shutDown() // the app was quit some other way
	w.env.work.Wait()
}

// Close closes the window, and hangs up.
func (w *Window) Close() { fyne.Do(w.onClose) }

// SetHidden says whether the system has taken the window out of sight, or shows it again: a window that is minimised needs no pictures.
func (w *Window) SetHidden(hidden bool) {
	fyne.Do(func() {
		w.hidden = hidden
		if s, ok := w.screen.(*callScreen); ok {
			s.setAway(hidden)
		}
	})
}

func (w *Window) onClose() {
	if w.shutDown() {
		w.env.window.Close()
	}
}

// shutDown ends the call and the screen, and says whether they had not been ended before.
func (w *Window) shutDown() bool {
	if w.closed {
		return false
	}
	w.closed = true
	w.env.media.Watch(func() {})
	w.media.run = func() {}
	w.endCall()
	w.screen.close()
	return true
}

// listenToKeys hands keys that go down to the screen, and hangs up by Ctrl+H and Ctrl+W. On a desktop keys that repeat
// because they are held do not count.
func (w *Window) listenToKeys() {
	onKey := func(key *fyne.KeyEvent) { w.screen.onKey(key) }
	if c, ok := w.env.window.Canvas().(desktop.Canvas); ok {
		c.SetOnKeyDown(onKey)
	} else {
		w.env.window.Canvas().SetOnTypedKey(onKey)
	}
	for _, key := range []fyne.KeyName{fyne.KeyH, fyne.KeyW} {
		shortcut := &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
		w.env.window.Canvas().AddShortcut(shortcut, func(fyne.Shortcut) { w.onHangUp() })
	}
}

// show puts a screen into the window. The earlier one has been closed.
func (w *Window) show(s screen, title string) {
	w.env.menu.close()
	w.screen = s
	w.env.window.SetTitle(title)
	w.env.window.Canvas().Unfocus() // Fyne forgets a focused field without a word, and its cursor would blink for ever
	w.env.window.SetContent(container.NewStack(w.env.shutter.object, s.object()))
	s.shown()
}

func (w *Window) showLobby() {
	w.show(newLobby(w.env, w.request, w.onDial), "Parley")
}

// onDial starts a call and shows it. An error means that the input was bad; the screen stays.
func (w *Window) onDial(request Request) error {
	events := &inbox{}
	var shown *callScreen
	events.poke.run = func() {
		if shown != nil && shown == w.screen {
			shown.onCall(events.take())
		}
	}
	c, err := w.env.dialer.Dial(request, events.put)
	if err != nil {
		return err
	}
	w.endCall()
	w.screen.close()
	w.call, w.events, w.request = c, events, request
	w.env.settings.Dialled(request.Room, request.Name)
	shown = newCallScreen(w.env, c, w.onHangUp, func() { w.onDialAgain(request) })
	w.show(shown, c.Room()+" – Parley")
	shown.setAway(w.hidden)
	shown.onCall(events.take())
	return nil
}

// onDialAgain dials the same room after a call failed. What was good input before can only be bad now if the server was
// changed meanwhile; the lobby then says so.
func (w *Window) onDialAgain(request Request) {
	if err := w.onDial(request); err != nil {
		w.onHangUp()
		w.screen.(*lobby).complain(err)
	}
}

// onHangUp ends the call and goes back to the lobby.
func (w *Window) onHangUp() {
	s, ok := w.screen.(*callScreen)
	if !ok {
		return
	}
	w.endCall()
	s.close()
	w.env.window.SetFullScreen(false)
	w.showLobby()
}

// endCall hangs up and remembers the call.
func (w *Window) endCall() {
	if w.call == nil {
		return
	}
	w.events.close() // what happens while it leaves is of no interest, and may come when there is no window any more
	w.call.Leave()
	w.call = nil
	if s, ok := w.screen.(*callScreen); ok {
		if at := s.joinedAt.Load(); at != nil {
			w.env.settings.Ended(Recent{Room: w.request.Room, At: *at, Duration: s.duration()})
		}
	}
}

var _, _ screen = (*lobby)(nil), (*callScreen)(nil)
