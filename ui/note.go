package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"parley/devices"
)

// note says calmly, in its place, why a device does not work and what to do. It is hidden while all is well.
type note struct {
	*fyne.Container

	kind devices.Kind
	env  *env

	set     func(...run)
	command *button // Copy command
	now     trouble
}

func newNote(kind devices.Kind, env *env) *note {
	n := &note{kind: kind, env: env}
	paragraph, set := newParagraph(fyne.TextAlignLeading)
	n.set = set
	n.command = newButton(&button{words: "Copy command", tappable: tappable{onTapped: n.onCopy}})
	again := newButton(&button{words: "Try again", tappable: tappable{onTapped: n.onAgain}})
	again.label = "Try the " + string(kind) + " again"
	actions := container.New(row{gap: 22}, n.command, again, newText(&text{content: consequence(kind), color: colorQuiet}))
	n.Container = container.New(&column{}, newPanel(&panel{
		fill: colorCautionOn, line: colorCaution, corner: cornerField, insetX: 16, insetY: 14,
		content: container.New(&column{gap: 10}, paragraph, actions),
	}))
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
	n.set(run{content: now.what + " ", color: colorCaution, strong: true}, run{content: now.why, color: colorText})
	n.command.set("Copy command")
	n.command.Hidden = now.command == ""
	n.Container.Hidden = !bad
	n.Container.Refresh()
	return true
}

func (n *note) onCopy() {
	n.env.copyText(n.now.command)
	n.command.set("Copied")
}

func (n *note) onAgain() { n.env.media.Use(n.kind, n.env.media.Choice(n.kind).Label) }
