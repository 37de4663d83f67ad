//go:build linux

package x11_test

import (
	"image"
	"image/color"
	"testing"
	"time"

	"parley/devices/x11"
	"parley/devices/x11/x11test"
)

// BenchmarkCapture reads and converts a screen of 1920x1080 of which all, or 40 rows, change between two pictures.
func BenchmarkCapture(b *testing.B) {
	for name, size := range map[string]image.Point{"all": {1920, 1080}, "line": {1920, 40}} {
		b.Run(name, func(b *testing.B) {
			d := x11test.Start(b, "1920x1080", "24")
			b.Setenv("DISPLAY", d.Name)
			w := d.Open("Slides", image.Rectangle{Max: size})
			list, err := x11.Monitors()
			if err != nil {
				b.Fatal(err)
			}
			c, err := x11.OpenMonitor(list[0].Name, 240)
			if err != nil {
				b.Fatal(err)
			}
			pictures := 0
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				w.Fill([]color.Color{red, blue}[pictures%2])
				time.Sleep(10 * time.Millisecond) // the next one is due by now
				b.StartTimer()
				f, err := c.Grab()
				if err != nil {
					b.Fatal(err)
				}
				f.Release()
				pictures++
			}
			c.Close()
			_, _ = c.Grab()
		})
	}
}

// BenchmarkSmall takes a thumbnail of a screen of 1920x1080.
func BenchmarkSmall(b *testing.B) {
	d := x11test.Start(b, "1920x1080", "24")
	b.Setenv("DISPLAY", d.Name)
	list, err := x11.Monitors()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := x11.MonitorPicture(list[0].Name, 320, 180); err != nil {
			b.Fatal(err)
		}
	}
}
