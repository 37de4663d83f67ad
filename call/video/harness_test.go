package video_test

import (
	"context"
	"image"
	"io"
	"math"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/codec"
	"parley/call/video"
	"parley/devices/frame"
	"parley/devices/pattern"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	framesPerSecond = 30
	frameTime       = time.Second / framesPerSecond
	source          = 77 // of the pattern
)

// camera is a source that draws the pattern thirty times a second, with its own time since it was made.
type camera struct {
	mu            sync.Mutex
	width, height int
	late          time.Duration // between capture and delivery

	pool frame.Pool
	base time.Time
	next time.Time
}

func newCamera(width, height int) *camera {
	return &camera{width: width, height: height, base: time.Now()}
}

func (c *camera) resize(width, height int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.width, c.height = width, height
}

func (c *camera) Next(ctx context.Context) (*frame.Frame, error) {
	if now := time.Now(); c.next.Before(now.Add(-frameTime)) { // at the start, and after a pause
		c.next = now.Add(frameTime)
	} else {
		c.next = c.next.Add(frameTime)
	}
	timer := time.NewTimer(time.Until(c.next) + c.late)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c.mu.Lock() // only now: a bubble of synctest stands still while somebody waits for a mutex
	width, height := c.width, c.height
	c.mu.Unlock()
	f := c.pool.Get(width, height)
	f.Captured = c.next
	pattern.Draw(f.YCbCr, c.next.Sub(c.base), source)
	return f, nil
}

// wire is a peer connection without a network: what is written to it is read from it, except what is lost. It is the
// writer of one binding and the track of one receiver.
type wire struct {
	packets chan []byte
	drop    func(n int, h *rtp.Header, payload []byte) bool // nil loses nothing
	edit    func(h *rtp.Header)                             // nil changes nothing

	deadline time.Time // of reads; the reader's

	mu     sync.Mutex
	n      int // written so far
	closed bool
	copies *wire // gets everything as well
}

func newWire() *wire { return &wire{packets: make(chan []byte, 1<<14)} }

func (w *wire) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	header := *h
	if w.edit != nil {
		w.edit(&header)
	}
	raw, err := (&rtp.Packet{Header: header, Payload: payload}).Marshal()
	if err != nil {
		return 0, err
	}
	w.mu.Lock()
	n := w.n
	w.n++
	w.mu.Unlock()
	if w.drop == nil || !w.drop(n, &header, payload) {
		w.deliver(raw)
	}
	return len(raw), nil
}

// deliver makes raw the next packet that is read.
func (w *wire) deliver(raw []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.packets <- raw
	if w.copies != nil {
		w.copies.deliver(raw)
	}
}

// copyTo makes other get everything from now on that w gets.
func (w *wire) copyTo(other *wire) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.copies = other
}

func (w *wire) Write([]byte) (int, error) { panic("the sender writes header and payload") }

func (w *wire) Read(b []byte) (int, interceptor.Attributes, error) {
	var expired <-chan time.Time
	if !w.deadline.IsZero() {
		timer := time.NewTimer(time.Until(w.deadline))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case raw, ok := <-w.packets:
		if !ok {
			return 0, nil, io.EOF
		}
		return copy(b, raw), nil, nil
	case <-expired:
		return 0, nil, os.ErrDeadlineExceeded
	}
}

func (w *wire) SetReadDeadline(t time.Time) error {
	w.deadline = t
	return nil
}

func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.packets)
	}
}

// context is what a peer connection tells a track when it binds it.
type bindContext struct {
	webrtc.TrackLocalContext
	id     string
	writer webrtc.TrackLocalWriter
	codec  string        // 96; empty is none
	also   []codec.Codec // in their usual payload types
}

func (c bindContext) ID() string                           { return c.id }
func (c bindContext) SSRC() webrtc.SSRC                    { return 4711 }
func (c bindContext) WriteStream() webrtc.TrackLocalWriter { return c.writer }
func (c bindContext) CodecParameters() []webrtc.RTPCodecParameters {
	all := []webrtc.RTPCodecParameters{{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "video/other"}, PayloadType: 95}}
	if c.codec != "" {
		all = append(all, webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: c.codec, ClockRate: 90000}, PayloadType: 96})
	}
	for _, other := range c.also {
		all = append(all, webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: other.MIMEType, ClockRate: 90000, SDPFmtpLine: other.Fmtp},
			PayloadType:        webrtc.PayloadType(other.PayloadType),
		})
	}
	return all
}

// outlets are those that bind made, by sender and id.
var outlets sync.Map

type outletKey struct {
	s  *video.Sender
	id string
}

