package ui_test

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"parley/call"
	"parley/devices/frame"
	"parley/ui"
)

func BenchmarkBuildingTheLobby(b *testing.B) {
	for b.Loop() {
		d := newDesk(b, ui.Options{}, nil)
		d.win.Resize(fyne.NewSize(1280, 800))
		d.close()
	}
}

func BenchmarkBuildingACallOfNine(b *testing.B) {
	for b.Loop() {
		d := newDesk(b, ui.Options{Join: true}, nil)
		for i := range 8 {
			d.dialer.calls[0].join(call.Person{ID: fmt.Sprint(i), Name: "Somebody", State: call.PersonConnected, Camera: true})
		}
		d.dialer.calls[0].become(call.Joined, nil)
		d.win.Resize(fyne.NewSize(1280, 800))
		d.settle()
		d.close()
	}
}

// BenchmarkDevelopingAPicture is what a tile costs by the frame, away from the UI goroutine: crop, scale, convert.
func BenchmarkDevelopingAPicture(b *testing.B) {
	for _, size := range [][2]int{{1240, 652}, {614, 320}, {400, 225}, {208, 117}} {
		b.Run(fmt.Sprintf("720p into %dx%d", size[0], size[1]), func(b *testing.B) {
			f := frame.New(1280, 720)
			develop := ui.NewDeveloper(false)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := develop(f, size[0], size[1]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
