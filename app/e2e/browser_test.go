package e2e_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"parley/app/browser"
	"parley/app/e2e"
)

// received is what the page's function of that name returns.
type received struct {
	FramesDecoded        int     `json:"framesDecoded"`
	TotalSamplesReceived int     `json:"totalSamplesReceived"`
	TotalAudioEnergy     float64 `json:"totalAudioEnergy"`
	Failure              string  `json:"failure"`
	Closed               string  `json:"closed"`
}

func receivedFrom(t *testing.T, b *browser.Browser, name string) received {
	t.Helper()
	r := e2e.Evaluate[received](t, b, fmt.Sprintf("received(%q)", name))
	if r.Failure != "" || r.Closed != "" {
		t.Fatalf("the page failed: %s %s", r.Failure, r.Closed)
	}
	return r
}

// The browser comes second and offers, or is first and is offered to.
func TestABrowserThatSpeaksTheProtocolIsInTheCall(t *testing.T) {
	for name, browserFirst := range map[string]bool{"the browser offers": false, "the browser answers": true} {
		t.Run(name, func(t *testing.T) {
			_, server := e2e.StartServer(t, "0")
			query := url.Values{"server": {server}, "room": {"mixed"}, "name": {"Browser"}}
			var tab *browser.Browser
			if browserFirst {
				tab = e2e.OpenBrowser(t, query)
				e2e.Eventually(t, "the browser is in the room", func() bool { return e2e.Evaluate[bool](t, tab, "typeof me === 'object'") })
			}
			ann := silent(t, "--server", server, "--name", "Ann", "mixed")
			if !browserFirst {
				ann.Await("joined")
				tab = e2e.OpenBrowser(t, query)
			}
			ann.AwaitPictures(1)
			if energy := ann.Last().Peers[0].InAudio.TotalAudioEnergy; energy == 0 {
				e2e.Eventually(t, "the browser's beeps are heard", func() bool {
					peers := ann.Last().Peers
					return len(peers) == 1 && peers[0].InAudio.TotalAudioEnergy > 0
				})
			}
			first := receivedFrom(t, tab, "Ann")
			e2e.Eventually(t, "the browser decodes Ann's picture and hears her tones", func() bool {
				now := receivedFrom(t, tab, "Ann")
				return now.FramesDecoded > first.FramesDecoded+10 && now.TotalAudioEnergy > first.TotalAudioEnergy
			})
			// As RED, that is: a copy in Opus itself (in-band FEC) counts only where a packet was lost.
			e2e.Eventually(t, "the browser's sound comes with copies of itself", func() bool {
				peers := ann.Last().Peers
				return len(peers) == 1 && peers[0].InAudio.FECPacketsReceived > 50
			})
		})
	}
}

// The settings say what a call may use of the network, and a browser is told by what it has always heeded.
func TestABrowserSendsNoMoreThanTheUserAllows(t *testing.T) {
	config := t.TempDir()
	if err := os.MkdirAll(filepath.Join(config, "parley"), 0o700); err != nil {
		t.Fatal(err)
	}
	const limit = 300_000 // bit/s
	settings := fmt.Sprintf(`{"limits":{"down":%d}}`, limit)
	if err := os.WriteFile(filepath.Join(config, "parley", "settings.json"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	_, server := e2e.StartServer(t, "0")
	ann := e2e.Join(t, []string{"XDG_CONFIG_HOME=" + config}, "--no-window", "--microphone", "tone", "--speaker", "none",
		"--server", server, "--name", "Ann", "mixed")
	ann.Await("joined")
	tab := e2e.OpenBrowser(t, url.Values{"server": {server}, "room": {"mixed"}, "name": {"Browser"}})
	ann.AwaitPictures(1)
	e2e.Eventually(t, "the browser means to send no more than that", func() bool {
		target := e2e.Evaluate[float64](t, tab, "measured().then(l => l.peers[0]?.outVideo?.targetBitrate ?? 0)")
		return 0 < target && target < limit
	})
	before := ann.Last().Peers[0].InVideo.FramesDecoded
	e2e.Eventually(t, "its pictures go on", func() bool { return ann.Last().Peers[0].InVideo.FramesDecoded > before+20 })
}
