package main

import (
	"fmt"
	"time"

	"parley/call/impair"
)

// scenario is one way to call. It is measured for each of its pairs.
type scenario struct {
	name, title string
	note        string // what the figures contain
	pairs       []pair
	measure     func(*call) []flow
	goals       []goal
}

var (
	alike   = []pair{{chromium, chromium}, {parley, parley}}
	anyTwo  = []pair{{chromium, chromium}, {parley, parley}, {parley, chromium}}
	parleys = []pair{{parley, parley}}
)

// small is a call with a camera of 640x360 at 30 frames a second and a known sound.
var small = seat{width: 640, height: 360, video: true}

// large is one of 1280x720.
var large = seat{width: 1280, height: 720, video: true, keepsSize: true}

// far is a path of 50 ms one way.
var far = impair.Conditions{Delay: 50 * time.Millisecond}

func lossy(percent float64) impair.Conditions {
	path := far
	path.Loss = percent / 100
	return path
}

func capped(rate int) impair.Conditions {
	path := far
	path.Rate = rate
	return path
}

// policed is a path that keeps next to nothing waiting.
func policed(rate int) impair.Conditions {
	path := capped(rate)
	path.Queue = 30 * time.Millisecond
	return path
}

// scenarios are all, in the order of the tables.
func scenarios() []scenario {
	all := []scenario{{name: "perfect", title: "No impairment", pairs: anyTwo, measure: network(impair.Conditions{}, small)}}
	all = append(all, losses()...)
	all = append(all, changes()...)
	all = append(all, costs()...)
	return append(all, sounds()...)
}

func losses() []scenario {
	goals := map[float64][]goal{
		5:  {of("frozen", partOfChromiums(1)), of("concealed", partOfChromiums(0.5))},
		10: {of("frozen", partOfChromiums(1)), of("concealed", partOfChromiums(0.5), below(1))},
		20: {
			of("fps", atLeast(28)), of("frozen", partOfChromiums(0.5)), of("width", above(320)), of("height", above(180)),
			of("concealed", partOfChromiums(0.5)),
		},
	}
	var all []scenario
	for _, percent := range []float64{0, 5, 10, 20} {
		all = append(all, scenario{
			name: fmt.Sprintf("loss-%.0f", percent), title: fmt.Sprintf("50 ms one way, %.0f %% loss", percent), pairs: anyTwo,
			measure: network(lossy(percent), small), goals: goals[percent],
		})
	}
	return all
}

func changes() []scenario {
	const narrow = 500_000
	return []scenario{
		{
			name: "cap-500", title: "50 ms one way, 500 kbit/s", pairs: anyTwo, measure: network(capped(narrow), small),
			goals: []goal{of("fps", atLeast(30)), of("frozen", atMost(0)), of("share", atLeast(80)), of("queue95", below(150))},
		},
		{
			name: "change", title: "50 ms one way, 3 Mbit/s to 300 kbit/s and back", pairs: anyTwo, measure: change,
			note: "The sound is of the 15 s after the fall; what is heard of it is measured further down, with speech. A queue of 280 ms is 1.9 % " +
				"of that time: for about as long Chromium makes up sound, where it receives from Parley.",
			goals: []goal{of("down", atMost(3)), of("up", atMost(10)), of("fallConcealed", below(1))},
		},
		{
			name: "black", title: "50 ms one way, black for 10 s", pairs: anyTwo, measure: blackout,
			goals: []goal{of("back", atMost(1.5))},
		},
		{
			name: "policed", title: "50 ms one way, 500 kbit/s, beyond which it drops", pairs: anyTwo, measure: network(policed(narrow), small),
			note:  "No packet waits for more than 30 ms; one that would is dropped, so that loss alone tells what the path bears.",
			goals: []goal{of("frozen", partOfChromiums(1))},
		},
		{
			name: "gaps", title: "50 ms one way, silent for 50 to 300 ms every few seconds", pairs: anyTwo, measure: rough(gaps),
			note:  "What is sent meanwhile is lost, both ways. 30 s.",
			goals: []goal{of("frozen", partOfChromiums(1))},
		},
		{
			name: "wandering", title: "50 ms one way, 100 kbit/s to 3 Mbit/s, another rate each second or so", pairs: anyTwo, measure: rough(wandering),
			note:  "As of a phone that moves about; up to 600 ms wait. 30 s.",
			goals: []goal{of("frozen", partOfChromiums(1))},
		},
		{
			name: "download", title: "50 ms one way, 3 Mbit/s, beside a download", pairs: anyTwo, measure: rough(besideDownload),
			note:  "One connection of TCP each way shares the queue with the call, from the sixth of 30 s on.",
			goals: []goal{of("frozen", partOfChromiums(1))},
		},
	}
}

