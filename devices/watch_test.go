package devices_test

import (
	"context"
	"slices"
	"testing"

	"parley/devices"
)

func TestWatchTellsOfDevicesThatComeAndGo(t *testing.T) {
	s := server(t)
	s.AddSpeaker("Desk Speaker")
	ctx, cancel := context.WithCancel(context.Background())
	changes, ended := make(chan []string, 100), make(chan struct{})
	go func() {
		defer close(ended)
		devices.Watch(ctx, func() { changes <- labelsOf(devices.List(devices.KindSpeaker)) })
	}()
	await := func(want ...string) {
		for !slices.Equal(<-changes, want) {
		}
	}
	await("Desk Speaker")
	s.AddSpeaker("Head Phones")
	await("Desk Speaker", "Head Phones")
	s.Remove("Desk Speaker")
	await("Head Phones")
	cancel()
	<-ended
	goleakAfter(t)
}
