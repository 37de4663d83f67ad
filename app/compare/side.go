package main

import (
	"os"
	"time"
)

// kind is what program a side runs.
type kind string

const (
	parley   kind = "Parley"
	chromium kind = "Chromium"
)

// side is one of the two programs of a call.
type side interface {
	// now returns what the side has measured up to now, or up to a moment within the next second.
	now() line
	// last returns what now would, or what it was a second ago, and does not wait.
	last() line
	// pid is the process of which all others of the program are children.
	pid() int
}

// line is what a side measured: a line of Parley's report, or what the page says in the same form.
type line struct {
	T                float64   `json:"t"` // s since 1970
	State            string    `json:"state"`
	JoinToFirstFrame float64   `json:"joinToFirstFrame"` // ms
	Ages             []float64 `json:"ages"`             // ms, of pictures shown since the line before
	Failure          string    `json:"failure"`
	Closed           string    `json:"closed"`
	Peers            []peer    `json:"peers"`
}

// peer is what comes from another side.
type peer struct {
	Name     string   `json:"name"`
	InVideo  inVideo  `json:"inVideo"`
	InAudio  inAudio  `json:"inAudio"`
	OutVideo outVideo `json:"outVideo"`
}

type inVideo struct {
	FramesDecoded        float64 `json:"framesDecoded"`
	FrameWidth           float64 `json:"frameWidth"`
	FrameHeight          float64 `json:"frameHeight"`
	FreezeCount          float64 `json:"freezeCount"`
	TotalFreezesDuration float64 `json:"totalFreezesDuration"`
	MimeType             string  `json:"mimeType"` // Parley's alone, as is the next

	CapturesToPainted []float64 `json:"capturesToPainted"` // ms, of pictures shown since the line before
}

// outVideo is Parley's alone.
type outVideo struct {
	FramesEncoded float64 `json:"framesEncoded"`
	FrameWidth    float64 `json:"frameWidth"`
	FrameHeight   float64 `json:"frameHeight"`
	BytesSent     float64 `json:"bytesSent"`
}

type inAudio struct {
	TotalSamplesReceived float64 `json:"totalSamplesReceived"`
	ConcealedSamples     float64 `json:"concealedSamples"`
}

// video and audio return what comes from the other side of a call of two, and outVideo what goes there; nothing when that is not there.
func (l line) video() inVideo {
	if len(l.Peers) == 0 {
		return inVideo{}
	}
	return l.Peers[0].InVideo
}

func (l line) audio() inAudio {
	if len(l.Peers) == 0 {
		return inAudio{}
	}
	return l.Peers[0].InAudio
}

func (l line) outVideo() outVideo {
	if len(l.Peers) == 0 {
		return outVideo{}
	}
	return l.Peers[0].OutVideo
}

// videoOf returns the picture that comes from the person with that name.
func (l line) videoOf(name string) inVideo {
	for _, p := range l.Peers {
		if p.Name == name {
			return p.InVideo
		}
	}
	return inVideo{}
}

// seat says how a side takes part. One that is not otherwise told has no picture, and the tones of package tone for a sound.
type seat struct {
	name, server string
	relay        *relayAccess // nil: directly

	video         bool
	width, height int
	window        bool   // a real one; Chromium has none
	lobby         bool   // Parley begins with it, and joins once it has stood for a moment, as Chromium does once its devices are open
	windowSize    string // "" for the one that Parley opens with
	counter       bool   // each picture of the camera says when it was taken, as those of Parley always do
	ages          bool   // measure the time from capture to shown
	keepsSize     bool   // Chromium's picture does not become smaller, as it soon does without need; Parley's has the size of its tile

	silent              bool     // no microphone
	sound               []string // the environment of a sound server whose devices are used
	microphone, speaker string   // their labels there

	every time.Duration // of Parley's report; 0 stands for a second
}

// reportOften is for a call in which each picture is of interest.
const reportOften = 100 * time.Millisecond

// relayAccess is how a side reaches the relay.
type relayAccess struct{ address, user, password string }

// sit starts a program of that kind and joins.
func (c *call) sit(k kind, s seat) side {
	if k == parley {
		return sitParley(c.harness, s)
	}
	return sitChromium(c.harness, c.files, s)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
