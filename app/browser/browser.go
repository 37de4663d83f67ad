package browser

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrNotFound says that there is no Chromium on this machine.
var ErrNotFound = errors.New("there is no Chromium here")

//go:embed page
var files embed.FS

// Config says what a browser starts with.
type Config struct {
	Home       string   // a folder of its own, for the profile
	Env        []string // more variables of its environment
	Camera     string   // a file (.y4m, .mjpeg) that is its camera; "" for a test picture of its own
	Microphone string   // a file (.wav) that is its microphone; "" for beeps
	Devices    bool     // the microphone and the speaker of the system instead
}

// Browser is a Chromium with the page open. One goroutine may use it.
type Browser struct {
	pages  *httptest.Server
	tab    context.Context
	cancel []func()
}

// Open starts a browser without a window. The query tells the page what to do, as page/peer.html has it. The caller closes it.
func Open(cfg Config, query url.Values) (*Browser, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	pages, err := fs.Sub(files, "page")
	if err != nil {
		return nil, err
	}
	b := &Browser{pages: httptest.NewServer(http.FileServer(http.FS(pages)))}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options(path, cfg)...)
	b.cancel = append(b.cancel, cancel)
	b.tab, cancel = chromedp.NewContext(allocator)
	b.cancel = append(b.cancel, cancel)
	if _, err := chromedp.Run(b.tab, chromedp.Navigate(b.pages.URL+"/peer.html?"+query.Encode())); err != nil {
		b.Close()
		return nil, fmt.Errorf("opening the page: %w", err)
	}
	return b, nil
}

func options(path string, cfg Config) []chromedp.ExecAllocatorOption {
	all := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(cfg.Home), chromedp.WindowSize(1280, 800),
		chromedp.Env(cfg.Env...),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	if cfg.Devices {
		all = append(all, chromedp.Flag("mute-audio", false)) // chromedp mutes what has no window
	} else {
		all = append(all, chromedp.Flag("use-fake-device-for-media-stream", true))
	}
	if cfg.Camera != "" {
		all = append(all, chromedp.Flag("use-file-for-fake-video-capture", cfg.Camera))
	}
	if cfg.Microphone != "" {
		all = append(all, chromedp.Flag("use-file-for-fake-audio-capture", cfg.Microphone))
	}
	return all
}

// find returns where the program is.
func find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNotFound
}

// Evaluate returns what an expression of JavaScript in the page is, or what the promise that it is comes to.
func Evaluate[T any](b *Browser, expression string) (T, error) {
	value, err := chromedp.Run(b.tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		return value, fmt.Errorf("asking the page for %s: %w", expression, err)
	}
	return value, nil
}

// Process returns the process that is the parent of all others of the browser.
func (b *Browser) Process() *os.Process { return chromedp.FromContext(b.tab).Browser.Process() }

// Close ends the browser and waits for that.
func (b *Browser) Close() {
	for i := len(b.cancel) - 1; i >= 0; i-- {
		b.cancel[i]()
	}
	b.pages.Close()
}
