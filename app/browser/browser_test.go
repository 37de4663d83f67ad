package browser_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image/png"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/app/browser"
	"parley/app/e2e"
	"parley/devices/pattern"
)

// open opens the page, which joins nobody.
func open(t *testing.T, query url.Values) *browser.Browser {
	t.Helper()
	query.Set("dial", "later")
	return e2e.OpenBrowser(t, query)
}

// shown is a video element that shows what the page's pattern camera draws.
const shown = `const video = document.createElement('video');
	document.body.append(video);
	video.muted = true;
	video.srcObject = new MediaStream([pattern.camera(640, 360, 30)]);
	await video.play();`

func TestThePageDrawsTheCounterAndReadsIt(t *testing.T) {
	b := open(t, url.Values{
		"camera": {"none"}, "microphone": {"none"}, "seed": {strconv.Itoa(int(pattern.Seed()))},
		"clock": {strconv.FormatInt(time.Now().UnixMicro()-pattern.Now().Microseconds(), 10)},
	})
	before := pattern.Now()
	data := e2e.Evaluate[string](t, b, `(async () => {`+shown+`
		const canvas = document.createElement('canvas');
		[canvas.width, canvas.height] = [640, 360];
		canvas.getContext('2d').drawImage(video, 0, 0);
		return canvas.toDataURL().split(',')[1];
	})()`)
	picture, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	found := pattern.Find(img)
	if len(found) != 1 {
		t.Fatalf("package pattern finds %d blocks in what the page draws", len(found))
	}
	// Both clocks are the machine's, give or take what it took to compare them.
	const clocks = 50 * time.Millisecond
	if age := found[0].Age(); age < 0 || age > pattern.Now()-before+clocks {
		t.Errorf("the picture is %v old, and was drawn in the last %v", age, pattern.Now()-before)
	}

	age := e2e.Evaluate[float64](t, b, `(async () => {`+shown+`
		return await new Promise(resolve => pattern.follow(video, resolve));
	})()`)
	if age < -50 || age > (pattern.Now()-before).Seconds()*1000 {
		t.Errorf("the page reads that its picture is %v ms old", age)
	}
}

func TestADeviceThatIsNotThereIsToldWithThoseThatAre(t *testing.T) {
	b := open(t, url.Values{"camera": {"none"}, "microphoneLabel": {"Nobody's"}})
	if e2e.Evaluate[bool](t, b, "ready") {
		t.Fatal("a microphone that is not there was opened")
	}
	if why := e2e.Evaluate[string](t, b, "String(callFailure)"); !strings.Contains(why, `"Nobody's" among "`) {
		t.Errorf("the page says %q", why)
	}
}

func TestWithoutAChromiumThatIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := browser.Open(browser.Config{Home: t.TempDir()}, nil); !errors.Is(err, browser.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}
