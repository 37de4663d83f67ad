package audio_test

import (
	"container/heap"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/audio"
	"parley/devices"
	"parley/devices/tone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The tests run in a bubble of testing/synctest: its clock jumps ahead when all goroutines wait, so that seconds of sound take
// milliseconds, and arrive at exactly the times that a test says. The bubble fails if a goroutine outlives the test.

// device is a microphone or speaker that ticks by the bubble's clock.
type device struct {
	label string
	began time.Time

	hardware bool
	stop     chan struct{}
	done     chan struct{}
	once     sync.Once
	wait     sync.WaitGroup

	mu  sync.Mutex
	err error
}

func startDevice(label string, period time.Duration, tick func()) *device {
	d := &device{label: label, began: time.Now(), stop: make(chan struct{}), done: make(chan struct{})}
	d.wait.Go(func() {
		ticker := time.NewTicker(period)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				tick()
			case <-d.stop:
				return
			}
		}
	})
	return d
}

func (d *device) Label() string         { return d.label }
func (d *device) Hardware() bool        { return d.hardware }
func (d *device) Done() <-chan struct{} { return d.done }
func (d *device) end()                  { d.once.Do(func() { close(d.stop) }) }

func (d *device) Close() error {
	d.end()
	d.wait.Wait()
	return nil
}

func (d *device) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// unplug ends the device with an error; stall lets it fall silent without a word.
func (d *device) unplug(err error) {
	d.mu.Lock()
	d.err = err
	d.mu.Unlock()
	d.end()
	close(d.done)
}

func (d *device) stall() { d.end() }

// ended says whether the device was closed, or ended by itself.
func (d *device) ended() bool {
	select {
	case <-d.stop:
		return true
	default:
		return false
	}
}

// hum makes a sound in which a gap or a click stands out: 100 Hz of half the full scale.
func hum() func([]int16) {
	n := 0
	return func(samples []int16) {
		for i := range samples {
			samples[i] = int16(16384 * math.Sin(2*math.Pi*100*float64(n)/audio.SampleRate))
			n++
		}
	}
}

// steepest is the largest step between two samples.
//
//go:norace
func steepest(samples []int16) (steepest int) {
	for i := 1; i < len(samples); i++ {
		step := int(samples[i]) - int(samples[i-1])
		steepest = max(steepest, step, -step)
	}
	return steepest
}

// bothOf returns a function that fills both channels with what a function fills one with.
func bothOf(fill func([]int16)) func(both []int16) {
	var one []int16
	return func(both []int16) {
		one = slices.Grow(one[:0], len(both)/audio.Channels)[:len(both)/audio.Channels]
		fill(one)
		toBoth(both, one)
	}
}

// What goes through every sample that a test plays is left out of the race detector's sight, which takes far longer than the rest: the samples are the
// goroutine's own.
//
//go:norace
func toBoth(both, one []int16) {
	for i, s := range one {
		both[audio.Channels*i], both[audio.Channels*i+1] = s, s
	}
}

// side returns one of two channels: 0 is the left one.
//
//go:norace
func side(both []int16, which int) []int16 {
	one := make([]int16, len(both)/audio.Channels)
	for i := range one {
		one[i] = both[audio.Channels*i+which]
	}
	return one
}

// room is a machine with microphones and speakers. A microphone's label is its voice: "0" to "3" sing, "hush" is silent, "hum" is
// loud and low, the default is "0", and any other is not there. What the speakers "loud" and "louder" play is recorded.
type room struct {
	mu          sync.Mutex
	played      []int16 // on the left
	playedRight []int16
	microphones []*device
	speakers    []*device
	opening     time.Duration // how long opening takes
	slow        time.Duration // how much longer than 10 ms the microphone's block lasts
	gulp        int           // blocks that the speaker asks for at once; 0 is 1
	once        bool          // a microphone can be open only once
	make        func([]int16) // what the microphone "mouth" hears
	band        func([]int16) // what the microphone "band" hears, on two channels
	hardware    bool          // devices opened from now on say that they are hardware
	air         []int16       // all that speakers played; the microphone "echo" hears it 60 ms later, and softer
}