// bind lets one more person get what s sends.
func bind(t testing.TB, s *video.Sender, id string, w webrtc.TrackLocalWriter) *video.Outlet {
	t.Helper()
	return bindAs(t, s, bindContext{id: id, writer: w, codec: webrtc.MimeTypeVP8})
}

func bindAs(t testing.TB, s *video.Sender, c bindContext) *video.Outlet {
	t.Helper()
	o := s.NewOutlet()
	if _, err := o.Bind(c); err != nil {
		t.Fatal(err)
	}
	outlets.Store(outletKey{s, c.id}, o)
	return o
}

func unbind(t testing.TB, s *video.Sender, id string) {
	t.Helper()
	o, _ := outlets.Load(outletKey{s, id})
	if err := o.(*video.Outlet).Unbind(bindContext{id: id}); err != nil {
		t.Fatal(err)
	}
}

// viewer runs a receiver and looks at every picture that it puts out.
type viewer struct {
	*video.Receiver
	slot frame.Slot
	done chan error

	mu       sync.Mutex
	asked    []time.Time // for key frames
	shown    []shown
	problems []string
}

type shown struct {
	at            time.Time
	counter       uint64
	width, height int
}

// watch starts a receiver on w; request is what happens, beside being noted, when it asks for a key frame.
func watch(w video.Track, request func()) *viewer {
	return watchWith(video.ReceiverConfig{Track: w, RequestKeyFrame: request})
}

// watchWith starts a receiver of its own slot.
func watchWith(cfg video.ReceiverConfig) *viewer {
	v := &viewer{done: make(chan error, 1)}
	v.slot.Watch(v.look)
	request := cfg.RequestKeyFrame
	cfg.Out = &v.slot
	cfg.RequestKeyFrame = func() {
		v.mu.Lock()
		v.asked = append(v.asked, time.Now())
		v.mu.Unlock()
		if request != nil {
			request()
		}
	}
	v.Receiver = video.NewReceiver(cfg)
	go func() { v.done <- v.Run() }()
	return v
}

// look reads the pattern and compares the whole picture with what the camera drew at that time.
func (v *viewer) look() {
	f := v.slot.Take()
	if f == nil {
		return
	}
	defer f.Release()
	reading, ok := pattern.Read(f.YCbCr)
	width, height := f.Size()
	original := image.NewYCbCr(f.Rect, image.YCbCrSubsampleRatio420)
	pattern.Draw(original, time.Duration(reading.Counter)*time.Microsecond, source)

	v.mu.Lock()
	defer v.mu.Unlock()
	v.shown = append(v.shown, shown{time.Now(), reading.Counter, width, height})
	if !ok {
		v.problems = append(v.problems, "a picture cannot be read")
	} else if q := psnr(f.YCbCr, original); q < 20 {
		v.problems = append(v.problems, "a picture is unlike its original")
	}
}

func psnr(a, b *image.YCbCr) float64 {
	sum := 0.0
	for i := range a.Y {
		d := float64(a.Y[i]) - float64(b.Y[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(a.Y))/(sum+1e-9))
}

// pictures returns what was shown, after checking that it was sound and moved forward only.
func (v *viewer) pictures(t testing.TB) []shown {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, problem := range v.problems {
		t.Error(problem)
	}
	for i := 1; i < len(v.shown); i++ {
		if v.shown[i].counter <= v.shown[i-1].counter {
			t.Errorf("picture %d shows %d after %d", i, v.shown[i].counter, v.shown[i-1].counter)
		}
	}
	return slices.Clone(v.shown)
}

func (v *viewer) requests() []time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.asked)
}

// call is one sender, one receiver, and the wire between them.
type call struct {
	camera *camera
	sender *video.Sender
	wire   *wire
	viewer *viewer
}

// newCall starts a call of a small picture. Change the wire in prepare.
func newCall(t testing.TB, prepare func(*wire)) *call {
	t.Helper()
	c := &call{camera: newCamera(320, 180), sender: video.NewSender(video.SenderConfig{BitRate: 1_000_000}), wire: newWire()}
	if prepare != nil {
		prepare(c.wire)
	}
	c.viewer = watch(c.wire, c.sender.RequestKeyFrame)
	bind(t, c.sender, "peer", c.wire)
	c.sender.SetSource(c.camera)
	return c
}

// end hangs up and waits until everything has ended.
func (c *call) end(t testing.TB) {
	t.Helper()
	if err := c.sender.Close(); err != nil {
		t.Error(err)
	}
	c.wire.close()
	if err := <-c.viewer.done; err != nil {
		t.Errorf("the receiver ended with %v", err)
	}
}
