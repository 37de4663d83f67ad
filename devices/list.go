package devices

import (
	"fmt"
	"slices"
)

// List returns what there is of one kind: the hardware first, with what cannot be opened and why, then the test
// source. It opens nothing, but asks the system, which may take some ten milliseconds. Any goroutine may call it.
func List(kind Kind) []Device {
	var list []Device
	switch kind {
	case KindCamera:
		list = append(preferFirst(listCameras()), Device{Kind: kind, Label: Pattern, Test: true})
	case KindMicrophone:
		list = append(listSound(kind), Device{Kind: kind, Label: Tone, Test: true})
	case KindSpeaker:
		list = listSound(kind)
	case KindScreen, KindWindow:
		list = listScreens(kind)
	}
	return list
}

// preferFirst marks the camera that [Default] opens: the first that may be, or else the first.
func preferFirst(list []Device) []Device {
	if len(list) > 0 {
		at := slices.IndexFunc(list, func(d Device) bool { return d.Err == nil })
		list[max(at, 0)].Default = true
	}
	return list
}

// labels makes labels unique within a list.
type labels map[string]bool

// newLabels knows the labels that have a meaning of their own.
func newLabels() labels {
	return labels{Default: true, None: true, Pattern: true, Tone: true, Ask: true, anyCamera: true}
}

// unique returns name, or name with a number from 2 on.
func (l labels) unique(name string) string {
	if name == "" {
		name = "unnamed"
	}
	label := name
	for n := 2; l[label]; n++ {
		label = fmt.Sprintf("%s (%d)", name, n)
	}
	l[label] = true
	return label
}