// taken says whether a microphone is open that can be open only once.
func (r *room) taken(label string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.once && slices.ContainsFunc(r.microphones, func(d *device) bool { return d.label == label && !d.ended() })
}

func (r *room) openMicrophone(label string, channels int, block func([]int16, time.Time)) (audio.Device, error) {
	time.Sleep(r.opening)
	if label == devices.Default {
		label = "0"
	}
	if r.taken(label) {
		return nil, devices.ErrNotReadable
	}
	var fill func([]int16)
	switch label {
	case "hum":
		fill = hum()
	case "mouth":
		fill = r.make
	case "echo":
		fill = r.echo()
	case "band":
	case "hush":
		fill = func(samples []int16) { clear(samples) }
	case "0", "1", "2", "3":
		fill = tone.NewSource(int(label[0] - '0')).Fill
	default:
		return nil, devices.ErrNotFound
	}
	fill = bothOf(fill)
	if label == "band" {
		fill = r.band
	}
	samples := make([]int16, channels*audio.BlockSize)
	d := startDevice(label, 10*time.Millisecond+r.slow, func() {
		fill(samples)
		block(samples, time.Now())
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	d.hardware = r.hardware
	r.microphones = append(r.microphones, d)
	return d, nil
}

func (r *room) openSpeaker(label string, channels int, fill func([]int16)) (audio.Device, error) {
	if label != "loud" && label != "louder" && label != devices.None {
		return nil, devices.ErrNotFound
	}
	samples := make([]int16, channels*audio.BlockSize)
	gulp := max(1, r.gulp)
	d := startDevice(label, time.Duration(gulp)*10*time.Millisecond, func() {
		for range gulp {
			fill(samples)
			r.mu.Lock()
			if label != devices.None {
				left := side(samples, 0)
				r.air = append(r.air, left...)
				r.played = append(r.played, left...)
				r.playedRight = append(r.playedRight, side(samples, 1)...)
			}
			r.mu.Unlock()
		}
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	d.hardware = r.hardware
	r.speakers = append(r.speakers, d)
	return d, nil
}

// echo hears what speakers play.
func (r *room) echo() func([]int16) {
	r.mu.Lock()
	at := len(r.air) - 6*audio.BlockSize
	r.mu.Unlock()
	return func(samples []int16) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for i := range samples {
			samples[i] = 0
			if at >= 0 && at < len(r.air) {
				samples[i] = r.air[at] / 3
			}
			at++
		}
	}
}

// heard returns what the speakers played on the left since it was last asked.
func (r *room) heard() []int16 {
	r.mu.Lock()
	defer r.mu.Unlock()
	played := r.played
	r.played, r.playedRight = nil, nil
	return played
}

// heardOnBothSides is like heard, and returns what was played on the right, too.
func (r *room) heardOnBothSides() (left, right []int16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left, right = r.played, r.playedRight
	r.played, r.playedRight = nil, nil
	return left, right
}

func (r *room) newest(list *[]*device) *device {
	r.mu.Lock()
	defer r.mu.Unlock()
	return (*list)[len(*list)-1]
}

// engine returns an engine in the room, closed at the end of the test.
func (r *room) engine(t *testing.T) *audio.Engine {
	t.Helper()
	e := audio.NewEngine(audio.Config{OpenMicrophone: r.openMicrophone, OpenSpeaker: r.openSpeaker})
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// listener returns an engine that plays on the room's speaker.
func (r *room) listener(t *testing.T) *audio.Engine {
	t.Helper()
	e := r.engine(t)
	if err := e.SetSpeaker("loud"); err != nil {
		t.Fatal(err)
	}
	return e
}

// bubble runs a test on a clock of its own.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// fate says how long the n-th packet takes; less than 0 is never. It may change the packet.
type fate func(n int, p *rtp.Packet) time.Duration

const never = -1

// path is the network between a wire and a receiver: each packet takes as long as its fate says. It is the receiver's track, too.
type path struct {
	fate  fate
	twice bool // each packet arrives again 5 ms later

	mu     sync.Mutex
	n      int
	flying flight
	wake   chan struct{}
	ended  bool
	limit  time.Time // read deadline
	read   uint8     // payload type of the packet read last
}

// Codec is that of the packet read last, as with webrtc.TrackRemote.
func (p *path) Codec() webrtc.RTPCodecParameters {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read == redType {
		return redCodec
	}
	return opusCodec
}

func newPath(fate fate) *path {
	return &path{fate: fate, wake: make(chan struct{}, 1)}
}

func steady(delay time.Duration) fate {
	return func(int, *rtp.Packet) time.Duration { return delay }
}

func (p *path) send(packet *rtp.Packet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	if delay := p.fate(p.n-1, packet); delay >= 0 {
		p.deliver(packet, delay)
		if p.twice {
			p.deliver(packet, delay+5*time.Millisecond)
		}
	}
}

func (p *path) deliver(packet *rtp.Packet, delay time.Duration) {
	heap.Push(&p.flying, arrival{packet.Clone(), time.Now().Add(delay), p.n})
	p.poke()
}

func (p *path) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// end makes the next read fail, as that of a closed connection.
func (p *path) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.poke()
}

func (p *path) SetReadDeadline(limit time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = limit
	p.poke()
	return nil
}

func (p *path) ReadRTP() (*rtp.Packet, interceptor.Attributes, error) {
	for {
		p.mu.Lock()
		wait := time.Hour
		switch {
		case p.ended:
			p.mu.Unlock()
			return nil, nil, io.EOF
		case !p.limit.IsZero() && !time.Now().Before(p.limit):
			p.mu.Unlock()
			return nil, nil, os.ErrDeadlineExceeded
		case len(p.flying) > 0:
			wait = time.Until(p.flying[0].at)
			if wait <= 0 {
				packet := heap.Pop(&p.flying).(arrival).packet
				p.read = packet.PayloadType
				p.mu.Unlock()
				return packet, nil, nil
			}
		}
		p.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-p.wake:
		}
		timer.Stop()
	}
}

type arrival struct {
	packet *rtp.Packet
	at     time.Time
	n      int // packets that arrive at once arrive in the order in which they were sent
}

type flight []arrival

func (f flight) Len() int { return len(f) }
func (f flight) Less(i, j int) bool {
	return f[i].at.Before(f[j].at) || f[i].at.Equal(f[j].at) && f[i].n < f[j].n
}

func (f flight) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *flight) Push(x any)   { *f = append(*f, x.(arrival)) }

func (f *flight) Pop() any {
	last := len(*f) - 1
	x := (*f)[last]
	*f = (*f)[:last]
	return x
}

// call lets a singer's microphone be heard by a listener over a path.
type call struct {
	red              bool // both know RED
	here, there      room
	singer, listener *audio.Engine
	wire             *wire
	path             *path
	receiver         *audio.Receiver
}

func newCall(t *testing.T, voice string, fate fate) *call {
	t.Helper()
	c := &call{path: newPath(fate)}
	c.start(t, voice)
	return c
}

func (c *call) start(t *testing.T, voice string) {
	t.Helper()
	c.singer, c.listener = c.here.engine(t), c.there.listener(t)
	c.wire = &wire{feed: c.singer.NewFeed(), red: c.red, to: c.path}
	c.wire.bind(t)
	c.receiver = c.listener.Receive(c.path, levelID)
	if err := c.singer.SetMicrophone(voice); err != nil {
		t.Fatal(err)
	}
}

// inOrder returns how many tones of a voice were heard in a row since the last time.
func (c *call) inOrder(voice int) int { return tone.InOrder(tone.Detect(c.there.heard()), voice) }

func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