func costs() []scenario {
	return []scenario{
		{
			name: "latency", title: "Capture to shown, 640x360", pairs: eachWay, measure: latency(small),
			note: "From the moment at which the camera's picture is drawn until the receiver's window was painted with it by a software GL, buffers " +
				"swapped (Parley, a window of " + shownAt + " on a virtual display, with a tile of 640x360 and a small one of the own camera), or it was given to the compositor, which has " +
				"not painted yet (Chromium, presentationTime of requestVideoFrameCallback). All pictures that were shown after the first 30 s of a call: " +
				"until then Chromium may not yet hold pictures for their sound as long as it will. No relay. The sender has no window.",
			goals: []goal{of("age", partOfChromiums(1)), of("age95", partOfChromiums(1))},
		},
		{
			name: "join", title: "First frame", pairs: eachWay, measure: join,
			note: "From dialling, by somebody who has been in the lobby of a window of 1280x800 that a software GL paints (Parley), or on a page with its camera open (Chromium), for a " +
				"moment, until the first picture of the other is given to that window, or to the compositor (requestVideoFrameCallback). No relay.",
			goals: []goal{of("join", partOfChromiums(1))},
		},
		{
			name: "load-360", title: "Cost of a call, 640x360", pairs: alike, measure: load(small),
			note: windows, goals: []goal{of("cpu", partOfChromiums(0.6))},
		},
		{
			name: "load-720", title: "Cost of a call, 1280x720", pairs: alike, measure: load(large),
			note: windows + kept, goals: []goal{of("cpu", partOfChromiums(0.6))},
		},
		{
			name: "codec-360", title: "A call beside its codec, 640x360", pairs: parleys, measure: besideCodec(small),
			note: beside, goals: []goal{of("besideCodec", atMost(1.5))},
		},
		{
			name: "codec-720", title: "A call beside its codec, 1280x720", pairs: parleys, measure: besideCodec(large),
			note: beside, goals: []goal{of("besideCodec", atMost(1.5))},
		},
		{
			name: "mesh", title: "Cost of sending 640x360 to more", pairs: alike, measure: mesh,
			note:  "The first costs what sending to one takes more than being alone in the room.",
			goals: []goal{of("further", atMost(0.3))},
		},
		{
			name: "crowd", title: "Memory with four others of 1280x720", pairs: alike, measure: crowd,
			note: windows, goals: []goal{of("pss", atMost(160))},
		},
	}
}

const (
	windows = "Parley with a window of 1280x800 that a software GL paints; its memory contains what that needs."
	kept    = " Chromium is told to keep the picture's size (degradationPreference), else it sends 960x540 and pays for no more than that."
	beside  = "Of each side, without a window. The codec alone encodes and decodes as many pictures of that size at that rate, at their pace, for both sides at once " +
		"right after the call, which has sound and draws the test camera's picture besides."
)

func sounds() []scenario {
	var all []scenario
	for _, percent := range []float64{5, 10, 20} {
		goals := []goal{of("concealed", partOfChromiums(0.5))}
		if percent == 10 {
			goals = []goal{of("concealed", partOfChromiums(0.5), below(1))}
		}
		all = append(all, scenario{
			name: fmt.Sprintf("sound-%.0f", percent), title: fmt.Sprintf("Sound alone, 50 ms one way, %.0f %% loss", percent), pairs: anyTwo,
			measure: network(lossy(percent), seat{}), goals: goals,
		})
	}
	clear, bad := far, lossy(20)
	return append(all, []scenario{
		{name: "speech-0", title: "Speech, 50 ms one way, no loss", pairs: eachWay, measure: speech(&clear)},
		{
			name: "speech-20", title: "Speech, 50 ms one way, 20 % loss", pairs: eachWay, measure: speech(&bad),
			goals: []goal{
				of("stoi", above(0.94), aboveChromiums()), of("estoi", above(0.89), aboveChromiums()), of("gap", below(20)),
			},
		},
		{
			name: "speech-fall", title: "Speech beside pictures, 50 ms one way, 3 Mbit/s to 300 kbit/s", pairs: eachWay, measure: speechAroundFall,
			note:  "What is heard in the 15 s after the fall, and the second before it. It is cut where nothing is heard for as long as two packets of sound last.",
			goals: []goal{of("gap", below(40))},
		},
		{
			name: "mouth", title: "Mouth to ear, no impairment", pairs: eachWay, measure: mouthToEar,
			note:  "Through null sinks. No start-up excess is one of less than a packet of 20 ms.",
			goals: []goal{of("mouthToEar", below(80)), of("mouthToEarExcess", below(20))},
		},
		{
			name: "echo", title: "Echo in a synthetic room", pairs: parleys, measure: echo,
			note:  "With echo cancellation, noise suppression and gain (the benchmark of call/apm), by the library that this machine has.",
			goals: []goal{of("echo2", atLeast(25)), of("echoSettled", atLeast(45)), of("doubleTalk", below(3))},
		},
		{
			name: "engine", title: "Cost of sound", pairs: parleys, measure: engine,
			note:  "All that the engine does, devices aside, while everybody talks (the benchmark of call/audio).",
			goals: []goal{of("engine1", atMost(3)), of("engineFurther", atMost(0.5))},
		},
	}...)
}
