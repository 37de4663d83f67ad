package devices

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// List returns what there is of one kind: the hardware first, with what cannot be opened and why, then the test
// source. It opens nothing, but asks the system, which may take some ten milliseconds. Any goroutine may call it.
func List(kind Kind) []Device {
	var list []Device
	switch kind {
	case KindCamera:
		list = append(listCameras(), Device{Kind: kind, Label: Pattern, Test: true})
	case KindMicrophone:
		list = append(listSound(kind), Device{Kind: kind, Label: Tone, Test: true})
	case KindSpeaker:
		list = listSound(kind)
	}
	return list
}

func listSound(kind Kind) []Device {
	var list []Device
	for _, h := range theSound.list(kind) {
		list = append(list, h.Device)
	}
	return list
}

// watchEvery is how often Watch looks.
const watchEvery = 2 * time.Second

// Watch calls changed once it knows the lists, and then whenever one of them has changed, within two seconds of that, until ctx
// ends. It blocks until then, and calls changed on the caller's goroutine.
func Watch(ctx context.Context, changed func()) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var before []string
	for {
		if now := listAll(); !slices.Equal(before, now) {
			before = now
			changed()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// listAll describes all devices, so that two moments can be compared.
func listAll() []string {
	var all []string
	for _, kind := range []Kind{KindCamera, KindMicrophone, KindSpeaker} {
		for _, d := range List(kind) {
			all = append(all, fmt.Sprint(d.Kind, d.Label, d.Default, d.Err))
		}
	}
	return all
}

// labels makes labels unique within a list.
type labels map[string]bool

// newLabels knows the labels that have a meaning of their own.
func newLabels() labels {
	return labels{Default: true, None: true, Pattern: true, Tone: true}
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
