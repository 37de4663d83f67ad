package main

import (
	"fmt"
	"time"

	"parley/call/impair"
)

// scenario is one way to call. It is measured for each of its pairs.
type scenario struct {
	name, title string
	pairs       []pair
	measure     func(*call) []flow
}

var (
	alike  = []pair{{chromium, chromium}, {parley, parley}}
	anyTwo = []pair{{chromium, chromium}, {parley, parley}, {parley, chromium}}
)

// small is a call with a camera of 640x360 at 30 frames a second and a known sound.
var small = seat{width: 640, height: 360, video: true}

// large is one of 1280x720.
var large = seat{width: 1280, height: 720, video: true}

// scenarios are all, in the order of the tables.
func scenarios() []scenario {
	all := []scenario{{"perfect", "No impairment", anyTwo, network(impair.Conditions{}, small)}}
	for _, percent := range []float64{0, 5, 10, 20} {
		all = append(all, scenario{
			fmt.Sprintf("loss-%.0f", percent), fmt.Sprintf("50 ms one way, %.0f %% loss", percent), anyTwo,
			network(impair.Conditions{Delay: 50 * time.Millisecond, Loss: percent / 100}, small),
		})
	}
	all = append(all, []scenario{
		{"cap-500", "50 ms one way, 500 kbit/s", anyTwo, network(impair.Conditions{Delay: 50 * time.Millisecond, Rate: 500_000}, small)},
		{"change", "50 ms one way, 3 Mbit/s to 300 kbit/s and back", anyTwo, change},
		{"black", "50 ms one way, black for 10 s", anyTwo, blackout},
		{"latency", "Capture to shown, 640x360", anyTwo, latency(small)},
		{"join", "First frame", alike, join},
		{"load-360", "Cost of a call, 640x360", alike, load(small)},
		{"load-720", "Cost of a call, 1280x720", alike, load(large)},
		{"mesh", "Cost of sending 640x360 to more", alike, mesh},
		{"crowd", "Memory with four others of 1280x720", alike, crowd},
	}...)
	for _, percent := range []float64{5, 10, 20} {
		all = append(all, scenario{
			fmt.Sprintf("sound-%.0f", percent), fmt.Sprintf("Sound alone, 50 ms one way, %.0f %% loss", percent), anyTwo,
			network(impair.Conditions{Delay: 50 * time.Millisecond, Loss: percent / 100}, seat{}),
		})
	}
	return append(all, []scenario{
		{"speech-0", "Speech, 50 ms one way, no loss", eachWay, speech(&impair.Conditions{Delay: 50 * time.Millisecond})},
		{"speech-20", "Speech, 50 ms one way, 20 % loss", eachWay, speech(&impair.Conditions{Delay: 50 * time.Millisecond, Loss: 0.2})},
		{"mouth", "Mouth to ear, no impairment", eachWay, mouthToEar},
	}...)
}
