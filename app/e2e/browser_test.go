package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"

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

// openBrowser opens testdata/peer.html in a Chromium with a camera and a microphone of its own.
func openBrowser(t *testing.T, query url.Values) context.Context {
	t.Helper()
	pages := httptest.NewServer(http.FileServer(http.Dir("testdata")))
	t.Cleanup(pages.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("disable-quic", true),
	)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	tab, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if _, err := chromedp.Run(tab, chromedp.Navigate(pages.URL+"/peer.html?"+query.Encode())); err != nil {
		t.Fatalf("opening the page: %v", err)
	}
	return tab
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium here: make test installs it")
	return ""
}

func receivedFrom(t *testing.T, tab context.Context, name string) received {
	t.Helper()
	r, err := chromedp.Run(tab, chromedp.Evaluate[received](fmt.Sprintf("received(%q)", name), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("asking the page: %v", err)
	}
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
			var tab context.Context
			if browserFirst {
				tab = openBrowser(t, query)
				e2e.Eventually(t, "the browser is in the room", func() bool {
					in, err := chromedp.Run(tab, chromedp.Evaluate[bool]("typeof me === 'object'"))
					if err != nil {
						t.Fatal(err)
					}
					return in
				})
			}
			ann := silent(t, "--server", server, "--name", "Ann", "mixed")
			if !browserFirst {
				ann.Await("joined")
				tab = openBrowser(t, query)
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
		})
	}
}
