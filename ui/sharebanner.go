package ui

import (
	"errors"
	"fmt"
	"log/slog"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"parley/call"
	"parley/devices"
)

// shareBanner says what the user shares, or why that came to an end, for as long as they may need to know.
type shareBanner struct {
	env   *env
	box   *panel
	line  *fyne.Container // on it
	words *text

	stop, settings, dismiss *button
	state                   shareWords
	dismissed               string // the words that the user has read
}

// shareWords are what the banner says of a call.Sharing.
type shareWords struct {
	words    string // empty when there is nothing to say
	failed   bool
	stop     string // what ends it; empty when there is nothing to end
	settings string // the page of the system's settings that helps
}

const bannerHeight float32 = 40

func newShareBanner(env *env, onKey func(*fyne.KeyEvent), onDismissed func()) *shareBanner {
	b := &shareBanner{env: env}
	b.words = newText(&text{strong: true, shrink: true})
	act := func(words string, do func()) *button {
		return newButton(&button{words: words, tappable: tappable{onTapped: do, onKey: onKey}})
	}
	b.stop = act("Stop sharing", func() { env.media.StopSharing() })
	b.settings = act("Open settings", b.onSettings)
	b.dismiss = act("Dismiss", func() {
		b.dismissed = b.state.words
		b.update()
		onDismissed()
	})
	place := func(_ []fyne.CanvasObject, size fyne.Size) {
		right := size.Width
		for _, o := range []*button{b.dismiss, b.stop, b.settings} {
			if o.Visible() {
				own := o.MinSize()
				right -= own.Width
				put(o, right, (size.Height-own.Height)/2, own.Width, own.Height)
				right -= 18
			}
		}
		height := b.words.MinSize().Height
		put(b.words, 0, (size.Height-height)/2, max(0, right), height)
	}
	b.line = container.New(layoutFunc{min: fyne.NewSize(200, bannerHeight), layout: place}, b.words, b.stop, b.settings, b.dismiss)
	b.box = newPanel(&panel{corner: cornerField, insetX: 16, content: b.line})
	b.box.Hide()
	return b
}

// update reads afresh how sharing goes, and says whether the banner came or went.
func (b *shareBanner) update() bool {
	now := b.env.host.sharing(b.env.media.Sharing())
	if !now.failed {
		b.dismissed = ""
	}
	show := now.words != "" && now.words != b.dismissed
	changed := show != b.box.Visible()
	b.state = now
	ink := colorText
	if now.failed {
		ink = colorCaution
		b.box.paint(colorCautionOn, colorCaution)
	} else {
		b.box.paint(colorRaised, colorLine)
	}
	b.words.set(now.words)
	b.words.recolor(ink)
	b.stop.Hidden = now.stop == ""
	b.stop.set(now.stop)
	b.settings.Hidden = now.settings == ""
	b.dismiss.Hidden = !now.failed
	b.box.Hidden = !show
	b.line.Refresh()
	b.box.Refresh()
	return changed
}

func (b *shareBanner) onSettings() {
	if err := b.env.openURL(b.state.settings); err != nil {
		slog.Warn("the system's settings did not open", "error", err)
		b.settings.set("The settings did not open")
		b.line.Refresh()
	}
}

// sharing says in words how sharing goes.
func (h host) sharing(s call.Sharing) shareWords {
	asks := s.Label == devices.Ask
	name := s.Using
	if name == "" && !asks {
		name = s.Label
	}
	what := "“" + name + "”"
	if name == "" {
		what = "your screen"
	}
	switch {
	case s.Open:
		return shareWords{words: "You are sharing " + what, stop: "Stop sharing"}
	case s.Opening && asks:
		return shareWords{words: "Choose in the window of your system what to share.", stop: "Do not share"}
	case s.Opening:
		return shareWords{words: "Starting to share " + what, stop: "Do not share"}
	case s.Err == nil:
		return shareWords{}
	}
	w := shareWords{failed: true}
	switch {
	case errors.Is(s.Err, devices.ErrNotAllowed) && (asks || h.os == "linux"):
		w.words = "Nothing is shared: the system did not allow it, or nothing was chosen."
	case errors.Is(s.Err, devices.ErrNotAllowed):
		why, out := h.permission(s.Kind)
		w.words, w.settings = "Nothing is shared: Parley may not. "+why, out.settings
	case errors.Is(s.Err, devices.ErrGone):
		w.words = capital(what) + " was closed, so it is no longer shared."
	case errors.Is(s.Err, devices.ErrNotFound):
		w.words = capital(what) + " is not there any more. Share something else."
	default:
		w.words = fmt.Sprintf("%s cannot be shared: %v.", capital(what), s.Err)
	}
	return w
}
