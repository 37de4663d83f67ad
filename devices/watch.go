package devices

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// watchEvery is how often Watch looks: sound systems and some drivers say nothing of a change.
	watchEvery = time.Second
	// watchSettle is between a change of which the system tells and a look: a node is made first and its permissions set next.
	watchSettle = 100 * time.Millisecond
)

// Watch calls changed once it knows the lists of cameras, microphones and speakers, and then whenever one of them has changed, or the
// reason why a device cannot be opened, within two seconds of that, until ctx ends. It blocks until then, and calls changed on the
// caller's goroutine. It opens no device that runs. Screens and windows come and go all the time: who shows them asks [List].
func Watch(ctx context.Context, changed func()) {
	hints, stop := hints()
	defer stop()
	watch(ctx, hints, listAll, changed)
}

// watch looks once a watchEvery, and soon after each hint.
func watch(ctx context.Context, hints <-chan struct{}, look func() []string, changed func()) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var before []string
	for first := true; ; first = false {
		if now := look(); first || !slices.Equal(before, now) {
			before = now
			changed()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-hints:
			select {
			case <-ctx.Done():
				return
			case <-time.After(watchSettle):
			}
		}
	}
}

// listAll describes all devices that Watch is about, so that two moments can be compared.
func listAll() []string {
	var all []string
	for _, kind := range []Kind{KindCamera, KindMicrophone, KindSpeaker} {
		for _, d := range List(kind) {
			all = append(all, fmt.Sprintf("%s %q %v %v", d.Kind, d.Label, d.Default, d.Err))
		}
	}
	return all
}
