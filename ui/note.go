package ui

import (
	"log/slog"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"parley/devices"
)

// note says calmly, in its place, why a device does not work and what to do, or which other device stands in for it. It is
// hidden while all is well.
type note struct {
	*fyne.Container

	kind devices.Kind
	env  *env

	ground   *panel
	actions  *fyne.Container
	words    *paragraph
	command  *button // Copy command
	settings *button // Open settings
	without  *text   // what the call is without the device
	now      trouble
}

func newNote(kind devices.Kind, env *env) *note {
	n := &note{kind: kind, env: env}
	n.words = newParagraph(fyne.TextAlignLeading)
	n.command = newButton(&button{words: "Copy command", tappable: tappable{onTapped: n.onCopy}})
	n.settings = newButton(&button{words: "Open settings", tappable: tappable{onTapped: n.onSettings}})
	again := newButton(&button{words: "Try again", tappable: tappable{onTapped: n.onAgain}})
	again.label = "Try the " + string(kind) + " again"
	n.without = newText(&text{content: consequence(kind), color: colorQuiet, shrink: true})
	n.actions = container.New(row{gap: 22}, n.command, n.settings, again, n.without)
	n.ground = newPanel(&panel{
		corner: cornerField, insetX: 16, insetY: 14,
		content: container.New(&column{gap: 10}, n.words, n.actions),
	})
	n.Container = container.New(&column{}, n.ground)
	n.Hide()
	n.update()
	return n
}

// update reads afresh what is wrong, and says whether the note came, went or changed.
func (n *note) update() bool {
	now, bad := n.env.host.explain(n.kind, n.env.media.Choice(n.kind))
	if bad == n.Visible() && now == n.now {
		return false
	}
	n.now = now
	if now.mild {
		n.words.set(run{content: now.what + " ", color: colorText}, run{content: now.why, color: colorText})
		n.ground.paint(colorRaised, colorLine)
	} else {
		n.words.set(run{content: now.what + " ", color: colorCaution, strong: true}, run{content: now.why, color: colorText})
		n.ground.paint(colorCautionOn, colorCaution)
	}
	n.command.set("Copy command")
	n.command.Hidden = now.command == ""
	n.settings.set("Open settings")
	n.settings.Hidden = now.settings == ""
	n.without.Hidden = now.mild
	n.Container.Hidden = !bad
	n.actions.Refresh()
	n.Container.Refresh()
	return true
}

func (n *note) onCopy() {
	n.env.copyText(n.now.command)
	n.command.set("Copied")
	n.actions.Refresh()
}

func (n *note) onSettings() {
	if err := n.env.openURL(n.now.settings); err != nil {
		slog.Warn("the system's settings did not open", "error", err)
		n.settings.set("The settings did not open")
		n.actions.Refresh()
	}
}

func (n *note) onAgain() { n.env.tryAgain(n.kind) }
